package main

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// Bulk work gives way, and nothing else does.
func TestBulkWorkGivesWay(t *testing.T) {
	usual := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(usual)
	synctest.Test(t, func(t *testing.T) {
		own := niceNow(t)
		found := make(chan int)
		go func() {
			defer (&threads{usual: usual}).bulkBegins()()
			found <- niceNow(t)
		}()
		if n, want := <-found, min(own+bulkNiceness, nicest); n != want {
			t.Errorf("bulk work is %d nice, want %d", n, want)
		}
		if n := niceNow(t); n != own {
			t.Errorf("others are %d nice, want %d", n, own)
		}
		time.Sleep(3 * bulkRest) // until there are the usual threads again
	})
}

// Files are written with a lower priority while there is bulk work, and only then.
func TestMergingGivesWayBesideBulkWork(t *testing.T) {
	usual := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(usual)
	synctest.Test(t, func(t *testing.T) {
		own, h := niceNow(t), &threads{usual: usual}
		is := func(want int) {
			t.Helper()
			found := make(chan int)
			go func() {
				h.merging()
				found <- niceNow(t)
			}()
			if n := <-found; n != want {
				t.Errorf("merging is %d nice, want %d", n, want)
			}
		}
		is(own)
		end := batch(h)
		is(min(own+mergeNiceness, nicest))
		end()
		is(min(own+mergeNiceness, nicest)) // it is for what was written
		time.Sleep(3 * bulkRest)
		is(own)
	})
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
