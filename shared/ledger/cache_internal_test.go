package ledger

import (
	"fmt"
	"testing"

	"rubrica/shared/tenant"
)

// TestCacheIsBounded meets more workspaces than a cache keeps: it never has
// more, always has the last one, and forgets none while there is room.
func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	var c cache[int]
	name := func(i int) tenant.Workspace {
		ws, err := tenant.Parse(fmt.Sprintf("ws-%d", i))
		if err != nil {
			t.Fatal(err)
		}
		return ws
	}
	if _, ok := c.load(name(0)); ok {
		t.Error("something is in the empty cache")
	}
	for i := range 3 * maxCached {
		if i%2 == 0 {
			c.store(name(i), i)
		} else if first, second := c.loadOrStore(name(i), i), c.loadOrStore(name(i), -i); first != i || second != i {
			t.Fatalf("workspace %d: %d, then %d", i, first, second)
		}
		if v, ok := c.load(name(i)); !ok || v != i {
			t.Fatalf("workspace %d: %d %t", i, v, ok)
		}
		if len(c.kept) > maxCached {
			t.Fatalf("%d workspaces are kept", len(c.kept))
		}
		if i == maxCached-1 {
			c.store(name(7), -7) // one that is known takes no room
			if v, _ := c.load(name(0)); len(c.kept) != maxCached || v != 0 {
				t.Fatalf("%d workspaces are kept, the first has %d", len(c.kept), v)
			}
		}
	}
}
