package pebble

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	lsm "github.com/cockroachdb/pebble/v2"

	"rubrica/shared/table"
)

// Expired rows are taken off the disk some time later; nobody sees the difference,
// for they are absent from the moment they expire. They are found by walking
// through all rows, a part of them each minute. An index by time would find them
// at once, for one row more with nearly every row that is written: changes, entries
// of the log, kept answers (infra/docs/045).
const (
	sweepEvery = time.Minute
	// sweptBytes is how many bytes of rows are walked through each minute, in a few
	// milliseconds: three gigabytes, of a million contacts, in half a day.
	sweptBytes = 4 << 20
)

// sweepRows is how many rows are removed at a time, so that writers wait for a
// fraction of a millisecond.
const sweepRows = 64

// sweepAlways removes expired rows until the store closes.
func (s *Store) sweepAlways() {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	at := s.somewhere()
	for {
		select {
		case <-s.closing:
			return
		case <-tick.C:
		}
		err := s.enter()
		if err == nil {
			_, at, err = s.sweepPart(at, sweptBytes)
			s.leave()
		}
		if err != nil && !errors.Is(err, ErrClosed) {
			s.logger.Error("removing expired rows", "error", err)
			at = s.somewhere() // not always before the same damage
		}
	}
}

// somewhere is a place to begin a walk at: where a file does, any. A server that is
// started each morning would never come to the rows at the end otherwise.
func (s *Store) somewhere() []byte {
	levels, err := s.db.SSTables()
	if err != nil {
		return nil // the walk will tell
	}
	var all []lsm.SSTableInfo
	for _, l := range levels {
		all = append(all, l...)
	}
	if len(all) == 0 {
		return nil
	}
	return all[rand.IntN(len(all))].Smallest.UserKey
}

// Sweep removes the rows of all tables that have expired by now, and says how
// many, at the price of reading all rows. The store does so by itself, part by
// part. Their removal is no change, and is not waited for.
func (s *Store) Sweep(ctx context.Context) (removed int, err error) {
	if err := s.begin(ctx); err != nil {
		return 0, err
	}
	defer s.leave()
	return s.sweep(ctx)
}

func (s *Store) sweep(ctx context.Context) (removed int, err error) {
	for at := []byte(nil); ; {
		n, next, err := s.sweepPart(at, sweptBytes)
		if removed += n; err != nil || next == nil {
			return removed, err
		}
		if ctx.Err() != nil {
			return removed, fmt.Errorf("%w: %w", table.ErrUnavailable, context.Cause(ctx))
		}
		at = next
	}
}

// sweepPart removes the expired among the rows at a key and behind it, walking
// through so many bytes; next is where to go on, nil at the end of all rows.
func (s *Store) sweepPart(at []byte, part int) (removed int, next []byte, err error) {
	for part > 0 {
		if s.isClosing() {
			return removed, at, fmt.Errorf("%w: %w", table.ErrUnavailable, ErrClosed)
		}
		w, err := s.walk(at, part)
		if err != nil {
			return removed, at, err
		}
		n, err := s.expire(w.due)
		if removed += n; err != nil {
			return removed, at, err
		}
		if part, at = part-w.bytes, w.next; at == nil {
			break
		}
	}
	return removed, at, nil
}

// walked is what a walk came past.
type walked struct {
	bytes int
	due   [][]byte // keys of expired rows, sweepRows at most
	next  []byte   // where it ended; nil at the end of all rows
}

// walk reads rows from a key on until it has read so many bytes, or has enough to do.
func (s *Store) walk(from []byte, part int) (w walked, err error) {
	it, err := s.db.NewIter(&lsm.IterOptions{LowerBound: []byte{rowPrefix}, UpperBound: []byte{rowPrefix + 1}})
	if err != nil {
		return w, s.broken(err)
	}
	now := s.now().Unix()
	more := it.SeekGE(from)
	for ; more && w.bytes < part && len(w.due) < sweepRows; more = it.Next() {
		encoded := it.Value()
		w.bytes += len(it.Key()) + len(encoded)
		// Of a row that is damaged its readers are told.
		if h, err := parse(encoded); err == nil && h.expired(now) && tableOf(it.Key()) != "" {
			w.due = append(w.due, bytes.Clone(it.Key()))
		}
	}
	if more {
		w.next = bytes.Clone(it.Key())
	}
	if err := it.Close(); err != nil { // tells what went wrong before, too
		return w, s.broken(err)
	}
	return w, nil
}

// expire removes rows that a walk found, those that are still expired, and says how
// many that were.
func (s *Store) expire(due [][]byte) (removed int, err error) {
	for len(due) > 0 && err == nil {
		t := s.Table(tableOf(due[0]))
		n := slices.IndexFunc(due, func(key []byte) bool { return !bytes.HasPrefix(key, t.prefix) })
		if n < 0 {
			n = len(due)
		}
		var some int
		some, err = t.expire(due[:n])
		removed, due = removed+some, due[n:]
	}
	return removed, err
}

// tableOf is the name of the table whose row has a key; "" if it is no row's.
func tableOf(key []byte) string {
	name, rest, _ := bytes.Cut(key[1:], []byte{nul})
	if bytes.IndexByte(rest, nul) < 0 {
		return ""
	}
	return string(name)
}

func (t *Table) expire(due [][]byte) (removed int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l, err := t.lookup(len(due))
	if err != nil {
		return 0, err
	}
	w := t.newWrite(0)
	defer func() { err = errors.Join(err, l.close(), w.batch.Close()) }()
	now := t.store.now().Unix()
	for _, key := range due {
		lent, err := l.stored(key)
		if err != nil {
			return 0, err
		}
		if h, err := parse(lent); err != nil || !h.expired(now) {
			continue // was removed or replaced
		}
		if err := w.batch.Delete(key, nil); err != nil {
			return 0, t.store.broken(err)
		}
		removed++
	}
	if err := t.store.db.Apply(w.batch, lsm.NoSync); err != nil {
		return 0, t.store.broken(err)
	}
	return removed, nil
}

// dropIndex drops what an older program kept: an index of what expires.
func (s *Store) dropIndex() error {
	index := lsm.IterOptions{LowerBound: []byte{expiryPrefix}, UpperBound: []byte{expiryPrefix + 1}}
	it, err := s.db.NewIter(&index)
	if err != nil {
		return err
	}
	there := it.First()
	if err := it.Close(); err != nil || !there {
		return err
	}
	return s.db.DeleteRange(index.LowerBound, index.UpperBound, lsm.Sync)
}
