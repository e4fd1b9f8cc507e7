package embedded_test

import (
	"sync/atomic"
	"testing"
	"time"

	"rubrica/shared/queue"
	"rubrica/shared/queue/embedded"
	"rubrica/shared/queue/queuetest"
	"rubrica/shared/table/pebble"
)

// clock is the real time and what a test has added to it.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// openStore opens a store in memory, or in a folder, until the test ends.
func openStore(t testing.TB, dir string, c *clock) *pebble.Store {
	t.Helper()
	store, err := pebble.Open(dir, pebble.Options{Memory: dir == "", Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return store
}

func newDriver(store *pebble.Store) *embedded.Driver {
	return embedded.New(store.Engine(), embedded.Options{})
}

func TestConformance(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, func(t *testing.T) queuetest.Opened {
		c := new(clock)
		return queuetest.Opened{Driver: newDriver(openStore(t, "", c)), Advance: c.advance}
	})
}

// spec is a queue of the tests below; every test has a store of its own.
var spec = queue.Spec{Name: "work", Visibility: time.Minute, MaxReceives: 5}

var lanes = queue.Spec{Name: "jobs", FIFO: true, Visibility: time.Minute, MaxReceives: 5}
