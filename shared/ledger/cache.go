package ledger

import (
	"sync"

	"rubrica/shared/tenant"
)

// maxCached is how many workspaces a cache knows at most: some megabytes of
// settings, and more than one process meets within minutes.
const maxCached = 10_000

// cache keeps something of each workspace in the process. What it has may be
// old: whoever uses it can tell, or need not know. It starts afresh when it is
// full, so that it does not grow for ever where there are ever more workspaces;
// that costs each of them one read. The zero cache is empty.
type cache[V any] struct {
	mu   sync.RWMutex
	kept map[tenant.Workspace]V
}

func (c *cache[V]) load(ws tenant.Workspace) (V, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	v, ok := c.kept[ws]
	return v, ok
}

func (c *cache[V]) store(ws tenant.Workspace, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(ws, v)
}

// loadOrStore keeps v unless something is kept already, and returns what is.
func (c *cache[V]) loadOrStore(ws tenant.Workspace, v V) V {
	c.mu.Lock()
	defer c.mu.Unlock()
	if kept, ok := c.kept[ws]; ok {
		return kept
	}
	c.put(ws, v)
	return v
}

func (c *cache[V]) put(ws tenant.Workspace, v V) {
	if _, known := c.kept[ws]; c.kept == nil || !known && len(c.kept) >= maxCached {
		c.kept = map[tenant.Workspace]V{}
	}
	c.kept[ws] = v
}
