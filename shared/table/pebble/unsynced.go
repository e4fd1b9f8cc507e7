package pebble

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"rubrica/shared/table"
)

// commit is a batch between being applied, when others can see its rows, and
// being durable, when they may say so.
type commit struct {
	number uint64 // in the order of being applied
	rows   []unsyncedRow
	done   chan struct{} // closed when it is durable, or never will be
	err    error         // before done is closed
}

// wait returns when the commit is durable. Everything that was applied before
// it is durable then too: the log of the engine is written in order.
func (c *commit) wait(ctx context.Context) error {
	if c == nil {
		return nil
	}
	select {
	case <-c.done:
		return c.err
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", table.ErrUnavailable, ctx.Err())
	}
}

// later is the one of two commits, either nil, that ends the wait for both.
func later(a, b *commit) *commit {
	if a == nil || b != nil && b.number > a.number {
		return b
	}
	return a
}

// unsyncedRow is a row written or deleted by a commit.
type unsyncedRow struct {
	pk, sk string
	commit *commit
	next   *unsyncedRow // in the same partition, from an earlier commit
}

// unsynced knows the rows of a table whose last write is not durable yet: as
// many as there are writers at this moment, so it is small, and mostly empty.
type unsynced struct {
	count  atomic.Int64 // of commits
	mu     sync.Mutex
	number uint64
	byPart map[string]*unsyncedRow // by partition key, the latest first
}

// add announces the rows of a commit; before they can be seen.
func (u *unsynced) add(rows []unsyncedRow) *commit {
	c := &commit{rows: rows, done: make(chan struct{})}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.count.Add(1)
	u.number++
	c.number = u.number
	for i := range rows {
		r := &rows[i]
		r.commit = c
		r.next = u.byPart[r.pk]
		u.byPart[r.pk] = r
	}
	return c
}

// finish says that a commit is durable, or what became of it, and forgets it.
func (u *unsynced) finish(c *commit, err error) {
	u.mu.Lock()
	for i := range c.rows {
		pk := c.rows[i].pk
		first := u.byPart[pk]
		at := &first
		for *at != nil {
			if (*at).commit == c {
				*at = (*at).next
			} else {
				at = &(*at).next
			}
		}
		if first == nil {
			delete(u.byPart, pk)
		} else {
			u.byPart[pk] = first
		}
	}
	u.count.Add(-1)
	u.mu.Unlock()
	c.err = err
	close(c.done)
}

// none tells cheaply that there is nothing to wait for. Like of and within, it
// is asked after the rows were read: what was seen was announced before.
func (u *unsynced) none() bool { return u.count.Load() == 0 }

// of returns the commit to wait for before telling what is under a key, absence
// included; nil if there is none.
func (u *unsynced) of(key table.Key) *commit {
	u.mu.Lock()
	defer u.mu.Unlock()
	for r := u.byPart[key.PK()]; r != nil; r = r.next {
		if r.sk == key.SK() {
			return r.commit
		}
	}
	return nil
}

// within is of for all rows of a partition whose sort keys are at least lower
// and, unless upper is empty, at most upper.
func (u *unsynced) within(pk string, lower, upper []byte) *commit {
	u.mu.Lock()
	defer u.mu.Unlock()
	for r := u.byPart[pk]; r != nil; r = r.next {
		if r.sk >= string(lower) && (len(upper) == 0 || r.sk <= string(upper)) {
			return r.commit
		}
	}
	return nil
}

// last returns the latest commit that is not durable yet; nil if there is none.
func (u *unsynced) last() *commit {
	u.mu.Lock()
	defer u.mu.Unlock()
	var c *commit
	for _, r := range u.byPart {
		c = later(c, r.commit)
	}
	return c
}
