package embedded

import (
	"context"
	"encoding/binary"
	"math/rand/v2"

	lsm "github.com/cockroachdb/pebble/v2"

	"rubrica/shared/queue"
)

// A Send is cut into batches of about this much.
const (
	sendCount = 1000
	sendSize  = 1 << 20 // bytes of bodies
)

// Send accepts the messages and returns when all are on disk: one batch, or
// several for a large Send, and one sync, which concurrent Sends share. They can
// be received a moment before. A repeat within the five minutes of a FIFO queue
// also waits for the sync, so for that of the message it repeats.
func (d *Driver) Send(ctx context.Context, q queue.Spec, messages []queue.Message) error {
	return d.within(ctx, q, func(l *line) error {
		var pending *lsm.Batch
		for len(messages) > 0 {
			if err := ctx.Err(); err != nil {
				return unavailable(err)
			}
			n := cut(messages)
			commit := d.engine.CommitNoSync
			if n == len(messages) {
				commit = func(b *lsm.Batch) error {
					pending = b
					return d.engine.Apply(b)
				}
			}
			err := l.edit(commit, func(e *edit) error { return l.send(e, messages[:n]) })
			if err != nil {
				return err
			}
			messages = messages[n:]
		}
		if pending == nil {
			return nil
		}
		if err := d.engine.Sync(pending); err != nil {
			return unavailable(err)
		}
		return nil
	})
}

// cut says how many of the messages make one batch.
func cut(messages []queue.Message) int {
	size := 0
	for i, m := range messages {
		size += len(m.Body)
		if i == sendCount || i > 0 && size > sendSize {
			return i
		}
	}
	return len(messages)
}

func (l *line) send(e *edit, messages []queue.Message) error {
	now := l.now()
	if l.fifo {
		var err error
		if messages, err = l.fresh(e, messages, now); err != nil {
			return err
		}
	}
	var value []byte
	for _, m := range messages {
		var id [16]byte
		binary.BigEndian.PutUint64(id[:], rand.Uint64())
		binary.BigEndian.PutUint64(id[8:], rand.Uint64())
		if m.Delay > 0 {
			value = appendMessage(appendToken(value[:0], m.Group), m, id, now)
			l.addLater(e, now+int64(m.Delay), value)
		} else {
			value = appendMessage(value[:0], m, id, now)
			l.add(e, m.Group, value)
		}
	}
	// Whatever the messages were, the batch must not be empty: its sync is the
	// proof that what they repeat is on disk.
	e.note(e.batch.LogData(nil, nil))
	l.offer()
	return nil
}
