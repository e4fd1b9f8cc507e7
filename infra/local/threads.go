package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// bulkThreads is how many threads run Go for each usual one while there is bulk
	// work, bulkRest how long after it.
	bulkThreads = 3
	bulkRest    = 2 * time.Second
)

// threads makes way for requests while there is bulk work: more threads run Go
// than there are processors, and those that do the bulk work, or write the files of
// the storage engine meanwhile, have a lower priority.
// A request that comes meanwhile is then scheduled by the operating system, and
// before that work; by the runtime's own scheduler, which knows no priorities, it
// would wait for turns of ten milliseconds. At all other times more threads would
// cost each request a fifth more processor time.
type threads struct {
	usual int
	many  atomic.Bool // written under mu

	mu    sync.Mutex
	begun int       // batches that have not ended
	last  time.Time // when the latest ended
}

// bulkBegins notes a batch of bulk work, and returns what notes its end. The
// goroutine that calls it gives way to all others from then on: it is to do nothing
// else.
func (t *threads) bulkBegins() (end func()) {
	t.note()
	giveWay(bulkNiceness) // without the lock, for who gives way may keep it for long
	return t.bulkEnds
}

// merging is told when the storage engine begins to write files, by a goroutine that
// ends with it: while there is bulk work this gives way as well. At all other times
// requests are what it is written for, and soon would wait for it.
func (t *threads) merging() {
	if t.many.Load() {
		giveWay(mergeNiceness)
	}
}

func (t *threads) note() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begun++
	if !t.many.Load() {
		t.many.Store(true)
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
	t.many.Store(false)
	runtime.GOMAXPROCS(t.usual)
}
