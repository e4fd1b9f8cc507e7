// Package embedded keeps queues in the store of the one-machine server
// (table/pebble), beside the tables: a queue.Driver without a server.
//
// # What is kept where
//
// Every waiting message is one key of the store, in the order of its group
// (key.go). In memory are only the messages in flight, at most MaxInFlight of a
// queue, and two numbers per group that has messages; so a backlog of millions
// costs disk, not memory. What is in memory is derived from the store when a
// queue is first used (load.go), and again after an error.
//
// # What survives a crash
//
// Send answers when its messages are on disk; concurrent Sends share the sync.
// Deliveries, Hide and Delete are applied at once, and are on disk a tenth of a
// second later at the latest (flush.go). A crash in between takes them back, in
// the reverse of their order and none of the Sends: then a message is delivered
// again, with a lower count. Closing the store loses nothing.
//
// # Delivery
//
// Standard queues take turns between groups, one message a turn: with a backlog
// of any size in one group, the next message of another is at most one round
// away. Within a group, what was delivered before comes first, then the order
// of sending. FIFO queues fill a Receive from one group as far as it goes, then
// from the next, and give out nothing of a group while any of it is in flight.
//
// A message that was delivered MaxReceives times moves to the dead letters when
// the next delivery would be due, in one batch with its removal here. It keeps
// ID, Sent, Group and Dedup; its count starts again.
package embedded

import (
	"context"
	"fmt"
	"sync"
	"time"

	lsm "github.com/cockroachdb/pebble/v2"

	"rubrica/shared/queue"
	"rubrica/shared/table/pebble"
)

// MaxInFlight is how many messages of a queue may be delivered and not deleted,
// unless Options say otherwise: SQS's own limit.
const MaxInFlight = 120_000

// Options of a Driver; the zero value is what the server uses.
type Options struct {
	// MaxInFlight is how many messages of one queue may be delivered and not
	// deleted, whether or not they are visible again; 0 is the constant. At the
	// limit no message is delivered for the first time. About 200 bytes of
	// memory each.
	MaxInFlight int
	// Release makes visible at once what was in flight when the process before
	// this one ended, for whoever knows that its receivers ended with it. Else
	// it stays hidden for what is left of its visibility.
	Release bool
}

// Driver is all queues of one store. A store has one Driver at a time.
type Driver struct {
	engine      *pebble.Engine
	maxInFlight int
	release     bool
	flusher     flusher

	mu    sync.Mutex
	lines map[string]*line
}

var _ queue.Driver = (*Driver)(nil)

// New returns the queues of a store. The store's clock is theirs. There is
// nothing to close: who waits in Receive is sent away when the store closes.
func New(engine *pebble.Engine, options Options) *Driver {
	if options.MaxInFlight <= 0 {
		options.MaxInFlight = MaxInFlight
	}
	return &Driver{
		engine:      engine,
		maxInFlight: options.MaxInFlight,
		release:     options.Release,
		flusher:     flusher{engine: engine},
		lines:       make(map[string]*line),
	}
}

// line returns the state of a queue, which may not be loaded yet.
func (d *Driver) line(q queue.Spec) (*line, error) {
	if q.Name == "" || len(q.Name) > maxName {
		return nil, fmt.Errorf("%w: queue name of %d bytes, want 1 to %d", queue.ErrLimit, len(q.Name), maxName)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.lines[q.Name]
	if l == nil {
		l = newLine(d, q)
		d.lines[q.Name] = l
	}
	if l.fifo != q.FIFO {
		return nil, fmt.Errorf("queue %s is used both as FIFO and as standard", q.Name)
	}
	return l, nil
}

// within runs do on a queue, with the store held open.
func (d *Driver) within(ctx context.Context, q queue.Spec, do func(*line) error) error {
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	l, err := d.line(q)
	if err != nil {
		return err
	}
	if err := d.engine.Enter(); err != nil {
		return unavailable(err)
	}
	defer d.engine.Leave()
	return do(l)
}

// lazily commits what may be lost in a crash.
func (d *Driver) lazily(b *lsm.Batch) error {
	d.flusher.request()
	return d.engine.CommitNoSync(b)
}

// Delete says that received messages are done: one commit for all of them. A
// receipt counts if it is of the message's latest delivery, also when its
// visibility has run out; an older one, and one of a message that is gone, is
// passed over without an error, as SQS documents it. So a slow consumer cannot
// delete what was given to another meanwhile.
func (d *Driver) Delete(ctx context.Context, q queue.Spec, messages []queue.Message) error {
	receipts := make([]receipt, len(messages))
	for i, m := range messages {
		var err error
		if receipts[i], err = parseReceipt(m.Receipt); err != nil {
			return err
		}
	}
	return d.within(ctx, q, func(l *line) error {
		return l.edit(d.lazily, func(e *edit) error {
			l.delete(e, receipts)
			return nil
		})
	})
}

// Hide sets how long from now a received message stays hidden; 0 makes it
// visible at once. It does nothing when the receipt is not of the message's
// latest delivery, or when that is no longer in flight.
func (d *Driver) Hide(ctx context.Context, q queue.Spec, m queue.Message, visibility time.Duration) error {
	r, err := parseReceipt(m.Receipt)
	if err != nil {
		return err
	}
	return d.within(ctx, q, func(l *line) error {
		return l.edit(d.lazily, func(e *edit) error {
			l.hide(e, r, visibility)
			return nil
		})
	})
}

// Depth says how many messages could be received (or are waiting behind another
// of their FIFO group), and how many are in flight or delayed.
func (d *Driver) Depth(ctx context.Context, q queue.Spec) (visible, hidden int, err error) {
	err = d.within(ctx, q, func(l *line) (err error) {
		for due := true; due && err == nil; { // delayed messages whose time has come are waiting
			err = l.edit(d.lazily, func(e *edit) error {
				now := l.now()
				l.expire(now)
				if due = l.nextLater <= now; due {
					return l.promote(e, now)
				}
				visible = int(l.totals.stored) - l.hidden.Len()
				hidden = l.hidden.Len() + int(l.totals.delayed)
				return nil
			})
		}
		return err
	})
	return visible, hidden, err
}

// unavailable says that the engine or the context ended a call.
func unavailable(err error) error { return fmt.Errorf("%w: %w", queue.ErrUnavailable, err) }
