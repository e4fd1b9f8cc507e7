package pebble

import "sync"

// Table is one table of a Store. It implements table.Driver.
type Table struct {
	store  *Store
	name   string
	prefix []byte // of the keys of rows

	// mu orders writes: conditions are checked and their batch is applied
	// under it, and nobody waits for the disk while holding it.
	mu         sync.Mutex
	scratch    []byte // room for a key; under mu
	lastChange uint64 // the number last given to a change; under mu
	unsynced   unsynced
	changes    changeLog
}

// fillKey writes the key of a row into room of exactly its length.
func (t *Table) fillKey(room []byte, pk, sk string) {
	n := copy(room, t.prefix)
	n += copy(room[n:], pk)
	room[n] = nul
	copy(room[n+1:], sk)
}

// keyLen is the length of fillKey's room.
func (t *Table) keyLen(pk, sk string) int { return len(t.prefix) + len(pk) + 1 + len(sk) }

func newTable(s *Store, name string, log kept) *Table {
	return &Table{
		store:      s,
		name:       name,
		prefix:     append(append([]byte{rowPrefix}, name...), nul),
		lastChange: log.last,
		unsynced:   unsynced{byPart: map[string]*unsyncedRow{}},
		changes:    changeLog{durable: log.last, done: log.removed, removed: log.removed},
	}
}
