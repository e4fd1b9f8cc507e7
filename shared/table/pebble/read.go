package pebble

import (
	"context"
	"errors"

	lsm "github.com/cockroachdb/pebble/v2"

	"rubrica/shared/table"
)

// Read implements table.Driver, in the calling goroutine. Keys are looked up past
// the Bloom filters; ranges share one iterator. It is no snapshot of the whole,
// as the Driver's contract allows: a row that is both named by its key and in a
// range may come in two states.
func (t *Table) Read(ctx context.Context, keys []table.Key, ranges []table.Range) ([]table.Row, []table.Page, error) {
	if err := t.store.begin(ctx); err != nil {
		return nil, nil, err
	}
	defer t.store.leave()
	now := t.store.now().Unix()
	rows, unseen, err := t.readKeys(keys, now)
	if err != nil {
		return nil, nil, err
	}
	pages, unsynced, err := t.readRanges(ranges, now)
	if err != nil {
		return nil, nil, err
	}
	if err := later(unseen, unsynced).wait(ctx); err != nil {
		return nil, nil, err
	}
	return rows, pages, nil
}

// readKeys returns the rows and which commit to wait for before telling them.
func (t *Table) readKeys(keys []table.Key, now int64) (rows []table.Row, wait *commit, err error) {
	if len(keys) == 0 {
		return nil, nil, nil
	}
	l, err := t.lookup(len(keys))
	if err != nil {
		return nil, nil, err
	}
	rows = make([]table.Row, len(keys))
	for i, k := range keys {
		var lent []byte
		if lent, err = l.find(k); err == nil && lent != nil {
			rows[i], err = own(k, lent, now)
		}
		if err != nil {
			break
		}
	}
	if err = errors.Join(err, l.close()); err != nil {
		return nil, nil, err
	}
	return rows, t.unsyncedOf(keys), nil
}

// own makes a Row of an encoded one that is only lent; the zero Row if expired.
func own(key table.Key, lent []byte, now int64) (table.Row, error) {
	h, err := parse(lent)
	if err != nil || h.expired(now) {
		return table.Row{}, err
	}
	return rowOf(key, &h, append(make([]byte, 0, len(lent)), lent...)), nil
}

// unsyncedOf returns the commit to wait for before telling what is under keys.
func (t *Table) unsyncedOf(keys []table.Key) (c *commit) {
	if t.unsynced.none() {
		return nil
	}
	for _, k := range keys {
		c = later(c, t.unsynced.of(k))
	}
	return c
}

// readRanges is readKeys for ranges.
func (t *Table) readRanges(ranges []table.Range, now int64) (pages []table.Page, wait *commit, err error) {
	if len(ranges) == 0 {
		return nil, nil, nil
	}
	pages = make([]table.Page, len(ranges))
	var it *lsm.Iterator
	for i, r := range ranges {
		s := spanOf(t.prefix, r)
		if s.empty() {
			continue
		}
		if it != nil {
			it.SetBounds(s.lower, s.upper)
		} else if it, err = t.store.db.NewIter(&lsm.IterOptions{LowerBound: s.lower, UpperBound: s.upper}); err != nil {
			return nil, nil, t.store.broken(err)
		}
		page, unsynced, err := t.readPage(it, r, s, now)
		if err != nil {
			return nil, nil, errors.Join(err, it.Close())
		}
		pages[i], wait = page, later(wait, unsynced)
	}
	if it != nil {
		if err := it.Close(); err != nil {
			return nil, nil, t.store.broken(err)
		}
	}
	return pages, wait, nil
}

// readPage reads one range with an iterator that is bound to its span.
func (t *Table) readPage(it *lsm.Iterator, r table.Range, s span, now int64) (page table.Page, wait *commit, err error) {
	step := it.Next
	more := false
	switch {
	case r.Descending:
		step = it.Prev
		more = it.Last()
	case t.store.format >= withSubjects && subject(s.lower) > 0:
		more = it.SeekPrefixGE(s.lower)
	default:
		more = it.First()
	}
	room := copies{rows: r.Limit}
	var lastRead []byte
	for n, size := 0, 0; more; more = step() {
		encoded := it.Value()
		sk := it.Key()[s.partition:]
		size += len(sk) + len(encoded)
		if n == r.Limit || n > 0 && size > table.MaxPage {
			break
		}
		n++
		h, err := parse(encoded)
		if err != nil {
			return table.Page{}, nil, err
		}
		if h.expired(now) {
			lastRead = append(lastRead[:0], sk...)
			room.rows--
			continue
		}
		lastRead = lastRead[:0]
		key, encoded := room.of(sk, encoded)
		if page.Rows == nil {
			page.Rows = make([]table.Row, 0, min(r.Limit, 64))
		}
		page.Rows = append(page.Rows, rowOf(r.Of.Row(key), &h, encoded))
	}
	if err := it.Error(); err != nil {
		return table.Page{}, nil, t.store.broken(err)
	}
	lower, upper := s.lower[s.partition:], s.upper[s.partition:]
	if more {
		if page.Next = string(lastRead); page.Next == "" {
			page.Next = page.Rows[len(page.Rows)-1].Key.SK()
		}
		// What was not read need not be waited for.
		if r.Descending {
			lower = it.Key()[s.partition:]
		} else {
			upper = it.Key()[s.partition:]
		}
	}
	if !t.unsynced.none() {
		wait = t.unsynced.within(r.Of.PK(), lower, upper)
	}
	return page, wait, nil
}
