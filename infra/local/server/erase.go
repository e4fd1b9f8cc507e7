package server

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"rubrica/shared/ledger"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

const (
	// eraseAfter is how long nothing was deleted before files are rewritten, and
	// eraseWithin how long they may wait for that.
	eraseAfter  = 10 * time.Second
	eraseWithin = 5 * time.Minute
	// eraseShare is how much of the time the rewriting may take at most: one part of
	// so many.
	eraseShare = 20
	// eraseAgain is how long after a rewriting the next one is due, whether more was
	// removed or not: the heads of identities, which hold addresses, have expired then.
	eraseAgain = ledger.HeadFor + 5*time.Minute
)

// eraser has the embedded store forget deleted contacts: its files hold what was
// deleted from them, keys of persons included, until they are rewritten, which is
// what it has done soon after. Rows that no deletion may remove, since calls under way
// rely on them, hold the addresses that somebody took within the last hour: when those
// have expired it has the files rewritten once more. What is still to be done is a row,
// written before anything is removed: a process that is killed does it when it is
// started again.
type eraser struct {
	table       *table.Table
	compact     func(context.Context) error
	after, more time.Duration // eraseAfter and eraseAgain, but in tests
	log         *slog.Logger

	wake chan struct{}
	due  *time.Timer // runs while the last rewriting is to be followed by one more

	mu      sync.Mutex
	noted   erasure   // what the row says
	running int       // removals that have begun and not ended
	first   time.Time // when the oldest of those ended that files may still hold
	last    time.Time // when the latest ended; zero if there is none
}

// erasure is what there is to be done, as the row says it.
type erasure struct {
	// Now says that the files are to be rewritten as soon as that may be, and again
	// later.
	Now bool `json:"now,omitempty"`
	// Again is when they are to be rewritten once more; zero if they are not.
	Again time.Time `json:"again,omitzero"`
}

func newEraser(t *table.Table, compact func(context.Context) error, o Options) *eraser {
	e := &eraser{
		table: t, compact: compact, log: o.Log, wake: make(chan struct{}, 1),
		after: cmp.Or(o.EraseAfter, eraseAfter), more: cmp.Or(o.EraseAgain, eraseAgain),
		due: time.NewTimer(0),
	}
	e.due.Stop()
	return e
}

func erasureKey() table.Key { return table.In(tenant.System(), "erasure").Row("-") }

// note has the row say what there is to be done; nothing if it is nothing.
func (e *eraser) note(ctx context.Context, what erasure) error {
	ctx = tenant.Bind(ctx, tenant.System())
	if what == (erasure{}) {
		if err := e.table.Batch(ctx, nil, []table.Key{erasureKey()}); err != nil {
			return err
		}
	} else {
		doc, err := json.Marshal(what)
		if err != nil {
			return err
		}
		if err := e.table.Write(ctx, table.Put(table.Row{Key: erasureKey(), Doc: doc})); err != nil {
			return err
		}
	}
	e.noted = what
	return nil
}

// begin notes that something is about to be removed. It is durable when it returns.
func (e *eraser) begin(ctx context.Context) (end func(), err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.noted.Now {
		if err := e.note(ctx, erasure{Now: true}); err != nil {
			return nil, err
		}
	}
	e.running++
	return e.end, nil
}

// end notes that what begin noted is removed.
func (e *eraser) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.running--
	e.last = time.Now()
	if e.first.IsZero() {
		e.first = e.last
	}
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// run has files rewritten whenever there is reason to, until ctx is done.
func (e *eraser) run(ctx context.Context) {
	if err := e.resume(ctx); err != nil && ctx.Err() == nil {
		e.log.ErrorContext(ctx, "looking for what is to be erased", "error", err)
	}
	var rest time.Duration // that the machine is left alone after the last time
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.wake:
		case <-e.due.C:
		}
		if sleep(ctx, rest); !e.settled(ctx) {
			return
		}
		select { // what woke it meanwhile it has waited for
		case <-e.wake:
		default:
		}
		began := time.Now()
		err := e.erase(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			e.log.ErrorContext(ctx, "erasing deleted contacts from the files", "error", err)
			e.again()
		default:
			e.log.InfoContext(ctx, "deleted contacts are erased from the files", "took", time.Since(began).Round(time.Millisecond).String())
		}
		rest = max(e.after, (eraseShare-1)*time.Since(began))
	}
}

// resume goes on where a process before this one ended.
func (e *eraser) resume(ctx context.Context) error {
	row, err := e.table.GetOne(tenant.Bind(ctx, tenant.System()), erasureKey())
	if err != nil || !row.Exists() {
		return err
	}
	var what erasure
	if err := json.Unmarshal(row.Doc, &what); err != nil || what == (erasure{}) {
		what.Now = true // as programs before this one noted it
	}
	e.mu.Lock()
	if !e.noted.Now {
		e.noted = what
	}
	e.mu.Unlock()
	if what.Now {
		e.again()
	} else {
		e.due.Reset(time.Until(what.Again))
	}
	return nil
}

// again has it done once more, as if something had been removed now.
func (e *eraser) again() {
	e.mu.Lock()
	e.running++
	e.mu.Unlock()
	e.end()
}

// settled waits until nothing was removed for a while, so that many removals are
// one rewriting; false if ctx is done before.
func (e *eraser) settled(ctx context.Context) bool {
	for ctx.Err() == nil {
		e.mu.Lock()
		quiet, waited := time.Since(e.last), time.Since(e.first)
		e.mu.Unlock()
		if quiet >= e.after || waited >= eraseWithin {
			return true
		}
		sleep(ctx, min(e.after-quiet, eraseWithin-waited))
	}
	return false
}

// erase rewrites the files, and notes what is left to be done then. If more was
// removed meanwhile, that may be in the files still, and has asked for another time.
func (e *eraser) erase(ctx context.Context) error {
	e.mu.Lock()
	e.first, e.last = time.Time{}, time.Time{}
	left := erasure{}
	if e.noted.Now {
		left.Again = time.Now().Add(e.more)
	}
	e.mu.Unlock()
	if err := e.compact(ctx); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.running > 0 || !e.last.IsZero() {
		return nil
	}
	if err := e.note(ctx, left); err != nil {
		return fmt.Errorf("noting that it is done: %w", err)
	}
	if !left.Again.IsZero() {
		e.due.Reset(time.Until(left.Again))
	}
	return nil
}

// sleep waits, unless it is time to stop.
func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
