// Package queue is the messaging seam: named queues that deliver at least once,
// over SQS (queue/sqs) or a store embedded in the process (queue/embedded).
//
// A message is an id, not a truth: its consumer reads again what it is about.
// Standard queues deliver in any order, fairly between groups; FIFO queues
// deliver in order within a group, one message of a group at a time.
package queue

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// Limits, SQS's own, checked in front of every driver.
const (
	MaxBody    = 256 << 10        // bytes of a body; SQS takes more, consumers need not
	MaxBatch   = 10               // messages in one Receive
	MaxDelay   = 15 * time.Minute // of a message
	MaxWait    = 20 * time.Second // of one Receive
	MaxVisible = 12 * time.Hour   // of a visibility timeout
)

// Spec is a queue as its consumer declares it.
type Spec struct {
	// Name is the queue's name, without the deployment's prefix.
	Name string
	// FIFO keeps the order within a group and drops a message whose Dedup was
	// seen in the last five minutes.
	FIFO bool
	// Visibility is how long a received message stays hidden unless it is
	// deleted before.
	Visibility time.Duration
	// MaxReceives is after how many deliveries without a Delete a message goes
	// to the dead letters.
	MaxReceives int
}

// Dead is the queue of what Spec's consumer could not handle. Its messages stay
// until somebody deletes or redrives them (SQS: 14 days).
func (s Spec) Dead() Spec {
	return Spec{Name: s.Name + "-dead", FIFO: s.FIFO, Visibility: s.Visibility}
}

// Message is what is sent and received.
type Message struct {
	// ID is the queue's own; empty when sending.
	ID string
	// Body is text: UTF-8 without control characters other than tab, newline and
	// carriage return, as SQS takes it.
	Body string
	// Group is the workspace (standard: for fairness) or the lane (FIFO: for
	// order). Required; printable ASCII without spaces.
	Group string
	// Dedup identifies a message of a FIFO queue, whatever its group; required
	// there, unused else. Of the characters of Group.
	Dedup string
	// Delay holds a message of a standard queue back. SQS takes whole seconds, and
	// so are the visibilities of Spec and Hide; the rest of one is rounded up.
	Delay time.Duration

	// Receives counts deliveries, this one included; only when received.
	Receives int
	// Sent is when the queue accepted it; only when received.
	Sent time.Time
	// Receipt is this delivery's handle, for Delete and Hide.
	Receipt string
}

// Driver is what a queue engine does. It may rely on the checks of Queues.
type Driver interface {
	// Send accepts all messages, durably, before it returns. After an error
	// some may have been accepted: send again, consumers are idempotent.
	Send(ctx context.Context, q Spec, messages []Message) error
	// Receive hides up to max messages for q.Visibility and returns them; it
	// waits for the first one, at most wait. None is no error. When ctx ends
	// first, its error is in the one returned.
	Receive(ctx context.Context, q Spec, max int, wait time.Duration) ([]Message, error)
	// Delete says that received messages are done. One whose visibility ran out
	// may be delivered again all the same; deleting twice is fine.
	Delete(ctx context.Context, q Spec, messages []Message) error
	// Hide sets how long from now a received message stays hidden; 0 makes it
	// visible at once. It is for a message in flight: afterwards it changes
	// nothing, and may say so.
	Hide(ctx context.Context, q Spec, m Message, d time.Duration) error
	// Depth says about how many messages are waiting and in flight.
	Depth(ctx context.Context, q Spec) (visible, hidden int, err error)
}

// Errors of every driver; compare with errors.Is.
var (
	ErrLimit       = errors.New("queue: over a limit")
	ErrUnavailable = errors.New("queue: not available")
)

// Queues is what everybody uses: a Driver behind the checks that hold for all.
type Queues struct{ driver Driver }

// New puts the checks in front of a driver.
func New(driver Driver) *Queues { return &Queues{driver} }

// Send accepts any number of messages, durably, before it returns.
func (qs *Queues) Send(ctx context.Context, q Spec, messages ...Message) error {
	for i, m := range messages {
		switch {
		case len(m.Body) == 0 || len(m.Body) > MaxBody:
			return fmt.Errorf("%w: body of %d bytes in message %d, want 1 to %d", ErrLimit, len(m.Body), i, MaxBody)
		case !isText(m.Body):
			return fmt.Errorf("%w: body of message %d is no text, or has control characters", ErrLimit, i)
		case !isToken(m.Group):
			return fmt.Errorf("%w: group of message %d: want 1 to %d printable characters of ASCII", ErrLimit, i, maxToken)
		case q.FIFO && !isToken(m.Dedup):
			return fmt.Errorf("%w: dedup of message %d: want 1 to %d printable characters of ASCII", ErrLimit, i, maxToken)
		case m.Delay < 0 || m.Delay > MaxDelay || q.FIFO && m.Delay != 0:
			return fmt.Errorf("%w: delay %s in message %d", ErrLimit, m.Delay, i)
		}
	}
	if len(messages) == 0 {
		return nil
	}
	return qs.driver.Send(ctx, q, messages)
}

// maxToken is how many bytes a group or a dedup may have; SQS's own.
const maxToken = 128

// isToken says if s can be a group or a dedup, by SQS's rules.
func isToken(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != "" && len(s) <= maxToken
}

// isText says if s can be a body, by SQS's rules: the characters of XML 1.0.
func isText(s string) bool {
	for _, c := range s {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0xfffe || c == 0xffff {
			return false
		}
	}
	return utf8.ValidString(s)
}

// Receive hides up to max (1 to MaxBatch) messages and returns them, waiting at
// most wait for the first.
func (qs *Queues) Receive(ctx context.Context, q Spec, max int, wait time.Duration) ([]Message, error) {
	if max < 1 || max > MaxBatch || wait < 0 || wait > MaxWait {
		return nil, fmt.Errorf("%w: receive of %d messages, waiting %s", ErrLimit, max, wait)
	}
	if q.Visibility <= 0 || q.Visibility > MaxVisible {
		return nil, fmt.Errorf("%w: visibility %s of queue %s", ErrLimit, q.Visibility, q.Name)
	}
	return qs.driver.Receive(ctx, q, max, wait)
}

// Delete says that received messages are done.
func (qs *Queues) Delete(ctx context.Context, q Spec, messages ...Message) error {
	if len(messages) == 0 {
		return nil
	}
	return qs.driver.Delete(ctx, q, messages)
}

// Hide sets how long from now a received message stays hidden.
func (qs *Queues) Hide(ctx context.Context, q Spec, m Message, d time.Duration) error {
	if d < 0 || d > MaxVisible {
		return fmt.Errorf("%w: visibility %s", ErrLimit, d)
	}
	return qs.driver.Hide(ctx, q, m, d)
}

// Depth says about how many messages are waiting and in flight.
func (qs *Queues) Depth(ctx context.Context, q Spec) (visible, hidden int, err error) {
	return qs.driver.Depth(ctx, q)
}
