package sqs

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sync/errgroup"

	"rubrica/shared/queue"
)

const (
	batchSize  = 10      // messages in one request
	batchBytes = 1 << 20 // of all bodies in one request
	batchLanes = 4       // requests of one Send at the same time, standard queues
)

// Send sends by batches. Those of a FIFO queue go one after another, and no two
// messages of a group in one batch: SQS may accept the second and refuse the
// first, and then their order would be lost.
func (d *Driver) Send(ctx context.Context, q queue.Spec, messages []queue.Message) error {
	url, err := d.url(ctx, q)
	if err != nil {
		return err
	}
	lanes := batchLanes
	if q.FIFO {
		lanes = 1
	}
	if n := batchLength(q, messages); n == len(messages) {
		return d.send(ctx, q, url, messages)
	}
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(lanes)
	for len(messages) > 0 {
		n := batchLength(q, messages)
		some := messages[:n]
		messages = messages[n:]
		all.Go(func() error {
			if err := ctx.Err(); err != nil { // a batch before this one failed
				return unavailable(q, err)
			}
			return d.send(ctx, q, url, some)
		})
	}
	return all.Wait()
}

// batchLength is how many of the messages go into the next request.
func batchLength(q queue.Spec, messages []queue.Message) int {
	size := 0
	for i, m := range messages {
		size += len(m.Body)
		if i == batchSize || i > 0 && size > batchBytes {
			return i
		}
		if q.FIFO && hasGroup(messages[:i], m.Group) {
			return i
		}
	}
	return len(messages)
}

func hasGroup(messages []queue.Message, group string) bool {
	for _, m := range messages {
		if m.Group == group {
			return true
		}
	}
	return false
}

func (d *Driver) send(ctx context.Context, q queue.Spec, url *string, messages []queue.Message) error {
	entries := make([]types.SendMessageBatchRequestEntry, len(messages))
	for i, m := range messages {
		entries[i] = types.SendMessageBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), MessageBody: &m.Body,
			MessageGroupId: &m.Group, DelaySeconds: seconds(m.Delay),
		}
		if q.FIFO {
			entries[i].MessageDeduplicationId = &m.Dedup
		}
	}
	return repeat(ctx, q, func() (failed []types.BatchResultErrorEntry, err error) {
		out, err := d.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: url, Entries: entries})
		if err != nil {
			return nil, err
		}
		entries = keep(entries, out.Failed, func(e types.SendMessageBatchRequestEntry) *string { return e.Id })
		return out.Failed, nil
	})
}

// seconds rounds up, as SQS counts in whole seconds and less would be none.
func seconds(d time.Duration) int32 { return int32((d + time.Second - 1) / time.Second) }
