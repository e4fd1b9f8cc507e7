package pebble

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	lsm "github.com/cockroachdb/pebble/v2"

	"rubrica/shared/table"
)

// The first byte of a key says what it is; QueuePrefix is one more.
//
//	t name NUL pk NUL sk          a row
//	c name NUL number             a change: pk NUL sk NUL out
//	x …                           what older programs kept: an index of what expires
//	m name NUL                    the number of the last change removed
//	m                             nothing, see Compact
//
// Names and keys contain no NUL, so that bytes order as (name, pk, sk) do.
// Numbers are 8 bytes, big-endian.
const (
	rowPrefix    = 't'
	changePrefix = 'c'
	expiryPrefix = 'x'
	metaPrefix   = 'm'
)

const (
	nul      = 0x00
	afterNUL = 0x01 // closes a range of all that stands behind a NUL
	afterAll = 0xFF // closes a range of all that begins with some UTF-8 text
)

var errKey = fmt.Errorf("%w: a key is not one of ours", ErrDamaged)

// appendRow appends the key of a row to a prefix that ends with the name's NUL.
func appendRow(prefix []byte, pk, sk string) []byte {
	prefix = append(prefix, pk...)
	prefix = append(prefix, nul)
	return append(prefix, sk...)
}

// cutRow parses what stands behind the name's NUL.
func cutRow(rest []byte) (pk, sk []byte, err error) {
	pk, sk, ok := bytes.Cut(rest, []byte{nul})
	if !ok {
		return nil, nil, errKey
	}
	return pk, sk, nil
}

// appendChange appends the key of an entry of the change log.
func appendChange(b []byte, name string, number uint64) []byte {
	b = append(b, changePrefix)
	b = append(b, name...)
	b = append(b, nul)
	return binary.BigEndian.AppendUint64(b, number)
}

// changeLen is how long the key of appendChange is.
func changeLen(name string) int { return 1 + len(name) + 1 + 8 }

// tablesUnder lists the names of the tables that have keys with a first byte.
func tablesUnder(db *lsm.DB, first byte) (names []string, err error) {
	it, err := db.NewIter(&lsm.IterOptions{LowerBound: []byte{first}, UpperBound: []byte{first + 1}})
	if err != nil {
		return nil, err
	}
	for ok := it.First(); ok; {
		name, _, found := bytes.Cut(it.Key()[1:], []byte{nul})
		if !found {
			if len(it.Key()) == 1 {
				ok = it.Next()
				continue
			}
			err = errKey
			break
		}
		names = append(names, string(name))
		ok = it.SeekGE(append(append([]byte{first}, names[len(names)-1]...), afterNUL))
	}
	return names, errors.Join(err, it.Close())
}

// span is the keys of one Range: those between lower (inclusive) and upper
// (exclusive). Both begin with the same partition bytes.
type span struct {
	lower, upper []byte
	partition    int // how many bytes stand before the sort key
}

// spanOf turns a Range into keys. It is empty if lower is not below upper.
func spanOf(prefix []byte, r table.Range) span {
	pk := r.Of.PK()
	n := len(prefix) + len(pk) + 1
	longest := max(len(r.From), len(r.To), len(r.Prefix), len(r.After))
	buf := make([]byte, 0, 2*(n+longest+1)) // both keys

	buf = appendRow(append(buf, prefix...), pk, "")
	switch {
	case !r.Descending && r.After != "" && r.After >= r.From && r.After >= r.Prefix:
		buf = append(buf, r.After...)
		buf = append(buf, nul) // the very next key
	case r.Prefix != "":
		buf = append(buf, r.Prefix...)
	default:
		buf = append(buf, r.From...)
	}
	lower := buf[:len(buf):len(buf)]

	buf = append(buf, lower[:n]...)
	switch {
	case r.Descending && r.After != "" && (r.To == "" || r.After <= r.To) &&
		(r.After < r.Prefix || strings.HasPrefix(r.After, r.Prefix)):
		buf = append(buf, r.After...)
	case r.Prefix != "":
		buf = append(buf, r.Prefix...)
		buf = append(buf, afterAll)
	case r.To != "":
		buf = append(buf, r.To...)
		buf = append(buf, nul)
	default:
		buf[len(buf)-1] = afterNUL
	}
	return span{lower, buf[len(lower):], n}
}

func (s span) empty() bool { return bytes.Compare(s.lower, s.upper) >= 0 }
