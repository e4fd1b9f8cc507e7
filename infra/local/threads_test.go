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
		one, two := batch(h), batch(h)
		is(bulkThreads * usual)
		time.Sleep(10 * bulkRest)
		one()
		is(bulkThreads * usual)
		time.Sleep(10 * bulkRest)
		is(bulkThreads * usual)
		two()
		time.Sleep(bulkRest / 2)
		batch(h)()
		time.Sleep(bulkRest / 2)
		is(bulkThreads * usual)
		time.Sleep(3 * bulkRest)
		is(usual)
		batch(h)()
		is(bulkThreads * usual)
		time.Sleep(3 * bulkRest)
		is(usual)
	})
}

// batch begins bulk work in a goroutine of its own, and returns what ends it.
func batch(h *threads) (end func()) {
	begun, over, ended := make(chan bool), make(chan bool), make(chan bool)
	go func() {
		defer close(ended)
		defer h.bulkBegins()()
		close(begun)
		<-over
	}()
	<-begun
	return func() {
		close(over)
		<-ended
	}
}
