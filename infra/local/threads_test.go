package main

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// While there is bulk work there are more threads, and some time after the last of
// it the usual number.
func TestThreadsFollowBulkWork(t *testing.T) {
	usual := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(usual)
	synctest.Test(t, func(t *testing.T) {
		h := &threads{usual: usual}
		is := func(want int) {
			t.Helper()
			if n := runtime.GOMAXPROCS(0); n != want {
				t.Errorf("%d threads, want %d", n, want)
			}
		}
		one, two := h.begins(true), h.begins(true)
		is(bulkThreads * usual)
		time.Sleep(10 * bulkRest)
		one()
		is(bulkThreads * usual)
		time.Sleep(10 * bulkRest)
		is(bulkThreads * usual)
		two()
		time.Sleep(bulkRest / 2)
		h.begins(true)()
		time.Sleep(bulkRest / 2)
		is(bulkThreads * usual)
		time.Sleep(3 * bulkRest)
		is(usual)
		h.begins(true)()
		is(bulkThreads * usual)
		time.Sleep(3 * bulkRest)
		is(usual)
	})
}
