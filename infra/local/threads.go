package main

import (
	"runtime"
	"sync"
	"time"
)

const (
	// bulkThreads is how many threads run Go for each usual one while there is bulk
	// work, bulkRest how long after it.
	bulkThreads = 3
	bulkRest    = 2 * time.Second
)

// threads has more threads run Go than there are processors while there is bulk
// work. A request that comes while all processors work on a job, or on the store's
// files, is then scheduled by the operating system at once; by the runtime's own
// scheduler it waits for turns of ten milliseconds. At all other times it would cost
// each request a fifth more processor time.
type threads struct {
	usual int

	mu    sync.Mutex
	many  bool
	begun int       // batches that have not ended
	last  time.Time // when the latest ended
}

// bulkBegins notes a batch of bulk work, and returns what notes its end.
func (t *threads) bulkBegins() (end func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begun++
	if !t.many {
		t.many = true
		runtime.GOMAXPROCS(bulkThreads * t.usual)
		time.AfterFunc(bulkRest, t.rest)
	}
	return t.bulkEnds
}

func (t *threads) bulkEnds() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begun--
	t.last = time.Now()
}

// rest goes back to the usual number, if there was no bulk work for a while.
func (t *threads) rest() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.begun > 0 || time.Since(t.last) < bulkRest {
		time.AfterFunc(bulkRest, t.rest)
		return
	}
	t.many = false
	runtime.GOMAXPROCS(t.usual)
}
