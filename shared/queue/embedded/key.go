package embedded

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"

	"rubrica/shared/table/pebble"
)

// The key space of the queues. Every key begins with pebble.QueuePrefix, the
// length of the queue's name in one byte, the name, and a kind:
//
//	kindTotals                       → totals
//	kindMessage  group sequence      → message      waiting or in flight
//	kindClaim    group sequence      → claim        of a message that was delivered
//	kindLater    due sequence        → group message   delayed, not yet in its group
//	kindDedup    dedup               → expiry
//	kindForget   expiry dedup        →              the same by time, to forget it
//
// A group is its length in one byte and the group; sequences and times are eight
// bytes, big-endian. Sequences rise through the whole queue, so that a group's
// messages lie in the order of sending. A message and a delayed message are
// written once under their key and removed once, which is what lets their
// removal be a SingleDelete: both vanish in the first flush that sees both, and a
// queue that is read as fast as it is written leaves nothing to compact.
const (
	kindTotals  = 't'
	kindMessage = 'm'
	kindClaim   = 'c'
	kindLater   = 'l'
	kindDedup   = 'd'
	kindForget  = 'f'
)

// maxName is how many bytes a queue's name may have.
const maxName = 200

// keys builds the keys of one queue. A key is valid until the next is built.
type keys struct {
	prefix []byte
	buffer []byte
}

func newKeys(name string) keys {
	prefix := append([]byte{pebble.QueuePrefix, byte(len(name))}, name...)
	return keys{prefix: prefix}
}

func (k *keys) begin(kind byte) []byte {
	return append(append(k.buffer[:0], k.prefix...), kind)
}

func (k *keys) end(key []byte) []byte {
	k.buffer = key
	return key
}

func (k *keys) totals() []byte { return k.end(k.begin(kindTotals)) }

func (k *keys) message(group string, seq uint64) []byte {
	return k.end(binary.BigEndian.AppendUint64(appendToken(k.begin(kindMessage), group), seq))
}

func (k *keys) claim(group string, seq uint64) []byte {
	return k.end(binary.BigEndian.AppendUint64(appendToken(k.begin(kindClaim), group), seq))
}

func (k *keys) later(due int64, seq uint64) []byte {
	return k.end(binary.BigEndian.AppendUint64(appendTime(k.begin(kindLater), due), seq))
}

func (k *keys) dedup(dedup string) []byte {
	return k.end(append(k.begin(kindDedup), dedup...))
}

func (k *keys) forget(expiry int64, dedup string) []byte {
	return k.end(append(appendTime(k.begin(kindForget), expiry), dedup...))
}

// bounds are the limits of all keys of a kind, for an iterator; they stay valid.
func (k *keys) bounds(kind byte) (lower, upper []byte) {
	return slices.Clone(k.begin(kind)), slices.Clone(k.begin(kind + 1))
}

// tail is the part of a key behind its kind.
func (k *keys) tail(key []byte) []byte { return key[len(k.prefix)+1:] }

// groupAndSeq takes the key of a message or a claim apart.
func (k *keys) groupAndSeq(key []byte) (group string, seq uint64, err error) {
	name, rest, ok := cutToken(k.tail(key))
	if !ok || len(rest) != 8 {
		return "", 0, errDamaged
	}
	return name, binary.BigEndian.Uint64(rest), nil
}

// time reads what the key of a later or a forget begins with.
func (k *keys) time(key []byte) (t int64, rest []byte, err error) {
	tail := k.tail(key)
	if len(tail) < 8 {
		return 0, nil, errDamaged
	}
	return int64(binary.BigEndian.Uint64(tail)), tail[8:], nil
}

// isMessageOf tells whether key is a message of the group, and gives its
// sequence, without an allocation.
func (k *keys) isMessageOf(key []byte, group string) (seq uint64, ok bool) {
	tail := k.tail(key)
	if len(tail) != 1+len(group)+8 || int(tail[0]) != len(group) || !bytes.HasPrefix(tail[1:], []byte(group)) {
		return 0, false
	}
	return binary.BigEndian.Uint64(tail[1+len(group):]), true
}

func appendToken(b []byte, token string) []byte {
	return append(append(b, byte(len(token))), token...)
}

func appendTime(b []byte, t int64) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(t))
}

func cutToken(b []byte) (token string, rest []byte, ok bool) {
	if len(b) == 0 || len(b) < 1+int(b[0]) {
		return "", nil, false
	}
	n := 1 + int(b[0])
	return string(b[1:n]), b[n:], true
}

// errDamaged says that the store holds what this package never writes.
var errDamaged = errors.New("the stored queue is damaged")
