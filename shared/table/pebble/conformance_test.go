package pebble_test

import (
	"sync/atomic"
	"testing"
	"time"

	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/table/tabletest"
)

// clock is a clock that a test can move on.
type clock struct{ ahead atomic.Int64 }

func (c *clock) Now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) Advance(d time.Duration) { c.ahead.Add(int64(d)) }

func open(t *testing.T, dir string, o pebble.Options) *pebble.Store {
	t.Helper()
	s, err := pebble.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestConformanceInMemory(t *testing.T) {
	t.Parallel()
	tabletest.Run(t, func(t *testing.T) tabletest.Opened {
		var c clock
		return tabletest.Opened{
			Driver:  open(t, "", pebble.Options{Memory: true, Now: c.Now}).Table("main"),
			Advance: c.Advance,
			Lacks:   tabletest.Lacks{Reopen: "a store in memory ends with its process"},
		}
	})
}

func TestConformanceOnDisk(t *testing.T) {
	t.Parallel()
	tabletest.Run(t, func(t *testing.T) tabletest.Opened {
		var c clock
		dir, o := t.TempDir(), pebble.Options{Now: c.Now}
		s := open(t, dir, o)
		return tabletest.Opened{
			Driver:  s.Table("main"),
			Advance: c.Advance,
			Reopen: func(t *testing.T) table.Driver {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				s = open(t, dir, o)
				return s.Table("main")
			},
		}
	})
}
