package pebble

import (
	"bytes"

	lsm "github.com/cockroachdb/pebble/v2"
)

// withSubjects is the first format whose folders are ordered bySubject.
const withSubjects = 2

// comparer is how the engine orders and groups the keys of a folder. The order is
// always that of bytes. It is part of the files: the engine refuses those of a
// comparer of another name.
func (s *Store) comparer() *lsm.Comparer {
	if s.format < withSubjects {
		return lsm.DefaultComparer
	}
	return bySubject
}

// bySubject has the engine's Bloom filters know the partitions of one subject as a
// whole: who asks for a range of such a partition looks only into the files that
// have something of it, and into the one of the lowest level that may, whose filter
// the engine does not ask. Of all others they know each key.
var bySubject = func() *lsm.Comparer {
	c := *lsm.DefaultComparer
	c.Name = "rubrica.subjects"
	c.Split = func(key []byte) int {
		if n := subject(key); n > 0 {
			return n
		}
		return len(key)
	}
	c.ImmediateSuccessor = func(dst, prefix []byte) []byte {
		if subject(prefix) == 0 {
			return append(append(dst, prefix...), nul)
		}
		dst = append(dst, prefix...)
		dst[len(dst)-1] = afterNUL
		return dst
	}
	return &c
}()

// subject is how much of a row's key names a partition that is about one subject:
// a contact's history, an address, an idempotency key. It is 0 for others: those of
// a whole workspace, which have a kind and no more, and those that are one shard of
// something, whose last part is its number.
func subject(key []byte) int {
	if len(key) == 0 || key[0] != rowPrefix {
		return 0
	}
	name := bytes.IndexByte(key, nul) + 1
	if name == 0 {
		return 0
	}
	pk := bytes.IndexByte(key[name:], nul)
	if pk < 0 {
		return 0
	}
	_, rest, _ := bytes.Cut(key[name:name+pk], []byte{'/'}) // the workspace
	last := bytes.LastIndexByte(rest, '/')
	if last < 0 || shardNumber(rest[last+1:]) {
		return 0
	}
	return name + pk + 1
}

func shardNumber(part []byte) bool {
	for _, b := range part {
		if b < '0' || b > '9' {
			return false
		}
	}
	return len(part) <= 3
}
