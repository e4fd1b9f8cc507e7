package embedded

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"rubrica/shared/queue"
)

// version is the first byte of every value, so that a later form can be told
// from this one.
const version = 1

// totals is what a queue counts over all of its messages.
type totals struct {
	last    uint64 // the last sequence given out
	stored  uint64 // messages in groups, waiting or in flight
	delayed uint64 // messages not yet in their group
}

func (t totals) encode() []byte {
	b := append(make([]byte, 0, 25), version)
	b = binary.BigEndian.AppendUint64(b, t.last)
	b = binary.BigEndian.AppendUint64(b, t.stored)
	return binary.BigEndian.AppendUint64(b, t.delayed)
}

func decodeTotals(b []byte) (totals, error) {
	if len(b) != 25 || b[0] != version {
		return totals{}, errDamaged
	}
	return totals{
		last:    binary.BigEndian.Uint64(b[1:]),
		stored:  binary.BigEndian.Uint64(b[9:]),
		delayed: binary.BigEndian.Uint64(b[17:]),
	}, nil
}

// appendMessage encodes what a message keeps through its life: version, ID,
// time of sending, dedup, body. Its group is in its key.
func appendMessage(b []byte, m queue.Message, id [16]byte, sent int64) []byte {
	b = append(append(b, version), id[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(sent))
	return append(appendToken(b, m.Dedup), m.Body...)
}

func decodeMessage(b []byte, group string) (queue.Message, error) {
	if len(b) < 26 || b[0] != version {
		return queue.Message{}, errDamaged
	}
	dedup, body, ok := cutToken(b[25:])
	if !ok {
		return queue.Message{}, errDamaged
	}
	return queue.Message{
		ID:    base64.RawURLEncoding.EncodeToString(b[1:17]),
		Sent:  time.Unix(0, int64(binary.BigEndian.Uint64(b[17:]))),
		Group: group,
		Dedup: dedup,
		Body:  string(body),
	}, nil
}

// claimSize is the size of an encoded claim: version, deliveries, hidden until,
// nonce of the latest delivery.
const claimSize = 1 + 4 + 8 + 8

func (c *claim) encode() []byte {
	b := append(make([]byte, 0, claimSize), version)
	b = binary.BigEndian.AppendUint32(b, c.receives)
	b = binary.BigEndian.AppendUint64(b, uint64(c.until))
	return binary.BigEndian.AppendUint64(b, c.nonce)
}

func (c *claim) decode(b []byte) error {
	if len(b) != claimSize || b[0] != version {
		return errDamaged
	}
	c.receives = binary.BigEndian.Uint32(b[1:])
	c.until = int64(binary.BigEndian.Uint64(b[5:]))
	c.nonce = binary.BigEndian.Uint64(b[13:])
	return nil
}

func encodeTime(t int64) []byte {
	return binary.BigEndian.AppendUint64(append(make([]byte, 0, 9), version), uint64(t))
}

func decodeTime(b []byte) (int64, error) {
	if len(b) != 9 || b[0] != version {
		return 0, errDamaged
	}
	return int64(binary.BigEndian.Uint64(b[1:])), nil
}

// receipt names one delivery of one message.
type receipt struct{ seq, nonce uint64 }

func (r receipt) String() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], r.seq)
	binary.BigEndian.PutUint64(b[8:], r.nonce)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

var errReceipt = errors.New("queue: not a receipt of this engine")

func parseReceipt(s string) (receipt, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) != 16 {
		return receipt{}, errReceipt
	}
	return receipt{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}, nil
}
