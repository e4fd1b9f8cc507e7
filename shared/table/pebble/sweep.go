package pebble

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	lsm "github.com/cockroachdb/pebble/v2"

	"rubrica/shared/table"
)

// sweepEvery is how often expired rows are removed from the disk. Nobody sees
// the difference: they are absent from the moment they expire.
const sweepEvery = time.Minute

// sweepRows is how many rows are removed at a time, so that writers wait for a
// fraction of a millisecond.
const sweepRows = 64

// sweepAlways removes expired rows until the store closes.
func (s *Store) sweepAlways() {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.closing:
			return
		case <-tick.C:
			if _, err := s.Sweep(context.Background()); err != nil && !errors.Is(err, ErrClosed) {
				s.logger.Error("removing expired rows", "error", err)
			}
		}
	}
}

// Sweep removes the rows of all tables that have expired by now, and says how
// many. The store does so by itself every minute. Their removal is no change,
// and is not waited for.
func (s *Store) Sweep(ctx context.Context) (int, error) {
	if err := s.begin(ctx); err != nil {
		return 0, err
	}
	defer s.leave()
	return s.sweep(ctx, s.now().Unix())
}

// sweep walks the expiry indexes up to a time, removes the rows that are expired
// now, and the entries that are out of date.
func (s *Store) sweep(ctx context.Context, until int64) (removed int, err error) {
	names, err := tablesUnder(s.db, expiryPrefix)
	if err != nil {
		return 0, s.broken(err)
	}
	for _, name := range names {
		n, err := s.Table(name).sweep(ctx, until)
		removed += n
		if err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// everExpires is later than any row expires.
const everExpires = math.MaxInt64 - 1

func (t *Table) sweep(ctx context.Context, until int64) (removed int, err error) {
	it, err := t.store.db.NewIter(&lsm.IterOptions{
		LowerBound: appendExpiry(nil, t.name, 0),
		UpperBound: appendExpiry(nil, t.name, until+1),
	})
	if err != nil {
		return 0, t.store.broken(err)
	}
	due := make([]expiry, 0, sweepRows)
	for ok := it.First(); ok && err == nil; {
		for due = due[:0]; ok && len(due) < sweepRows && err == nil; ok = it.Next() {
			var e expiry
			if e, err = parseExpiry(it.Key()[1+len(t.name)+1:]); err == nil {
				due = append(due, e)
			}
		}
		if err == nil {
			var n int
			n, err = t.expire(due)
			removed += n
		}
		switch {
		case err != nil:
		case ctx.Err() != nil:
			err = fmt.Errorf("%w: %w", table.ErrUnavailable, ctx.Err())
		case t.store.isClosing():
			err = fmt.Errorf("%w: %w", table.ErrUnavailable, ErrClosed)
		}
	}
	if closing := it.Close(); err == nil && closing != nil {
		err = t.store.broken(closing)
	}
	return removed, err
}

// expire removes the entries of the index that are due or out of date, and the
// rows of those that are due.
func (t *Table) expire(entries []expiry) (removed int, err error) {
	w := t.newWrite(0)
	defer func() { err = errors.Join(err, w.batch.Close()) }()
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.store.now().Unix()
	for _, e := range entries {
		var there int64
		if there, err = t.expiryOf(e.pk, e.sk); err != nil {
			return 0, err
		}
		switch {
		case there != e.seconds:
			err = w.unindex(e.pk, e.sk, e.seconds)
		case now >= e.seconds:
			err = w.delete(e.pk, e.sk, e.seconds)
			removed++
		}
		if err != nil {
			return 0, err
		}
	}
	if err := t.store.db.Apply(w.batch, lsm.NoSync); err != nil {
		return 0, t.store.broken(err)
	}
	return removed, nil
}

// expiryOf is when the row that is stored expires; 0 if never, or if there is
// none.
func (t *Table) expiryOf(pk, sk string) (int64, error) {
	t.scratch = appendRow(append(t.scratch[:0], t.prefix...), pk, sk)
	lent, done, err := t.store.db.Get(t.scratch)
	if errors.Is(err, lsm.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, t.store.broken(err)
	}
	h, err := parse(lent)
	return h.expires, errors.Join(err, done.Close())
}
