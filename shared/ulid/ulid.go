// Package ulid makes identifiers that rise with time: 26 characters of Crockford
// base 32, the first ten of them milliseconds. Within a process they rise
// strictly, between processes as far as their clocks agree.
//
// https://github.com/ulid/spec
package ulid

import (
	"crypto/rand"
	"encoding/binary"
	"strings"
	"sync"
	"time"

	oklog "github.com/oklog/ulid/v2"
)

// Alphabet has the digits of an id in their order; Shards of them may stand last.
const Alphabet = oklog.Encoding

// Len is the length of every id.
const Len = oklog.EncodedSize

// Source makes ids; safe for concurrent use.
type Source struct {
	now func() time.Time

	mu   sync.Mutex
	last oklog.ULID
}

// NewSource returns a source that reads the time from now.
func NewSource(now func() time.Time) *Source { return &Source{now: now} }

// New returns an id that is greater than all that the source made before.
func (s *Source) New() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ms := uint64(s.now().UnixMilli()); ms > s.last.Time() {
		_ = s.last.SetTime(ms) // fails in the year 10889
		_, _ = rand.Read(s.last[6:])
		s.last[6] &= 0x7F // room to count up within the millisecond
	} else {
		s.step()
	}
	// The last character is left zero: what InShard replaces never decides order.
	s.last[15] &^= 0x1F
	return s.last.String()
}

// step adds a random amount to the 80 bits behind the time, at least one in the
// last character but one; carried into the time if they are full.
func (s *Source) step() {
	var b [4]byte
	_, _ = rand.Read(b[:])
	low := binary.BigEndian.Uint64(s.last[8:])
	next := low + (uint64(binary.BigEndian.Uint32(b[:]))|1)<<5
	binary.BigEndian.PutUint64(s.last[8:], next)
	if next < low {
		high := binary.BigEndian.Uint64(s.last[:8])
		binary.BigEndian.PutUint64(s.last[:8], high+1)
	}
}

// InShard returns id with its last character saying the shard, 0 to 31.
func InShard(id string, shard int) string {
	return id[:Len-1] + Alphabet[shard:shard+1]
}

// ShardOf returns the shard that an id's last character says.
func ShardOf(id string) int { return strings.IndexByte(Alphabet, id[Len-1]) }

// Valid tells whether s has the form of an id: 26 digits, upper case, at most
// 7ZZZ….
func Valid(s string) bool {
	if len(s) != Len || s[0] > '7' {
		return false
	}
	for i := range len(s) {
		if strings.IndexByte(Alphabet, s[i]) < 0 {
			return false
		}
	}
	return true
}

// Time returns the time that an id was made at, to the millisecond.
func Time(id string) time.Time {
	u, err := oklog.Parse(id)
	if err != nil {
		return time.Time{}
	}
	return u.Timestamp().UTC()
}

// At returns the smallest id of the given time, for bounds of a range.
func At(t time.Time) string {
	var u oklog.ULID
	_ = u.SetTime(uint64(max(t.UnixMilli(), 0)))
	return u.String()
}

// Behind returns an id of the given time that comes behind those of the same
// millisecond that were made before now: for what happened elsewhere, and came here
// in some order. Ids of one time and one microsecond are in no order.
func Behind(t, now time.Time) string {
	var u oklog.ULID
	_ = u.SetTime(uint64(max(t.UnixMilli(), 0)))
	var micros [8]byte
	binary.BigEndian.PutUint64(micros[:], uint64(now.UnixMicro()))
	copy(u[6:13], micros[1:]) // enough until the year 4253
	_, _ = rand.Read(u[13:])
	return u.String()
}
