// Package fault wraps a queue engine so that its calls go wrong on command: an
// error before or after a call was done, a message delivered twice or in another
// order, the end of the process. Crash sweeps walk over every call with it.
//
// A crash after a call and one before the next look the same from outside, so
// Kill only knows the one before.
package fault

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"rubrica/shared/queue"
)

// Kind is one of the Driver's methods.
type Kind string

// The kinds of calls.
const (
	Send    Kind = "Send"
	Receive Kind = "Receive"
	Delete  Kind = "Delete"
	Hide    Kind = "Hide"
	Depth   Kind = "Depth"
)

// Call is a call that is about to be made.
type Call struct {
	// Number counts the calls of a Driver, of all kinds, from 1.
	Number int
	Kind   Kind
	Queue  string // its Spec's name
}

// Fault is what happens to a call.
type Fault int

// The faults. Those of Receive alone are Pass for other calls.
const (
	// Pass does the call.
	Pass Fault = iota
	// FailBefore answers ErrUnavailable, and the engine never hears of the call.
	FailBefore
	// FailAfter does the call and then answers ErrUnavailable: messages are sent,
	// deleted, or received by nobody until their visibility runs out.
	FailAfter
	// Duplicate does a Receive, and the next Receive of the queue delivers the
	// same messages once more, whether or not they were deleted in between. Their
	// receipts are the same. It comes before anything else, so that a FIFO group
	// keeps its order, as it would if a Delete had come too late.
	Duplicate
	// Shuffle does a Receive and reverses its messages; those of a FIFO queue by
	// groups, each of which keeps its order.
	Shuffle
	// Kill ends the process before the call: the Driver's kill is called, and
	// should it return, this call and all later ones answer ErrUnavailable.
	Kill
)

// Plan says what happens to a call. It is asked once per call, before it is
// made, and by one call at a time.
type Plan func(Call) Fault

// Driver is a queue.Driver that follows a Plan.
type Driver struct {
	driver queue.Driver
	plan   Plan
	kill   func(Call)

	mu     sync.Mutex
	calls  int
	killed bool
	again  map[string][]queue.Message // by queue: what is delivered once more
}

var _ queue.Driver = (*Driver)(nil)

// New wraps a driver. kill is for plans that say Kill and may be nil: then the
// Driver is as good as dead, while its process lives on.
func New(driver queue.Driver, plan Plan, kill func(Call)) *Driver {
	if kill == nil {
		kill = func(Call) {}
	}
	return &Driver{driver: driver, plan: plan, kill: kill, again: make(map[string][]queue.Message)}
}

// Calls says how many calls there were so far: how far a sweep has to go.
func (d *Driver) Calls() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls
}

// call makes a call as planned.
func (d *Driver) call(kind Kind, q queue.Spec, do func(Fault) error) error {
	fault, call := d.ask(kind, q)
	switch fault {
	case Kill:
		d.kill(call)
		return failed(call, "killed")
	case FailBefore:
		return failed(call, "before it was done")
	case FailAfter:
		if err := do(fault); err != nil {
			return err
		}
		return failed(call, "after it was done")
	default:
		return do(fault)
	}
}

func (d *Driver) ask(kind Kind, q queue.Spec) (Fault, Call) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls++
	call := Call{Number: d.calls, Kind: kind, Queue: q.Name}
	if d.killed {
		return FailBefore, call
	}
	fault := d.plan(call)
	d.killed = fault == Kill
	return fault, call
}

func failed(c Call, how string) error {
	return fmt.Errorf("%w: fault in call %d, %s to %s, %s", queue.ErrUnavailable, c.Number, c.Kind, c.Queue, how)
}

// Send implements queue.Driver.
func (d *Driver) Send(ctx context.Context, q queue.Spec, messages []queue.Message) error {
	return d.call(Send, q, func(Fault) error { return d.driver.Send(ctx, q, messages) })
}

// Receive implements queue.Driver.
func (d *Driver) Receive(ctx context.Context, q queue.Spec, max int, wait time.Duration) ([]queue.Message, error) {
	var messages []queue.Message
	err := d.call(Receive, q, func(fault Fault) (err error) {
		if messages = d.repeated(q, max); len(messages) == 0 {
			messages, err = d.driver.Receive(ctx, q, max, wait)
		}
		if err != nil {
			return err
		}
		switch fault {
		case Duplicate:
			d.repeat(q, messages)
		case Shuffle:
			shuffle(q, messages)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return messages, nil
}

// Delete implements queue.Driver.
func (d *Driver) Delete(ctx context.Context, q queue.Spec, messages []queue.Message) error {
	return d.call(Delete, q, func(Fault) error { return d.driver.Delete(ctx, q, messages) })
}

// Hide implements queue.Driver.
func (d *Driver) Hide(ctx context.Context, q queue.Spec, m queue.Message, visibility time.Duration) error {
	return d.call(Hide, q, func(Fault) error { return d.driver.Hide(ctx, q, m, visibility) })
}

// Depth implements queue.Driver.
func (d *Driver) Depth(ctx context.Context, q queue.Spec) (visible, hidden int, err error) {
	err = d.call(Depth, q, func(Fault) (err error) {
		visible, hidden, err = d.driver.Depth(ctx, q)
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	return visible, hidden, nil
}

// repeat keeps messages for the next Receive.
func (d *Driver) repeat(q queue.Spec, messages []queue.Message) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, m := range messages {
		m.Receives++
		d.again[q.Name] = append(d.again[q.Name], m)
	}
}

// repeated takes what was kept.
func (d *Driver) repeated(q queue.Spec, max int) []queue.Message {
	d.mu.Lock()
	defer d.mu.Unlock()
	kept := d.again[q.Name]
	n := min(max, len(kept))
	d.again[q.Name] = kept[n:]
	return slices.Clone(kept[:n])
}

func shuffle(q queue.Spec, messages []queue.Message) {
	var order []string
	together := make(map[string][]queue.Message)
	for _, m := range messages {
		key := m.ID
		if q.FIFO {
			key = m.Group
		}
		if together[key] == nil {
			order = append(order, key)
		}
		together[key] = append(together[key], m)
	}
	shuffled := messages[:0]
	for _, key := range slices.Backward(order) {
		shuffled = append(shuffled, together[key]...)
	}
}
