package consume

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"rubrica/shared/queue"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// Worker does in one process what Lambda's event sources do on AWS: it feeds the
// relay from the change stream, and consumers from their queues.
type Worker struct {
	Table     *table.Table
	Queues    *queue.Queues
	Consumers []Consumer
	// Position loads and stores where the relay stands in the change stream;
	// nil where the stream itself forgets what was asked past.
	Position Position
	// Bulk is how many batches of bulk work are handled at a time, whatever queues they
	// are from; 0 is as many as there are workers.
	Bulk int
	// BulkBegins is told of each such batch, by the goroutine that works on it, which
	// does nothing else and ends with it; what it returns is told of the end. nil is
	// nobody.
	BulkBegins func() (end func())
	// Wait returns when there may be changes behind a position, or after a while.
	Wait func(ctx context.Context, after string) error
	Log  *slog.Logger
}

// Position keeps a place in the change stream over restarts.
type Position interface {
	Load(ctx context.Context) (string, error)
	Store(ctx context.Context, position string) error
}

// gather is how long the relay lets changes collect once there are some: work for
// many costs little more than work for one.
const gather = 40 * time.Millisecond

// changesPage is how many changes are forwarded at a time.
const changesPage = 500

// Run works until ctx is done, and returns when everything that it began is
// finished.
func (w *Worker) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { w.relay(ctx) })
	turns := make(chan struct{}, w.Bulk)
	for i := range w.Consumers {
		handle := w.Consumers[i].Handle
		if w.Consumers[i].Bulk && w.Bulk > 0 {
			handle = w.inTurn(turns, handle)
		}
		for range max(w.Consumers[i].Workers, 1) {
			wg.Go(func() { w.consume(ctx, &w.Consumers[i], handle) })
		}
	}
	wg.Wait()
}

// relay forwards changes until ctx is done. What was forwarded but not noted is
// forwarded again: consumers are idempotent.
func (w *Worker) relay(ctx context.Context) {
	relay := NewRelay(w.Queues, w.Consumers...)
	ctx = tenant.BindOperator(ctx)
	at := ""
	if w.Position != nil {
		w.persist(ctx, "loading the relay's position", func() (err error) { at, err = w.Position.Load(ctx); return err })
	}
	for ctx.Err() == nil {
		page, err := w.Table.Changes(ctx, at, changesPage)
		if err == nil && len(page.Items) > 0 {
			err = relay.Forward(ctx, page.Items)
		}
		if err != nil {
			w.pause(ctx, "forwarding changes", err)
			continue
		}
		if page.Next != at && w.Position != nil {
			w.persist(ctx, "storing the relay's position", func() error { return w.Position.Store(ctx, page.Next) })
		}
		at = page.Next
		if len(page.Items) == 0 {
			_ = w.Wait(ctx, at)
			sleep(ctx, gather)
		}
	}
}

// persist tries until it succeeds or ctx is done.
func (w *Worker) persist(ctx context.Context, doing string, try func() error) {
	for ctx.Err() == nil {
		err := try()
		if err == nil {
			return
		}
		w.pause(ctx, doing, err)
	}
}

// handling is what is done with a batch; see Consumer.Handle.
type handling func(context.Context, []queue.Message) map[int]error

// inTurn is handling in as many places at once as turns has room for. Who waits
// gets its turn in the order of coming.
func (w *Worker) inTurn(turns chan struct{}, handle handling) handling {
	return func(ctx context.Context, messages []queue.Message) map[int]error {
		turns <- struct{}{}
		defer func() { <-turns }()
		var failed map[int]error
		var batch sync.WaitGroup
		batch.Go(func() {
			if w.BulkBegins != nil {
				defer w.BulkBegins()()
			}
			failed = handle(ctx, messages)
		})
		batch.Wait()
		return failed
	}
}

// consume handles a queue's messages until ctx is done.
func (w *Worker) consume(ctx context.Context, c *Consumer, handle handling) {
	for ctx.Err() == nil {
		messages, err := w.receive(ctx, c)
		if err != nil {
			w.pause(ctx, "receiving from "+c.Queue.Name, err)
			continue
		}
		if len(messages) == 0 {
			continue
		}
		// What is begun is finished, also when the process is told to stop.
		work := context.WithoutCancel(ctx)
		failed := handle(work, messages)
		var done []queue.Message
		for i, m := range messages {
			if err := failed[i]; err != nil {
				w.Log.ErrorContext(ctx, "a message failed", "queue", c.Queue.Name, "message", m.ID, "receives", m.Receives, "error", err)
				_ = w.Queues.Hide(work, c.Queue, m, backoff(m.Receives))
				continue
			}
			done = append(done, m)
		}
		if err := w.Queues.Delete(work, c.Queue, done...); err != nil {
			w.pause(ctx, "deleting from "+c.Queue.Name, err)
		}
	}
}

// receive waits for the first message and takes what else is there, up to a batch.
func (w *Worker) receive(ctx context.Context, c *Consumer) ([]queue.Message, error) {
	messages, err := w.Queues.Receive(ctx, c.Queue, min(c.Batch, queue.MaxBatch), queue.MaxWait)
	for err == nil && len(messages) > 0 && len(messages)%queue.MaxBatch == 0 && len(messages) < c.Batch {
		more, e := w.Queues.Receive(ctx, c.Queue, min(c.Batch-len(messages), queue.MaxBatch), 0)
		if e != nil || len(more) == 0 {
			break
		}
		messages = append(messages, more...)
	}
	return messages, err
}

// backoff is how long a message that failed stays hidden.
func backoff(receives int) time.Duration {
	return min(time.Second<<min(receives, 8), 5*time.Minute)
}

// pause logs what went wrong and waits a second, unless it is time to stop.
func (w *Worker) pause(ctx context.Context, doing string, err error) {
	if ctx.Err() != nil || errors.Is(err, context.Canceled) {
		return
	}
	w.Log.ErrorContext(ctx, doing, "error", err)
	sleep(ctx, time.Second)
}

// sleep waits, unless it is time to stop.
func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
