package sqs

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"rubrica/shared/queue"
)

// Receive asks once. wait and visibility count in whole seconds, rounded up.
func (d *Driver) Receive(ctx context.Context, q queue.Spec, max int, wait time.Duration) ([]queue.Message, error) {
	url, err := d.url(ctx, q)
	if err != nil {
		return nil, err
	}
	in := &sqs.ReceiveMessageInput{
		QueueUrl: url, MaxNumberOfMessages: int32(max),
		WaitTimeSeconds: seconds(wait), VisibilityTimeout: seconds(q.Visibility),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{
			types.MessageSystemAttributeNameApproximateReceiveCount,
			types.MessageSystemAttributeNameSentTimestamp,
			types.MessageSystemAttributeNameMessageGroupId,
			types.MessageSystemAttributeNameMessageDeduplicationId,
		},
	}
	if q.FIFO {
		// The client's retry after a lost answer gets the same messages, which
		// would else block their groups until they are visible again.
		in.ReceiveRequestAttemptId = aws.String(rand.Text())
	}
	out, err := d.client.ReceiveMessage(ctx, in)
	if err != nil {
		return nil, failure(q, err)
	}
	messages := make([]queue.Message, len(out.Messages))
	for i, m := range out.Messages {
		if messages[i], err = received(m); err != nil {
			return nil, fmt.Errorf("queue %s: message %s: %w", q.Name, aws.ToString(m.MessageId), err)
		}
	}
	return messages, nil
}

func received(m types.Message) (queue.Message, error) {
	receives, err := strconv.Atoi(m.Attributes["ApproximateReceiveCount"])
	if err != nil {
		return queue.Message{}, err
	}
	sent, err := strconv.ParseInt(m.Attributes["SentTimestamp"], 10, 64)
	if err != nil {
		return queue.Message{}, err
	}
	return queue.Message{
		ID: aws.ToString(m.MessageId), Body: aws.ToString(m.Body), Receipt: aws.ToString(m.ReceiptHandle),
		Group: m.Attributes["MessageGroupId"], Dedup: m.Attributes["MessageDeduplicationId"],
		Receives: receives, Sent: time.UnixMilli(sent).UTC(),
	}, nil
}

// Delete passes over receipts that count no more.
func (d *Driver) Delete(ctx context.Context, q queue.Spec, messages []queue.Message) error {
	url, err := d.url(ctx, q)
	if err != nil {
		return err
	}
	for len(messages) > 0 {
		n := min(batchSize, len(messages))
		if err := d.delete(ctx, q, url, messages[:n]); err != nil {
			return err
		}
		messages = messages[n:]
	}
	return nil
}

func (d *Driver) delete(ctx context.Context, q queue.Spec, url *string, messages []queue.Message) error {
	entries := make([]types.DeleteMessageBatchRequestEntry, len(messages))
	for i, m := range messages {
		entries[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &m.Receipt}
	}
	return repeat(ctx, q, func() ([]types.BatchResultErrorEntry, error) {
		out, err := d.client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: url, Entries: entries})
		if err != nil {
			return nil, err
		}
		var failed []types.BatchResultErrorEntry
		for _, f := range out.Failed {
			if !staleReceipt(entryError(f)) {
				failed = append(failed, f)
			}
		}
		entries = keep(entries, failed, func(e types.DeleteMessageBatchRequestEntry) *string { return e.Id })
		return failed, nil
	})
}

// Hide does nothing when the message is no longer in flight.
func (d *Driver) Hide(ctx context.Context, q queue.Spec, m queue.Message, visibility time.Duration) error {
	url, err := d.url(ctx, q)
	if err != nil {
		return err
	}
	_, err = d.client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: url, ReceiptHandle: &m.Receipt, VisibilityTimeout: seconds(visibility),
	})
	if err != nil && !staleReceipt(err) {
		return failure(q, err)
	}
	return nil
}

// Depth counts delayed messages as hidden. SQS's numbers trail by up to a minute.
func (d *Driver) Depth(ctx context.Context, q queue.Spec) (visible, hidden int, err error) {
	url, err := d.url(ctx, q)
	if err != nil {
		return 0, 0, err
	}
	out, err := d.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: url,
		AttributeNames: []types.QueueAttributeName{
			types.QueueAttributeNameApproximateNumberOfMessages,
			types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
			types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
		},
	})
	if err != nil {
		return 0, 0, failure(q, err)
	}
	var counts [3]int
	for i, name := range [...]string{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"} {
		if counts[i], err = strconv.Atoi(out.Attributes[name]); err != nil {
			return 0, 0, fmt.Errorf("queue %s: %s: %w", q.Name, name, err)
		}
	}
	return counts[0], counts[1] + counts[2], nil
}
