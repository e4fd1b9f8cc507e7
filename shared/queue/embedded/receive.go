package embedded

import (
	"container/heap"
	"context"
	"math/rand/v2"
	"time"

	lsm "github.com/cockroachdb/pebble/v2"

	"rubrica/shared/queue"
	"rubrica/shared/table/pebble"
)

// maxBuried bounds how many messages one batch moves to the dead letters.
const maxBuried = 100

// Receive hides up to max messages for q.Visibility and returns them; it waits
// for the first one, at most wait. Nothing is polled: whatever makes a message
// visible wakes a Receive that waits. It ends with an error when ctx does, or
// when the store closes.
func (d *Driver) Receive(ctx context.Context, q queue.Spec, max int, wait time.Duration) ([]queue.Message, error) {
	messages, err := d.take(ctx, q, max)
	if err != nil || len(messages) > 0 || wait <= 0 {
		return messages, err
	}
	l, err := d.line(q)
	if err != nil {
		return nil, err
	}
	l.arrive()
	defer l.depart()
	late := time.NewTimer(wait)
	defer late.Stop()
	for {
		messages, err := d.take(ctx, q, max)
		if err != nil {
			l.notify() // it was perhaps woken for a message, which is still there
		}
		if err != nil || len(messages) > 0 {
			return messages, err
		}
		select {
		case <-l.wake:
		case <-late.C:
			return nil, nil
		case <-ctx.Done():
			return nil, unavailable(ctx.Err())
		case <-d.engine.Closing():
			return nil, unavailable(pebble.ErrClosed)
		}
	}
}

// take is a Receive that does not wait.
func (d *Driver) take(ctx context.Context, q queue.Spec, max int) (messages []queue.Message, err error) {
	err = d.within(ctx, q, func(l *line) error {
		promoted := false
		for again := true; again; {
			err := l.edit(d.lazily, func(e *edit) (err error) {
				now := l.now()
				l.expire(now)
				if l.nextLater <= now && !promoted {
					promoted = true
					return l.promote(e, now)
				}
				p := pick{edit: e, spec: q, max: max, until: now + int64(q.Visibility)}
				again, err = p.run()
				messages = p.picked
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return messages, nil
}

// pick is one choice of messages to deliver.
type pick struct {
	*edit
	spec   queue.Spec
	max    int
	until  int64 // hidden until
	picked []queue.Message
	buried int

	// fresh walks over messages that were never delivered; at is the group whose
	// message it stands on.
	fresh *lsm.Iterator
	at    *group
}

// run picks, group by group. It says again when all it did was to move messages
// to the dead letters, and there may be more.
func (p *pick) run() (again bool, err error) {
	l := p.line
	// A whole round without a message means that there is none to be had.
	for turns := l.ring.n; turns > 0 && len(p.picked) < p.max && p.buried < maxBuried; turns-- {
		g := l.ring.pop()
		before := len(p.picked) + p.buried
		err = p.turn(g)
		l.settle(g)
		if err != nil {
			break
		}
		if len(p.picked)+p.buried > before {
			turns = l.ring.n + 1
		}
	}
	if p.fresh != nil {
		if closeErr := p.fresh.Close(); err == nil && closeErr != nil {
			err = unavailable(closeErr)
		}
	}
	if len(p.picked) > 0 {
		l.offer() // to the next who waits
	}
	return len(p.picked) == 0 && p.buried == maxBuried, err
}

// turn takes one message of the group, or for a FIFO queue as many as fit.
func (p *pick) turn(g *group) error {
	for g.waiting() && len(p.picked) < p.max && p.buried < maxBuried {
		c, value, err := p.next(g)
		if err != nil {
			return unavailable(err)
		}
		if c == nil {
			return nil
		}
		if p.spec.MaxReceives > 0 && int(c.receives) >= p.spec.MaxReceives {
			if err := p.bury(c, value); err != nil {
				return err
			}
			continue
		}
		m, err := decodeMessage(value, g.name)
		if err != nil {
			return unavailable(err)
		}
		c.receives++
		c.nonce = rand.Uint64()
		p.line.claim(p.edit, c, p.until)
		m.Receives = int(c.receives)
		m.Receipt = c.receipt().String()
		p.picked = append(p.picked, m)
		if !p.line.fifo {
			return nil
		}
	}
	return nil
}

// next takes the group's first message out of where it waits; none if it was
// never delivered and too many are in flight. The value is valid until the next
// call.
func (p *pick) next(g *group) (*claim, []byte, error) {
	l := p.line
	if g.returned.Len() > 0 {
		c := heap.Pop(&g.returned).(*claim)
		value, err := l.driver.engine.Get(l.keys.message(g.name, c.seq))
		if err == nil && value == nil {
			err = errDamaged
		}
		return c, value, err
	}
	if len(l.claims) >= l.driver.maxInFlight {
		return nil, nil, nil
	}
	seq, value, err := p.nextFresh(g)
	if err != nil {
		return nil, nil, err
	}
	g.cursor = seq
	c := &claim{group: g, seq: seq}
	l.claims[seq] = c
	return c, value, nil
}

// nextFresh reads the group's first message that was never delivered.
func (p *pick) nextFresh(g *group) (seq uint64, value []byte, err error) {
	l := p.line
	if p.fresh == nil {
		if p.fresh, err = l.driver.engine.Iterate(l.keys.bounds(kindMessage)); err != nil {
			return 0, nil, err
		}
	}
	var ok bool
	if p.at == g {
		ok = p.fresh.Next()
	} else {
		ok = p.fresh.SeekGE(l.keys.message(g.name, g.cursor+1))
	}
	p.at = g
	if !ok {
		if err := p.fresh.Error(); err != nil {
			return 0, nil, err
		}
		return 0, nil, errDamaged
	}
	if seq, ok = l.keys.isMessageOf(p.fresh.Key(), g.name); !ok {
		return 0, nil, errDamaged
	}
	value, err = p.fresh.ValueAndErr()
	return seq, value, err
}

// bury moves a message to the dead letters.
func (p *pick) bury(c *claim, value []byte) error {
	dead, err := p.deadLetters()
	if err != nil {
		return err
	}
	p.line.drop(p.edit, c)
	dead.add(p.edit, c.group.name, value)
	p.buried++
	return nil
}
