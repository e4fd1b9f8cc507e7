package pebble

import (
	"context"
	"time"

	lsm "github.com/cockroachdb/pebble/v2"
)

// What is written goes through several layers of files, each of which a lookup has
// to ask, until the engine merges it into the lowest: when there is enough of it.
// That is right while many write. When nobody does, it is done at once: a lookup
// among a million contacts takes a third less then (infra/docs/044).
const (
	tidyEvery = 5 * time.Second
	// tidyAfter is how long nobody wrote before the layers are merged.
	tidyAfter = 10 * time.Second
	// tidyShare is how much of the files is worth it: one part of so many, for all that
	// lies below is written anew with it. Less would be worth it as well, if it were not
	// for the disk: a lookup pays for each layer, however little is in it.
	tidyShare = 32
	// tidyLeast is how much of them takes a moment only, whatever it is worth.
	tidyLeast = 4 << 20
	// tidyFiles is how many files of the lowest layer are written anew at a time:
	// about a second's work, the first time more, with all of level 0. Who writes
	// meanwhile does not wait for it, and no other time follows.
	tidyFiles = 16
)

// tidyAlways merges the layers whenever it is worth it and nobody writes, until
// the store closes.
func (s *Store) tidyAlways() {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	var watch quiet
	for {
		select {
		case <-s.closing:
			return
		case <-tick.C:
		}
		m := s.db.Metrics()
		if !watch.long(m.WAL.BytesIn, s.now()) || !layered(m) {
			continue
		}
		watch.done = true
		began := time.Now()
		switch all, err := s.tidy(context.Background()); {
		case all:
			s.logger.Info("storage: layers of files are merged", "took", time.Since(began).Round(time.Millisecond).String())
		case err != nil && !s.isClosing():
			s.logger.Error("storage: merging layers of files", "error", err)
		}
	}
}

// quiet watches how much was written.
type quiet struct {
	written uint64
	since   time.Time
	done    bool // what was to be done about it
}

// long tells whether no more was written for long, and nothing done about it yet.
func (q *quiet) long(written uint64, now time.Time) bool {
	if written != q.written || q.since.IsZero() {
		*q = quiet{written: written, since: now}
	}
	return now.Sub(q.since) >= tidyAfter && !q.done
}

// layered tells whether there is enough above the lowest layer.
func layered(m *lsm.Metrics) bool {
	var above int64
	lowest := len(m.Levels) - 1
	for i := range lowest {
		above += m.Levels[i].TablesSize
	}
	return above >= tidyLeast && above*tidyShare >= above+m.Levels[lowest].TablesSize
}

// tidy merges the layers, part by part of the keys, unless somebody writes; all
// tells whether it came to the end.
func (s *Store) tidy(ctx context.Context) (all bool, err error) {
	ctx, cancel := s.untilClosing(ctx)
	defer cancel()
	files, err := s.db.SSTables()
	if err != nil {
		return false, s.broken(err)
	}
	written := s.db.Metrics().WAL.BytesIn
	from, lowest := []byte{0}, files[len(files)-1]
	for i := tidyFiles; ; i += tidyFiles {
		to := []byte{afterAll}
		if i < len(lowest) {
			to = lowest[i].Smallest.UserKey
		}
		if err := s.merge(ctx, from, to); err != nil {
			return false, err
		}
		if i >= len(lowest) || s.db.Metrics().WAL.BytesIn != written {
			return i >= len(lowest), nil
		}
		from = to
	}
}

// merge merges the layers of the files that have any of these keys.
func (s *Store) merge(ctx context.Context, from, to []byte) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.leave()
	if err := s.db.Compact(ctx, from, to, false); err != nil {
		return s.broken(err)
	}
	return nil
}
