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

// threads makes way for requests while there is bulk work: more threads run Go
// than there are processors, and those that work on what nobody waits for, which
// are the batches of all queues and the merging of the store's files, have a lower
// priority. A request that comes meanwhile is then scheduled by the operating system,
// and before them; by the runtime's own scheduler, which knows no priorities, it
// would wait for turns of ten milliseconds. At all other times more threads would
// cost each request a fifth more processor time, and a lower priority would let
// audit entries wait for as long as requests take all there is.
type threads struct {
	usual int

	mu    sync.Mutex
	many  bool
	begun int       // batches of bulk work that have not ended
	last  time.Time // when the latest ended
}

// begins notes a batch, and returns what notes its end. It is called by the
// goroutine that works on it, and on nothing else.
func (t *threads) begins(bulk bool) (end func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	end = func() {}
	if bulk {
		t.begun++
		end = t.bulkEnds
	}
	if bulk && !t.many {
		t.many = true
		runtime.GOMAXPROCS(bulkThreads * t.usual)
		time.AfterFunc(bulkRest, t.rest)
	}
	if t.many {
		giveWay()
	}
	return end
}

// merges is told of each merging of the store's files, by the goroutine that does it.
func (t *threads) merges() { t.begins(false) }

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
