package server

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

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
)

// eraser has the embedded store forget deleted contacts: its files hold what was
// deleted from them, keys of persons included, until they are rewritten, which is
// what it has done soon after. That it is still to be done is a row, written before
// anything is removed: a process that is killed does it when it is started again.
type eraser struct {
	table   *table.Table
	compact func(context.Context) error
	after   time.Duration // eraseAfter, but in tests
	log     *slog.Logger

	wake chan struct{}

	mu      sync.Mutex
	marked  bool      // the row is there
	running int       // removals that have begun and not ended
	first   time.Time // when the oldest of those ended that files may still hold
	last    time.Time // when the latest ended; zero if there is none
}

func newEraser(t *table.Table, compact func(context.Context) error, after time.Duration, log *slog.Logger) *eraser {
	if after == 0 {
		after = eraseAfter
	}
	return &eraser{table: t, compact: compact, after: after, log: log, wake: make(chan struct{}, 1)}
}

func erasureKey() table.Key { return table.In(tenant.System(), "erasure").Row("-") }

// begin notes that something is about to be removed. It is durable when it returns.
func (e *eraser) begin(ctx context.Context) (end func(), err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.marked {
		if err := e.table.Write(tenant.Bind(ctx, tenant.System()), table.Put(table.Row{Key: erasureKey(), Doc: []byte(`{}`)})); err != nil {
			return nil, err
		}
		e.marked = true
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
	if err == nil && row.Exists() {
		e.mu.Lock()
		e.marked = true
		e.mu.Unlock()
		e.again()
	}
	return err
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

// erase rewrites the files, and takes the row away unless more was removed
// meanwhile: that may be in the files still, and has asked for another time.
func (e *eraser) erase(ctx context.Context) error {
	e.mu.Lock()
	e.first, e.last = time.Time{}, time.Time{}
	e.mu.Unlock()
	if err := e.compact(ctx); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.running > 0 || !e.last.IsZero() {
		return nil
	}
	if err := e.table.Batch(tenant.Bind(ctx, tenant.System()), nil, []table.Key{erasureKey()}); err != nil {
		return errors.Join(errors.New("noting that it is done"), err)
	}
	e.marked = false
	return nil
}

// sleep waits, unless it is time to stop.
func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
