package suggest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"math/bits"
	"slices"
)

// Known is a set of ids in little space, for telling later whether one was in it:
// a Golomb-Rice coded set. Two hundred ids take 650 bytes of text, so that a row
// with them is billed like one with two. One id in a quarter of a million that was
// not in it is taken for one that was.
type Known struct {
	N    int    `json:"n"`
	Bits string `json:"b"`
}

// rice is how many bits of a difference are written as they are: the logarithm of
// how rarely the set is wrong.
const rice = 18

// Know makes the set of ids, each given once.
func Know(ids []string) Known {
	places := make([]uint64, len(ids))
	for i, id := range ids {
		places[i] = place(id, len(ids))
	}
	slices.Sort(places)
	var w bitWriter
	last := uint64(0)
	for _, p := range places {
		difference := p - last
		for range difference >> rice {
			w.write(1)
		}
		w.write(0)
		for i := rice - 1; i >= 0; i-- {
			w.write(byte(difference >> i & 1))
		}
		last = p
	}
	return Known{len(ids), base64.RawStdEncoding.EncodeToString(w.bytes)}
}

// Count is how many of the ids are in the set. Text that is not Know's is a set
// with nothing, or less, in it.
func (k Known) Count(ids []string) (n int) {
	raw, err := base64.RawStdEncoding.DecodeString(k.Bits)
	if err != nil {
		return 0
	}
	r := bitReader{bytes: raw}
	places := make([]uint64, 0, min(k.N, 8*len(raw)/(rice+1)))
	last := uint64(0)
	for range cap(places) {
		for r.read() == 1 {
			last += 1 << rice
		}
		difference := uint64(0)
		for range rice {
			difference = difference<<1 | uint64(r.read())
		}
		last += difference
		places = append(places, last)
	}
	for _, id := range ids {
		if _, ok := slices.BinarySearch(places, place(id, k.N)); ok {
			n++
		}
	}
	return n
}

// Has tells whether all of the ids are in the set.
func (k Known) Has(ids []string) bool { return k.Count(ids) == len(ids) }

// place is an id's among n times 2^rice, by chance but always the same.
func place(id string, n int) uint64 {
	sum := sha256.Sum256([]byte(id))
	p, _ := bits.Mul64(binary.BigEndian.Uint64(sum[:]), uint64(n)<<rice)
	return p
}

type bitWriter struct {
	bytes []byte
	used  int // bits of the last byte
}

func (w *bitWriter) write(bit byte) {
	if w.used&7 == 0 {
		w.bytes = append(w.bytes, 0)
	}
	w.bytes[len(w.bytes)-1] |= bit << (7 - w.used&7)
	w.used++
}

type bitReader struct {
	bytes []byte
	at    int
}

// read returns the next bit, 0 behind the end.
func (r *bitReader) read() byte {
	if r.at>>3 >= len(r.bytes) {
		return 0
	}
	bit := r.bytes[r.at>>3] >> (7 - r.at&7) & 1
	r.at++
	return bit
}
