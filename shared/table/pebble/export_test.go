package pebble

import (
	"context"
	"time"

	lsm "github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"rubrica/shared/table"
)

// OpenFiles opens a store over a file system of the test's making, which may be
// slow, or crash.
var OpenFiles = openFiles

// OpenOlder is Open where new folders get an older format.
func OpenOlder(dir string, format int) (*Store, error) {
	s := newStore(vfs.Default, Options{})
	s.format = format
	return s, s.openFolder(dir, Options{})
}

const storedPrefix = string(rowPrefix) + "main\x00"

// StoredKey is the key of a row of the table main.
func StoredKey(key table.Key) []byte { return appendRow([]byte(storedPrefix), key.PK(), key.SK()) }

// Subject is how much of a row's own key names a subject's partition.
func Subject(key table.Key) int { return max(0, subject(StoredKey(key))-len(storedPrefix)) }

// Split is the newest comparer's.
func Split(key []byte) int { return bySubject.Split(key) }

// ImmediateSuccessor is the newest comparer's.
func ImmediateSuccessor(prefix []byte) []byte { return bySubject.ImmediateSuccessor(nil, prefix) }

// FilterHits is how many files the engine did not have to look into.
func (s *Store) FilterHits() int64 { return s.db.Metrics().Filter.Hits }

// Tidy is what the store does when nobody writes.
func (s *Store) Tidy(ctx context.Context) (all bool, err error) { return s.tidy(ctx) }

// Layered tells whether it would.
func (s *Store) Layered() bool { return layered(s.db.Metrics()) }

// Files is how many files each layer has, the lowest last.
func (s *Store) Files() (files []int64) {
	m := s.db.Metrics()
	for i := range m.Levels {
		files = append(files, m.Levels[i].TablesCount)
	}
	return files
}

// SweepPart sweeps rows of so many bytes from a stored key on.
func (s *Store) SweepPart(at []byte, bytes int) (removed int, next []byte, err error) {
	return s.sweepPart(at, bytes)
}

// SweepAround sweeps, and does something between finding what is due and removing it.
func (s *Store) SweepAround(do func()) (removed int, err error) {
	w, err := s.walk(nil, sweptBytes)
	if err != nil {
		return 0, err
	}
	do()
	return s.expire(w.due)
}

// KeepIndex plants an entry of the index that older programs kept, and Indexed tells
// whether there is one.
func (s *Store) KeepIndex() error { return s.db.Set([]byte("xmain\x00older"), nil, lsm.Sync) }

func (s *Store) Indexed() bool {
	_, done, err := s.db.Get([]byte("xmain\x00older"))
	if err == nil {
		err = done.Close()
	}
	return err == nil
}

// Flush writes what is in memory into a file.
func (s *Store) Flush() error { return s.db.Flush() }

// PutDamaged stores something under a key that no row has.
func (s *Store) PutDamaged(key string, expires time.Time) error {
	return s.db.Set([]byte(key), appendHeader(nil, table.Row{Rev: "1", Expires: expires}), lsm.Sync)
}
