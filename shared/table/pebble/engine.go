package pebble

import (
	"errors"
	"time"

	lsm "github.com/cockroachdb/pebble/v2"
)

// QueuePrefix is the first byte of every key that the embedded queues may use
// through Engine. The other parts of the key space are the tables' own.
const QueuePrefix = 'q'

// Engine is what the embedded queues need of a Store's database, and no more.
// Whoever uses it keeps to keys that begin with QueuePrefix.
//
// All calls except Now and Closing stand between Enter and Leave: Close waits
// for whoever is inside, and nobody gets in afterwards. Leave before waiting for
// anything other than Engine itself, such as a message to come; a goroutine that
// is inside must not Enter again, it might wait for itself.
type Engine struct{ store *Store }

// Engine gives access to the queues' part of the database.
func (s *Store) Engine() *Engine { return &Engine{s} }

// Enter keeps the store open until Leave; it fails when the store is closed, or
// when the disk failed earlier.
func (e *Engine) Enter() error { return e.store.enter() }

// Leave ends what Enter began.
func (e *Engine) Leave() { e.store.leave() }

// Closing is closed when the store begins to close: whoever waits must stop.
func (e *Engine) Closing() <-chan struct{} { return e.store.closing }

// Now is the store's clock.
func (e *Engine) Now() time.Time { return e.store.now() }

// Get returns a copy of what is stored under the key, also if it is not durable
// yet; nil if there is nothing (an empty value is empty and not nil).
func (e *Engine) Get(key []byte) ([]byte, error) {
	stored, done, err := e.store.db.Get(key)
	if errors.Is(err, lsm.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, e.store.broken(err)
	}
	value := append(make([]byte, 0, len(stored)), stored...)
	return value, done.Close()
}

// Iterate walks what is stored at this moment from lower (inclusive) to upper
// (exclusive), also what is not durable yet. Key and Value are valid until the
// next step. The caller closes it, before Leave.
func (e *Engine) Iterate(lower, upper []byte) (*lsm.Iterator, error) {
	it, err := e.store.db.NewIter(&lsm.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return nil, e.store.broken(err)
	}
	return it, nil
}

// NewBatch begins a batch. It must end in Commit, CommitNoSync, Apply and Sync,
// or its own Close.
func (e *Engine) NewBatch() *lsm.Batch { return e.store.db.NewBatch() }

// Commit applies the batch, all or nothing, and returns when it is durable.
// Concurrent calls share a sync of the disk. It closes the batch.
func (e *Engine) Commit(b *lsm.Batch) error {
	if err := e.Apply(b); err != nil {
		return err
	}
	return e.Sync(b)
}

// Apply is the first half of Commit: the batch is visible to everybody when it
// returns, and durable no earlier than every batch applied before it. Callers
// that check and then apply hold their own lock around this half alone, so that
// the waiting for the disk is shared.
func (e *Engine) Apply(b *lsm.Batch) error { return e.store.apply(b) }

// Sync is the second half of Commit: it waits until an applied batch is
// durable, and closes it. Every applied batch must be given to it.
func (e *Engine) Sync(b *lsm.Batch) error { return e.store.sync(b) }

// CommitNoSync applies the batch and does not wait for the disk: after a crash
// it may be missing, though never while a later batch that was synced is there.
// For what may be repeated, such as hiding a received message. It closes the
// batch.
func (e *Engine) CommitNoSync(b *lsm.Batch) error {
	if err := e.store.db.Apply(b, lsm.NoSync); err != nil {
		return e.store.broken(err)
	}
	return b.Close()
}
