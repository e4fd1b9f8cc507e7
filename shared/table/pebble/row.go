package pebble

import (
	"encoding/binary"
	"fmt"
	"time"
	"unsafe"

	"rubrica/shared/table"
)

// A stored row is its version, then rev, schema, expiry in seconds (0: never),
// out and count, then the document as it came:
//
//	1 | uvarint n, n bytes | varint | uvarint | uvarint n, n bytes | varint | doc
const rowVersion = 1

var errRow = fmt.Errorf("%w: a row is not one of ours", ErrDamaged)

// header is what stands before the document; positions are in the encoded row.
type header struct {
	rev, out part
	schema   int
	expires  int64 // seconds; 0 is never
	count    int64
	doc      int // where the document begins
}

type part struct{ from, to int }

func (p part) of(encoded []byte) []byte { return encoded[p.from:p.to:p.to] }

func (h *header) expired(now int64) bool { return h.expires != 0 && now >= h.expires }

// parse reads the header of an encoded row.
func parse(encoded []byte) (h header, err error) {
	if len(encoded) == 0 || encoded[0] != rowVersion {
		return h, errRow
	}
	d := decoder{all: encoded, at: 1}
	h.rev = d.part()
	h.schema = int(d.varint())
	h.expires = int64(d.uvarint())
	h.out = d.part()
	h.count = d.varint()
	h.doc = d.at
	if d.bad || h.rev.from == h.rev.to {
		return h, errRow
	}
	return h, nil
}

type decoder struct {
	all []byte
	at  int
	bad bool
}

func (d *decoder) uvarint() uint64 {
	if d.at < len(d.all) && d.all[d.at] < 0x80 { // nearly always
		d.at++
		return uint64(d.all[d.at-1])
	}
	v, n := binary.Uvarint(d.all[d.at:])
	d.step(n)
	return v
}

func (d *decoder) varint() int64 {
	u := d.uvarint()
	return int64(u>>1) ^ -int64(u&1) // as binary.Varint does
}

func (d *decoder) part() part {
	n := d.uvarint()
	if n > uint64(len(d.all)-d.at) {
		d.bad = true
		return part{}
	}
	p := part{d.at, d.at + int(n)}
	d.at = p.to
	return p
}

func (d *decoder) step(n int) {
	if n <= 0 {
		d.bad = true
		return
	}
	d.at += n
}

// appendHeader appends the stored form of a row, without key and document.
func appendHeader(b []byte, r table.Row) []byte {
	b = append(b, rowVersion)
	b = binary.AppendUvarint(b, uint64(len(r.Rev)))
	b = append(b, r.Rev...)
	b = binary.AppendVarint(b, int64(r.Schema))
	b = binary.AppendUvarint(b, uint64(seconds(r.Expires)))
	b = binary.AppendUvarint(b, uint64(len(r.Out)))
	b = append(b, r.Out...)
	return binary.AppendVarint(b, r.Count)
}

// seconds is an expiry as stored; 0 is never.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// rowOf makes the Row of an encoded one. It shares the memory of encoded, which
// must be the reader's own.
func rowOf(key table.Key, h *header, encoded []byte) table.Row {
	r := table.Row{
		Key:    key,
		Rev:    table.Rev(text(h.rev.of(encoded))),
		Schema: h.schema,
		Out:    text(h.out.of(encoded)),
		Count:  h.count,
	}
	if h.expires != 0 {
		r.Expires = time.Unix(h.expires, 0).UTC()
	}
	if h.doc < len(encoded) {
		r.Doc = encoded[h.doc:len(encoded):len(encoded)]
	}
	return r
}

// text is a string over memory that nobody changes: the sort key and the header
// of a row copied for its reader. Of that copy the reader gets only the document
// as bytes, and the document is not part of any such string.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// copies holds the rows of one page in few pieces of memory instead of two or
// three per row. A row that is kept keeps its piece alive: pieceSize at most,
// unless the row itself is longer.
type copies struct {
	free []byte
	rows int // how many more may come, at most
}

const pieceSize = 32 << 10

// of copies a sort key and an encoded row side by side.
func (c *copies) of(sk, encoded []byte) (string, []byte) {
	n := len(sk) + len(encoded)
	if n > len(c.free) {
		c.free = make([]byte, max(n, min(n*c.rows, pieceSize)))
	}
	c.rows--
	own := c.free[:n:n]
	c.free = c.free[n:]
	copy(own[copy(own, sk):], encoded)
	return text(own[:len(sk)]), own[len(sk):]
}
