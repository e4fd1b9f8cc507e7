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
// than there are processors, and those that do the bulk work have a lower priority.
// A request that comes meanwhile is then scheduled by the operating system, and
// before that work; by the runtime's own scheduler, which knows no priorities, it
// would wait for turns of ten milliseconds. At all other times more threads would
// cost each request a fifth more processor time.
type threads struct {
	usual int

	mu    sync.Mutex
	many  bool
	begun int       // batches that have not ended
	last  time.Time // when the latest ended
}

// bulkBegins notes a batch of bulk work, and returns what notes its end. The
// goroutine that calls it gives way to all others from then on: it is to do nothing
// else.
func (t *threads) bulkBegins() (end func()) {
	t.note()
	giveWay() // without the lock, for who gives way may keep it for long
	return t.bulkEnds
}

func (t *threads) note() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begun++
	if !t.many {
		t.many = true
		runtime.GOMAXPROCS(bulkThreads * t.usual)
		time.AfterFunc(bulkRest, t.rest)
	}
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
