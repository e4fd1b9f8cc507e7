// Package queuetest is the conformance suite of the queue seam: what every
// driver promises, whichever engine is behind it. Run holds a driver to it.
//
// It uses the drivers as everybody does, behind queue.Queues. Where an engine
// has a clock that can be moved, nothing is waited for; otherwise the suite
// waits for real, a second or so at a time. Nothing is ever asserted about how
// long something took, except that a Receive which may wait for twenty seconds
// must not need all of them.
package queuetest

import (
	"testing"
	"time"

	"rubrica/shared/queue"
)

// Opened is an engine for one test.
type Opened struct {
	// Driver is under test.
	Driver queue.Driver
	// Declare makes a queue, and its dead letters if it has MaxReceives, for
	// engines whose queues must be made before they are used; nil for others. The
	// names are new each time.
	Declare func(t *testing.T, q queue.Spec)
	// Advance moves the engine's clock on, for this test alone; nil says that
	// the suite must wait.
	Advance func(d time.Duration)

	// The following excuse an engine from a promise, each with the reason, which
	// is printed; "" holds it to the promise.

	// Unfair: a group may have to wait for the backlog of another.
	Unfair string
	// LooseReceipts: the receipt of an older delivery still deletes or hides.
	LooseReceipts string
}

type opener func(t *testing.T) Opened

// Run holds a driver to all that package queue promises. It calls open once per
// test, at the same time from many of them; they may share an engine unless it
// has a clock.
func Run(t *testing.T, open func(t *testing.T) Opened) {
	exercises := []struct {
		name     string
		exercise func(t *testing.T, open opener)
	}{
		{"Send", exerciseSend},
		{"Receive", exerciseReceive},
		{"Wait", exerciseWait},
		{"Delay", exerciseDelay},
		{"Visibility", exerciseVisibility},
		{"Delete", exerciseDelete},
		{"DeadLetters", exerciseDeadLetters},
		{"FIFO", exerciseFIFO},
		{"Dedup", exerciseDedup},
		{"Fairness", exerciseFairness},
		{"Crowd", exerciseCrowd},
		{"Depth", exerciseDepth},
	}
	for _, e := range exercises {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			e.exercise(t, open)
		})
	}
}
