// Package pebble keeps tables in an embedded store, in a folder of the local
// disk or in memory: the driver of the one-machine server. The engine is
// CockroachDB's Pebble, a log-structured merge tree.
//
// One Store holds one folder and everything in it: the tables' rows, the change
// log of each table, and the queues of queue/embedded (through Engine). The first byte of a key says which of them it belongs to;
// keys.go has the layout, row.go the form of a row.
//
// # Durability
//
// A Write checks its conditions and is applied under the table's lock, and waits
// for the disk outside of it, so that concurrent writers share one sync. Between
// the two others can see what might still be lost in a crash; so whoever has
// seen such a row, or has had a condition fail on it, waits for its sync before
// answering (unsynced.go). No answer is given before it is durable. Reads of
// other rows never wait.
package pebble

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	lsm "github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"rubrica/shared/table"
)

// Options of a Store; the zero value keeps data on disk.
type Options struct {
	// Memory keeps everything in memory and touches no folder; for tests.
	Memory bool
	// Existing refuses a folder that is no data folder yet, and leaves it as it
	// is: for commands that work on what a server made.
	Existing bool
	// Now is the clock that rows expire by; nil is time.Now.
	Now func() time.Time
	// Logger gets the engine's errors and, at debug level, its events; nil
	// drops them. No key or value is ever logged.
	Logger *slog.Logger
	// Merging is told when files begin to be written from memory or from other files,
	// by the goroutine that does this, and nothing else before it ends; nil is nobody.
	Merging func()
	// Fatal is called when the store cannot go on because the disk is full or
	// broken: what is in memory is then no longer what is on disk, and only a
	// restart says what was kept. It should end the process. If it is nil or
	// returns, every call from then on fails, and the process panics if it is the
	// engine itself that gave up.
	Fatal func(error)
}

// Store is an open data folder. Its methods may be used concurrently.
type Store struct {
	db      *lsm.DB
	files   vfs.FS
	format  int       // of the folder
	dir     string    // of the engine's files
	lock    *lsm.Lock // of dir, unless in memory
	now     func() time.Time
	logger  *slog.Logger
	fatal   func(error)
	closing chan struct{}  // closed when Close begins
	keepers sync.WaitGroup // what goes on in the background

	manifests atomic.Int64 // lists of files that the engine wrote

	// life is held for reading by whatever runs, and for writing by Close.
	life   sync.RWMutex
	closed bool
	close  sync.Once
	// failed is the first error of a sync; from then on nothing is answered.
	failed atomic.Pointer[error]

	mu     sync.Mutex
	tables map[string]*Table
	kept   map[string]kept // where change logs stood when the folder was opened
}

// ErrClosed says that the store was closed; it comes with table.ErrUnavailable.
var ErrClosed = errors.New("the store is closed")

// Table returns the table of the given name, the same one for the same name. It
// is there whether or not it has rows. Tables share the folder and the syncs of
// the disk, and nothing else. The name is of the program, not of a user: a few
// letters without NUL.
func (s *Store) Table(name string) *Table {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tables[name]
	if t == nil {
		t = newTable(s, name, s.kept[name])
		s.tables[name] = t
	}
	return t
}

// openTables are the tables that somebody asked for.
func (s *Store) openTables() []*Table {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.tables))
}

var _ table.Driver = (*Table)(nil)

// enter keeps the store open until leave.
func (s *Store) enter() error {
	s.life.RLock()
	if s.closed {
		s.life.RUnlock()
		return fmt.Errorf("%w: %w", table.ErrUnavailable, ErrClosed)
	}
	if failed := s.failed.Load(); failed != nil {
		s.life.RUnlock()
		return *failed
	}
	return nil
}

func (s *Store) leave() { s.life.RUnlock() }

// begin is enter for a call with a context. A call that is too late before it
// began does nothing.
func (s *Store) begin(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", table.ErrUnavailable, err)
	}
	return s.enter()
}

// apply makes the batch visible; sync must follow.
func (s *Store) apply(b *lsm.Batch) error {
	if err := s.db.ApplyNoSyncWait(b, lsm.Sync); err != nil {
		return s.broken(err)
	}
	return nil
}

// sync waits until an applied batch is durable, and closes it.
func (s *Store) sync(b *lsm.Batch) error {
	if err := b.SyncWait(); err != nil {
		err = fmt.Errorf("%w: writing to the disk: %w", table.ErrUnavailable, err)
		if s.failed.CompareAndSwap(nil, &err) {
			s.logger.Error("storage", "error", err)
			if s.fatal != nil {
				s.fatal(err)
			}
		}
		return err
	}
	return b.Close()
}

// broken wraps an error of the engine: damaged data, which trying again will not
// mend, or a disk that cannot be read.
func (s *Store) broken(err error) error {
	if lsm.IsCorruptionError(err) {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return fmt.Errorf("%w: %w", table.ErrUnavailable, err)
}

// isClosing tells long work that Close waits for it.
func (s *Store) isClosing() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}

// Close stops the background work, waits for the calls that are running, and
// closes the folder. Calls that come later fail. Closing twice is fine.
func (s *Store) Close() (err error) {
	s.close.Do(func() {
		close(s.closing)
		s.keepers.Wait()
		s.life.Lock()
		s.closed = true
		s.life.Unlock()
		for _, t := range s.openTables() {
			err = errors.Join(err, t.removeChanges(lsm.Sync))
		}
		err = errors.Join(err, s.db.Close())
		if s.lock != nil {
			err = errors.Join(err, s.lock.Close())
		}
	})
	return err
}
