package pebble

import (
	"bytes"
	"errors"
	"io"

	lsm "github.com/cockroachdb/pebble/v2"

	"rubrica/shared/table"
)

// manyKeys is from how many keys on an iterator is cheaper than looking each of
// them up, most of all if they come in their order.
const manyKeys = 8

// usualKey is a length that few keys have more of.
const usualKey = 192

// lookup finds rows by their keys, past the Bloom filters of all levels but the
// lowest. close must follow.
type lookup struct {
	t    *Table
	key  []byte        // of the row, as stored
	it   *lsm.Iterator // of many rows
	held io.Closer     // what lends the last value, of few
}

// lookup begins to look for so many rows.
func (t *Table) lookup(keys int) (lookup, error) {
	l := lookup{t: t, key: append(make([]byte, 0, usualKey), t.prefix...)}
	if keys >= manyKeys {
		var err error
		if l.it, err = t.store.db.NewIter(nil); err != nil {
			return l, t.store.broken(err)
		}
	}
	return l, nil
}

// find returns the encoded row, nil if there is none. It is lent: until the next
// find, or close.
func (l *lookup) find(k table.Key) (lent []byte, err error) {
	l.key = appendRow(l.key[:len(l.t.prefix)], k.PK(), k.SK())
	return l.stored(l.key)
}

// stored is find by the key as it is stored.
func (l *lookup) stored(key []byte) (lent []byte, err error) {
	if l.it != nil {
		if l.it.SeekPrefixGE(key) && bytes.Equal(l.it.Key(), key) {
			lent = l.it.Value()
		}
		err = l.it.Error()
	} else {
		if err = l.release(); err == nil {
			lent, l.held, err = l.t.store.db.Get(key)
		}
		if errors.Is(err, lsm.ErrNotFound) {
			return nil, nil
		}
	}
	if err != nil {
		return nil, l.t.store.broken(err)
	}
	return lent, nil
}

// release gives back what was lent last.
func (l *lookup) release() error {
	if l.held == nil {
		return nil
	}
	held := l.held
	l.held = nil
	return held.Close()
}

func (l *lookup) close() error {
	err := l.release()
	if l.it != nil {
		err = errors.Join(err, l.it.Close())
	}
	return err
}
