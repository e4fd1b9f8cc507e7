package pebble

import (
	"context"

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
