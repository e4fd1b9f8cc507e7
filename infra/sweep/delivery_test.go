package sweep

import (
	"errors"
	"slices"
	"time"

	"rubrica/shared/consume"
	"rubrica/shared/queue"
	"rubrica/shared/tenant"
)

// streamBatch is how many changes the event source hands over at once.
const streamBatch = 100

// settle does what AWS does after a commit, until nothing is left to do:
// changes to the relay, messages to their consumers, both again after a failure.
// Dead letters are brought back if redrive says so, as an operator would.
func (s *system) settle(lastFirst, redrive bool) error {
	s.script.answered()
	for range 400 {
		if s.script.isDead() {
			s.restart()
		}
		consumers := slices.Clone(s.faulty.consumers)
		if lastFirst {
			slices.Reverse(consumers)
		}
		waiting, hidden := 0, 0
		for i := range consumers {
			v, h, err := s.consume(&consumers[i], redrive)
			if err != nil {
				return err
			}
			waiting, hidden = waiting+v, hidden+h
		}
		left := s.relay() // the last, for what was committed meanwhile
		switch {
		case left || waiting > 0:
		case hidden > 0:
			s.clock.advance(10 * time.Minute) // longer than any message stays hidden
		default:
			return nil
		}
	}
	return errors.New("the relay and the consumers never come to rest")
}

// relay hands one batch of changes to the relay, and tells whether there may be
// more.
func (s *system) relay() (more bool) {
	ctx := tenant.BindOperator(s.ctx)
	page, err := s.faulty.table.Changes(ctx, s.position, streamBatch)
	if err == nil && len(page.Items) > 0 {
		err = s.faulty.forward(ctx, page.Items)
	}
	if err != nil || s.script.isDead() {
		return true
	}
	s.position = page.Next
	return len(page.Items) > 0
}

// consume hands one batch of messages to a consumer, if there are any, and
// returns how many are waiting and hidden then.
func (s *system) consume(c *consume.Consumer, redrive bool) (waiting, hidden int, err error) {
	ctx := tenant.BindOperator(s.ctx)
	if redrive {
		if err := s.redrive(c.Queue); err != nil {
			return 0, 0, err
		}
	}
	if waiting, hidden, err = s.depth(c.Queue, redrive); err != nil || waiting == 0 {
		return waiting, hidden, err
	}
	messages, err := s.faulty.queues.Receive(ctx, c.Queue, min(c.Batch, queue.MaxBatch), 0)
	if err == nil && s.bug.acknowledgesFirst {
		err = s.faulty.queues.Delete(ctx, c.Queue, messages...)
	}
	if err == nil {
		// What failed stays hidden until its time is up.
		failed := c.Handle(ctx, messages)
		var done []queue.Message
		for i, m := range messages {
			if failed[i] == nil {
				done = append(done, m)
			}
		}
		_ = s.faulty.queues.Delete(ctx, c.Queue, done...) // or they come again
	}
	behind := err == nil && len(messages) == 0 && c.Queue.FIFO
	if waiting, hidden, err = s.depth(c.Queue, redrive); behind {
		waiting, hidden = 0, waiting+hidden // what waits in a lane whose first message is hidden
	}
	return waiting, hidden, err
}

// depth is how many messages wait and are hidden, those that were just given up
// included where they will be brought back.
func (s *system) depth(q queue.Spec, redrive bool) (waiting, hidden int, err error) {
	ctx := tenant.BindOperator(s.ctx)
	waiting, hidden, err = s.well.queues.Depth(ctx, q)
	if err != nil || !redrive {
		return waiting, hidden, err
	}
	dead, _, err := s.well.queues.Depth(ctx, q.Dead())
	return waiting + dead, hidden, err
}

// redrive moves dead letters back.
func (s *system) redrive(q queue.Spec) error {
	for {
		messages, err := s.well.queues.Receive(s.ctx, q.Dead(), queue.MaxBatch, 0)
		if err != nil || len(messages) == 0 {
			return err
		}
		for _, m := range messages {
			again := queue.Message{Body: m.Body, Group: m.Group, Dedup: m.Dedup}
			if err := s.well.queues.Send(s.ctx, q, again); err != nil {
				return err
			}
		}
		if err := s.well.queues.Delete(s.ctx, q.Dead(), messages...); err != nil {
			return err
		}
	}
}
