package main

import (
	"context"
	"sync/atomic"
	"time"

	"rubrica/shared/queue"
	"rubrica/shared/table"
)

// requests counts what a table's calls are on the wire: DynamoDB has one request
// for many keys, but one for each range, and takes 25 rows in a batch.
type requests struct {
	table.Driver
	sent atomic.Int64
}

const rowsPerBatch = 25

func (r *requests) Read(ctx context.Context, keys []table.Key, ranges []table.Range) ([]table.Row, []table.Page, error) {
	r.sent.Add(int64(min(len(keys), 1) + len(ranges)))
	return r.Driver.Read(ctx, keys, ranges)
}

func (r *requests) Write(ctx context.Context, actions []table.Action) error {
	r.sent.Add(1)
	return r.Driver.Write(ctx, actions)
}

func (r *requests) Batch(ctx context.Context, puts []table.Row, deletes []table.Key) error {
	r.sent.Add(int64((len(puts) + len(deletes) + rowsPerBatch - 1) / rowsPerBatch))
	return r.Driver.Batch(ctx, puts, deletes)
}

// letters counts what SQS bills of a queue's calls: requests of up to ten
// messages, by pieces of 64 KB. Who sends waits for it; receiving and deleting
// are Lambda's, before and after the invocation. Asking in vain is no
// operation's cost: a queue does that whether there is work or not.
type letters struct {
	queue.Driver
	billed, sends atomic.Int64
}

const piece = 64 << 10

func (l *letters) Send(ctx context.Context, q queue.Spec, messages []queue.Message) error {
	for rest := messages; len(rest) > 0; {
		n := min(len(rest), queue.MaxBatch)
		l.sends.Add(1)
		l.billed.Add(pieces(rest[:n]))
		rest = rest[n:]
	}
	return l.Driver.Send(ctx, q, messages)
}

func (l *letters) Receive(ctx context.Context, q queue.Spec, limit int, wait time.Duration) ([]queue.Message, error) {
	messages, err := l.Driver.Receive(ctx, q, limit, wait)
	if len(messages) > 0 {
		l.billed.Add(pieces(messages))
	}
	return messages, err
}

func (l *letters) Delete(ctx context.Context, q queue.Spec, messages []queue.Message) error {
	l.billed.Add(int64((len(messages) + queue.MaxBatch - 1) / queue.MaxBatch))
	return l.Driver.Delete(ctx, q, messages)
}

func pieces(messages []queue.Message) int64 {
	bytes := 0
	for _, m := range messages {
		bytes += len(m.Body)
	}
	return int64(max(1, (bytes+piece-1)/piece))
}
