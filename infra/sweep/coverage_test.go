package sweep

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// coverage counts what a sweep of all operations came past.
type coverage struct {
	mu                               sync.Mutex
	operations, calls, storms, total int
	chosen, fitting                  map[string]int // points, by fault
}

// covered says it at the end of a test, its parallel parts included.
func covered(t *testing.T) *coverage {
	t.Helper()
	c := &coverage{chosen: map[string]int{}, fitting: map[string]int{}}
	t.Cleanup(func() { t.Log(c) })
	return c
}

func (c *coverage) add(calls, storms int, chosen, all []point) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.operations++
	c.calls += calls
	c.storms += storms
	c.total += len(chosen)
	for _, p := range chosen {
		c.chosen[p.fault.name]++
	}
	for _, p := range all {
		c.fitting[p.fault.name]++
	}
}

func (c *coverage) String() string {
	var b strings.Builder
	all := 0
	for _, n := range c.fitting {
		all += n
	}
	fmt.Fprintf(&b, "covers %d operations of %d calls: %d of %d pairs of a call and a fault, %d storms", c.operations, c.calls, c.total, all, c.storms)
	for _, f := range faults() {
		fmt.Fprintf(&b, "\n%5d of %4d  %s", c.chosen[f.name], c.fitting[f.name], f.name)
	}
	return b.String()
}

// TestOneOfEveryTakesEachFault: none is left out, however few points it has.
func TestOneOfEveryTakesEachFault(t *testing.T) {
	t.Parallel()
	var all []point
	want := map[string]int{"fails before": 3, "throttled": 1, "repeated": 1}
	for name, n := range map[string]int{"fails before": 9, "throttled": 4, "repeated": 1} {
		for i := range n {
			all = append(all, point{call{number: i}, fault{name: name}})
		}
	}
	got := map[string]int{}
	seen := map[string]bool{}
	for _, p := range oneOfEvery(4, all, true) {
		got[p.fault.name]++
		if id := fmt.Sprint(p.call.number, p.fault.name); seen[id] {
			t.Errorf("%s twice", p)
		} else {
			seen[id] = true
		}
	}
	for name, n := range want {
		if got[name] != n {
			t.Errorf("%d of %s, want %d", got[name], name, n)
		}
	}
	if n := len(oneOfEvery(4, all, false)); n != 4 {
		t.Errorf("one of every four of %d: %d", len(all), n)
	}
	if n := len(oneOfEvery(1, all, true)); n != len(all) {
		t.Errorf("one of every one: %d of %d", n, len(all))
	}
}
