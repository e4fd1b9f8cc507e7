package pebble

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	lsm "github.com/cockroachdb/pebble/v2"

	"rubrica/shared/table"
)

// Compact rewrites the files of the store so that nothing is left in them of what was
// deleted or overwritten before, or has expired: to be called after personal data was
// erased, and after big deletes to give back the space. It takes about a minute
// per few gigabytes, beside the running server. Close ends it early, as ctx does.
func (s *Store) Compact(ctx context.Context) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.leave()
	ctx, cancel := s.untilClosing(ctx)
	defer cancel()
	err := s.compact(ctx)
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", table.ErrUnavailable, context.Cause(ctx))
	}
	return err
}

// untilClosing is a context for long work in steps: Close waits for the step that has
// begun, and no other begins.
func (s *Store) untilClosing(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-s.closing:
			cancel(ErrClosed)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

func (s *Store) compact(ctx context.Context) error {
	if _, err := s.sweep(ctx); err != nil {
		return err
	}
	// Keys of deleted rows may be left in these.
	for _, t := range s.openTables() {
		if err := t.removeChanges(lsm.NoSync); err != nil {
			return err
		}
	}
	if err := s.db.Flush(); err != nil {
		return s.broken(err)
	}
	if err := s.db.Compact(ctx, []byte{0}, []byte{afterAll}, false); err != nil {
		return s.broken(err)
	}
	if err := s.renewManifest(ctx); err != nil {
		return err
	}
	return s.awaitRemoval(ctx)
}

// renewManifest makes the engine write its list of files anew, twice, since it
// keeps one older list: they hold the first and last keys of files that are
// gone. A list is renewed after as many changes to it as it has entries; flushes
// are the cheapest changes there are, and entries are few after a compaction.
func (s *Store) renewManifest(ctx context.Context) error {
	for begin := s.manifests.Load(); s.manifests.Load() < begin+2; {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := s.db.Set([]byte{metaPrefix}, nil, lsm.NoSync); err != nil {
			return s.broken(err)
		}
		if err := s.db.Flush(); err != nil {
			return s.broken(err)
		}
	}
	return nil
}

// awaitRemoval waits until the files that were replaced are off the disk: the
// engine removes them in the background, when no reader is at them anymore. Of
// its own lists it does not say when; two remain.
func (s *Store) awaitRemoval(ctx context.Context) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		m := s.db.Metrics()
		if m.Table.ObsoleteCount+m.Table.ZombieCount+m.WAL.ObsoleteFiles == 0 {
			names, err := s.files.List(s.dir)
			if err != nil {
				return s.broken(err)
			}
			names = slices.DeleteFunc(names, func(n string) bool { return !strings.HasPrefix(n, "MANIFEST-") })
			if len(names) <= 2 {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
