package main

import (
	"runtime"
	"testing"
	"time"
)

// What nobody waits for gives way while there is bulk work, and then only.
func TestWorkGivesWayToRequestsBesideBulkWork(t *testing.T) {
	usual := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(usual)
	h := &threads{usual: usual}
	own := niceNow(t)
	// of is how much nicer than the test a goroutine is that begins a batch.
	of := func(begin func() (end func())) int {
		found := make(chan int)
		go func() {
			defer begin()()
			found <- niceNow(t) - own
		}()
		return <-found
	}
	audit := func() (end func()) { return h.begins(false) }
	if n := of(audit); n != 0 {
		t.Errorf("without bulk work a batch is %d nicer", n)
	}
	running, ended := make(chan int), make(chan bool)
	go func() {
		defer close(ended)
		defer h.begins(true)()
		running <- niceNow(t) - own
		<-running
	}()
	want := min(own+niceness, nicest) - own
	if n := <-running; n != want {
		t.Errorf("bulk work is %d nicer, want %d", n, want)
	}
	if n := of(audit); n != want {
		t.Errorf("beside bulk work a batch is %d nicer, want %d", n, want)
	}
	if n := of(func() func() { h.merges(); return func() {} }); n != want {
		t.Errorf("beside bulk work a merge of files is %d nicer, want %d", n, want)
	}
	if niceNow(t) != own {
		t.Error("the test itself gave way")
	}
	running <- 0
	<-ended
	h.last = time.Time{} // long ago
	h.rest()
	if n := of(audit); n != 0 {
		t.Errorf("after bulk work a batch is %d nicer", n)
	}
}

// niceNow is how nice the thread is that runs the caller.
func niceNow(t *testing.T) int {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	n, err := nice()
	if err != nil {
		t.Error(err)
	}
	return n
}
