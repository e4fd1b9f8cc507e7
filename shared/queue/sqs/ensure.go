package sqs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"rubrica/shared/queue"
)

// retention is how long SQS keeps a message at most, dead letters foremost.
const retention = 14 * 24 * time.Hour

// EnsureQueues makes the queues and the dead letters of those with MaxReceives
// unless they are there, and gives them their settings: for local engines; on
// AWS the template makes them.
func EnsureQueues(ctx context.Context, client *sqs.Client, prefix string, specs ...queue.Spec) error {
	for _, q := range specs {
		attributes := map[string]string{}
		if q.MaxReceives > 0 {
			dead, err := ensure(ctx, client, prefix, q.Dead(), nil)
			if err != nil {
				return err
			}
			attributes["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":"%d"}`, dead, q.MaxReceives)
		}
		if _, err := ensure(ctx, client, prefix, q, attributes); err != nil {
			return err
		}
	}
	return nil
}

// ensure makes one queue and returns its ARN.
func ensure(ctx context.Context, client *sqs.Client, prefix string, q queue.Spec, attributes map[string]string) (string, error) {
	name := Name(prefix, q)
	settings := map[string]string{
		"VisibilityTimeout":      strconv.Itoa(int(seconds(q.Visibility))),
		"MessageRetentionPeriod": strconv.Itoa(int(retention / time.Second)),
	}
	maps.Copy(settings, attributes)
	once := map[string]string{}
	if q.FIFO {
		once["FifoQueue"] = "true"
	}
	url, err := create(ctx, client, name, once)
	if err != nil {
		return "", fmt.Errorf("create queue %s: %w", name, err)
	}
	if _, err = client.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: settings}); err != nil {
		return "", fmt.Errorf("settings of queue %s: %w", name, err)
	}
	out, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn},
	})
	if err != nil {
		return "", fmt.Errorf("queue %s: %w", name, err)
	}
	return out.Attributes["QueueArn"], nil
}

// create makes a queue that is not there. Only FIFO or not is fixed for good;
// what else CreateQueue takes would be an error if it differed.
func create(ctx context.Context, client *sqs.Client, name string, once map[string]string) (*string, error) {
	there, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if err == nil {
		return there.QueueUrl, nil
	}
	if api, ok := errors.AsType[smithy.APIError](err); !ok || code(api) != "QueueDoesNotExist" && code(api) != "NonExistentQueue" {
		return nil, err
	}
	made, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: once})
	if err != nil {
		return nil, err
	}
	return made.QueueUrl, nil
}
