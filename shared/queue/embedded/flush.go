package embedded

import (
	"sync"
	"time"

	"rubrica/shared/table/pebble"
)

// flushInterval is how often at most the disk is synced for deliveries and
// deletions alone, and so how old the youngest can be that a crash takes back.
const flushInterval = 100 * time.Millisecond

// flusher brings to disk what was committed without a sync, soon and in the
// background: at once if the last time is long ago, so that a message that
// kills the process is counted; and the last deletion before a quiet night.
type flusher struct {
	engine *pebble.Engine

	mu        sync.Mutex
	requested bool
	last      time.Time
}

// request asks for a sync of what is committed from now until it happens.
func (f *flusher) request() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.requested {
		return
	}
	f.requested = true
	time.AfterFunc(flushInterval-time.Since(f.last), f.flush)
}

func (f *flusher) flush() {
	f.mu.Lock()
	f.requested = false
	f.last = time.Now()
	f.mu.Unlock()
	if f.engine.Enter() != nil {
		return // closed, which is a sync too, or broken, which everybody hears
	}
	defer f.engine.Leave()
	b := f.engine.NewBatch()
	if b.LogData(nil, nil) == nil {
		_ = f.engine.Commit(b) // the engine remembers that it failed
	}
}
