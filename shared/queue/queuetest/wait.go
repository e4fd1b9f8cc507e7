package queuetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"rubrica/shared/queue"
)

// waiting is a Receive of one message that waits as long as it may.
type waiting struct {
	f        *fixture
	cancel   context.CancelFunc
	done     chan struct{}
	messages []queue.Message
	err      error
}

// wait begins to wait; the test does not end before it.
func (f *fixture) wait() *waiting {
	ctx, cancel := context.WithTimeout(f.Context(), patience)
	w := &waiting{f: f, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		w.messages, w.err = f.queues.Receive(ctx, f.spec, 1, queue.MaxWait)
	}()
	f.Cleanup(func() {
		cancel()
		<-w.done
	})
	return w
}

// settle gives those who were started the time to wait in earnest. The tests
// hold without it; they would only show less.
func settle() { time.Sleep(100 * time.Millisecond) }

// one is the message that was waited for.
func (w *waiting) one() queue.Message {
	w.f.Helper()
	<-w.done
	if w.err != nil || len(w.messages) != 1 {
		w.f.Fatalf("a Receive that waited gave %v, error %v; want one message", bodies(w.messages), w.err)
	}
	return w.messages[0]
}

func exerciseWait(t *testing.T, open opener) {
	t.Run("EndsWithAMessageThatIsSent", func(t *testing.T) {
		f := setup(t, open)
		w := f.wait()
		settle()
		f.send(message("at last"))
		f.sameBodies([]queue.Message{w.one()}, "at last")
	})

	t.Run("EndsForEveryoneWithAMessageEach", func(t *testing.T) {
		f := setup(t, open)
		waiters := []*waiting{f.wait(), f.wait(), f.wait()}
		settle()
		f.send(numbered(len(waiters))...)
		var got []queue.Message
		for _, w := range waiters {
			got = append(got, w.one())
		}
		f.sameBodies(got, "0", "1", "2")
	})

	t.Run("EndsWhenADelayEnds", func(t *testing.T) {
		f := setup(t, open)
		w := f.wait()
		settle()
		m := message("delayed")
		m.Delay = time.Second
		f.send(m)
		f.sameBodies([]queue.Message{w.one()}, "delayed")
	})

	t.Run("EndsWhenAVisibilityEnds", func(t *testing.T) {
		f := setup(t, open, visibility(short))
		f.send(message("again"))
		f.awaitOne()
		if got := f.wait().one(); got.Body != "again" || got.Receives != 2 {
			t.Errorf("received %q, delivery %d; want the second delivery", got.Body, got.Receives)
		}
	})

	t.Run("EndsWhenAMessageIsGivenBack", func(t *testing.T) {
		f := setup(t, open)
		f.send(message("back"))
		m := f.awaitOne()
		w := f.wait()
		settle()
		f.hide(m, 0)
		if got := w.one(); got.ID != m.ID || got.Receives != 2 {
			t.Errorf("received delivery %d of %s, want the second of %s", got.Receives, got.ID, m.ID)
		}
	})

	t.Run("EndsWhenAFIFOGroupMayGoOn", func(t *testing.T) {
		f := setup(t, open, fifo)
		f.send(numbered(2)...)
		first := f.awaitOne()
		w := f.wait()
		settle()
		f.delete(first)
		f.inOrder([]queue.Message{w.one()}, "1")
	})

	t.Run("EndsWithItsContext", func(t *testing.T) {
		f := setup(t, open)
		w := f.wait()
		settle()
		w.cancel()
		<-w.done
		if len(w.messages) > 0 || !errors.Is(w.err, context.Canceled) {
			t.Errorf("Receive gave %v, error %v; want one that is context.Canceled", bodies(w.messages), w.err)
		}
	})

	t.Run("LosesNoMessageToOneWhoLeaves", func(t *testing.T) {
		f := setup(t, open, visibility(short))
		leaving := []*waiting{f.wait(), f.wait(), f.wait()}
		staying := f.wait()
		settle()
		go func() {
			for _, w := range leaving {
				w.cancel()
			}
		}()
		f.send(message("kept"))
		// One who left may have received it, and never have been told.
		for _, w := range leaving {
			<-w.done
		}
		f.sameBodies([]queue.Message{staying.one()}, "kept")
	})
}
