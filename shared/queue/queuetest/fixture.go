package queuetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"rubrica/shared/queue"
)

const (
	// short is a visibility that is waited for, long one that does not run out
	// within a test.
	short = time.Second
	long  = 10 * time.Minute
	// patience is how long a test waits for what must happen. It is less than
	// queue.MaxWait, so that a Receive that only looks at the end is found out.
	patience = 15 * time.Second
)

// fixture is one queue of one test.
type fixture struct {
	*testing.T
	queues *queue.Queues
	spec   queue.Spec
	opened Opened
}

// setup opens an engine and a new standard queue, changed by those given.
func setup(t *testing.T, open opener, change ...func(*queue.Spec)) *fixture {
	t.Helper()
	t.Parallel()
	opened := open(t)
	f := &fixture{T: t, queues: queue.New(opened.Driver), opened: opened}
	f.spec = f.declare(change...)
	return f
}

// declare makes another new queue.
func (f *fixture) declare(change ...func(*queue.Spec)) queue.Spec {
	f.Helper()
	q := queue.Spec{Name: fmt.Sprintf("t%016x", rand.Uint64()), Visibility: long}
	for _, c := range change {
		c(&q)
	}
	if f.opened.Declare != nil {
		f.opened.Declare(f.T, q)
	}
	return q
}

func fifo(q *queue.Spec) { q.FIFO = true }

func visibility(d time.Duration) func(*queue.Spec) {
	return func(q *queue.Spec) { q.Visibility = d }
}

func maxReceives(n int) func(*queue.Spec) {
	return func(q *queue.Spec) { q.MaxReceives = n }
}

// message is one of group g with a unique dedup.
func message(body string) queue.Message {
	return queue.Message{Body: body, Group: "g", Dedup: fmt.Sprintf("%016x", rand.Uint64())}
}

func messageOf(group, body string) queue.Message {
	m := message(body)
	m.Group = group
	return m
}

// numbered is n messages of group g with the bodies 0, 1, 2 and so on.
func numbered(n int) []queue.Message {
	messages := make([]queue.Message, n)
	for i := range messages {
		messages[i] = message(fmt.Sprint(i))
	}
	return messages
}

func (f *fixture) send(messages ...queue.Message) {
	f.Helper()
	f.sendTo(f.spec, messages...)
}

func (f *fixture) sendTo(q queue.Spec, messages ...queue.Message) {
	f.Helper()
	if err := f.queues.Send(f.Context(), q, messages...); err != nil {
		f.Fatalf("Send: %v", err)
	}
}

func (f *fixture) receiveFrom(q queue.Spec, max int, wait time.Duration) []queue.Message {
	f.Helper()
	ctx, cancel := context.WithTimeout(f.Context(), patience)
	defer cancel()
	messages, err := f.queues.Receive(ctx, q, max, wait)
	if err != nil {
		f.Fatalf("Receive: %v", err)
	}
	if len(messages) > max {
		f.Fatalf("Receive of at most %d gave %d messages", max, len(messages))
	}
	return messages
}

// await receives exactly n messages, in as many calls as it takes.
func (f *fixture) await(n int) []queue.Message {
	f.Helper()
	return f.awaitFrom(f.spec, n)
}

func (f *fixture) awaitFrom(q queue.Spec, n int) []queue.Message {
	f.Helper()
	var all []queue.Message
	for end := time.Now().Add(patience); len(all) < n; {
		if time.Now().After(end) {
			f.Fatalf("received %d messages, want %d: %v", len(all), n, bodies(all))
		}
		all = append(all, f.receiveFrom(q, min(n-len(all), queue.MaxBatch), time.Second)...)
	}
	return all
}

func (f *fixture) awaitOne() queue.Message {
	f.Helper()
	return f.await(1)[0]
}

// nothing checks that no message can be received now. It does not wait for one:
// where a Receive that does not wait may overlook messages, as SQS's may, the
// check is weaker, and never wrong.
func (f *fixture) nothing() {
	f.Helper()
	f.nothingIn(f.spec)
}

func (f *fixture) nothingIn(q queue.Spec) {
	f.Helper()
	if got := f.receiveFrom(q, queue.MaxBatch, 0); len(got) > 0 {
		f.Fatalf("received %v, delivery %d of the first; want nothing", bodies(got), got[0].Receives)
	}
}

func (f *fixture) delete(messages ...queue.Message) {
	f.Helper()
	if err := f.queues.Delete(f.Context(), f.spec, messages...); err != nil {
		f.Fatalf("Delete: %v", err)
	}
}

func (f *fixture) hide(m queue.Message, d time.Duration) {
	f.Helper()
	if err := f.queues.Hide(f.Context(), f.spec, m, d); err != nil {
		f.Fatalf("Hide: %v", err)
	}
}

// pass lets d go by, by the engine's clock.
func (f *fixture) pass(d time.Duration) {
	if f.opened.Advance != nil {
		f.opened.Advance(d)
		return
	}
	time.Sleep(d + 200*time.Millisecond)
}

// excused prints why the engine is not held to the rest of the test, if so.
func (f *fixture) excused(reason string) bool {
	if reason != "" {
		f.Logf("not asked of this engine: %s", reason)
	}
	return reason != ""
}

func bodies(messages []queue.Message) []string {
	all := make([]string, len(messages))
	for i, m := range messages {
		all[i] = m.Body
		if len(all[i]) > 40 {
			all[i] = fmt.Sprintf("%.40s… (%d bytes)", m.Body, len(m.Body))
		}
	}
	return all
}

// sameBodies checks what was received, in whatever order.
func (f *fixture) sameBodies(got []queue.Message, want ...string) {
	f.Helper()
	have := make([]string, len(got))
	for i, m := range got {
		have[i] = m.Body
	}
	slices.Sort(have)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(have, want) {
		f.Fatalf("received bodies %.200q, want %.200q", have, want)
	}
}

// inOrder checks what was received, and its order.
func (f *fixture) inOrder(got []queue.Message, want ...string) {
	f.Helper()
	if !slices.Equal(bodies(got), want) {
		f.Fatalf("received %v, want %v in this order", bodies(got), want)
	}
}
