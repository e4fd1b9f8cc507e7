// Package sqs is the queues over Amazon SQS, or over an engine that speaks its
// protocol. Standard queues get the message's group as MessageGroupId, which
// makes them fair between groups; FIFO queues, whose names end in ".fifo", get
// group and deduplication id.
//
// The client's own retries carry a call over trouble of the moment; entries of a
// batch that SQS refused for the moment are sent again until the deadline.
package sqs

import (
	"context"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"rubrica/shared/queue"
)

// Options of a Driver.
type Options struct {
	// Prefix is the deployment's, put in front of every queue's name.
	Prefix string
	// URLs are the addresses of queues by Spec.Name, as a Lambda is told them.
	// The URL of any other is looked up once, by prefix and name.
	URLs map[string]string
}

// Driver is a queue.Driver. It is safe for concurrent use. Send of many messages
// makes up to four requests at a time.
type Driver struct {
	client *sqs.Client
	prefix string
	urls   map[string]string
	found  sync.Map // Spec.Name → URL that was looked up
}

var _ queue.Driver = (*Driver)(nil)

// New returns a driver for the queues of one deployment. It does not make them.
func New(client *sqs.Client, o Options) *Driver {
	return &Driver{client: client, prefix: o.Prefix, urls: o.URLs}
}

// Name is the name that SQS knows a queue by.
func Name(prefix string, q queue.Spec) string {
	if q.FIFO {
		return prefix + q.Name + ".fifo"
	}
	return prefix + q.Name
}

func (d *Driver) url(ctx context.Context, q queue.Spec) (*string, error) {
	if url, ok := d.urls[q.Name]; ok {
		return &url, nil
	}
	if url, ok := d.found.Load(q.Name); ok {
		return aws.String(url.(string)), nil
	}
	out, err := d.client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(Name(d.prefix, q))})
	if err != nil {
		return nil, fmt.Errorf("queue %s: %w", q.Name, classify(err))
	}
	d.found.Store(q.Name, *out.QueueUrl)
	return out.QueueUrl, nil
}
