// Package streamfn starts the function that relays the main table's change
// stream to the queues. It links SQS, and no client of DynamoDB: Lambda reads
// the stream.
package streamfn

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/boot"
	"rubrica/shared/consume"
	"rubrica/shared/queue"
	"rubrica/shared/queue/sqs"
	"rubrica/shared/table"
	"rubrica/shared/table/dynamo/record"
	"rubrica/shared/tenant"
)

// Start relays changes to the consumers' queues.
func Start(consumers ...consume.Consumer) boot.Start {
	return func(env *boot.Environment) lambda.Handler {
		client := awssqs.NewFromConfig(boot.AWS(env), func(o *awssqs.Options) {
			o.BaseEndpoint = boot.Endpoint(env, boot.SQS)
		})
		urls := make(map[string]string, len(consumers))
		for _, c := range consumers {
			urls[c.Queue.Name] = env.Required(boot.Queue(c.Queue.Name))
		}
		return New(env, sqs.New(client, sqs.Options{URLs: urls}), consumers...)
	}
}

// New returns the handler over the given queues.
func New(env *boot.Environment, queues queue.Driver, consumers ...consume.Consumer) lambda.Handler {
	return &handler{consume.NewRelay(queue.New(queues), consumers...), env.Log}
}

type handler struct {
	relay *consume.Relay
	log   *slog.Logger
}

// event is what counts of the stream's event; events.DynamoDBEvent has all of it.
type event struct {
	Records []streamRecord `json:"Records"`
}

type streamRecord struct {
	Name   string `json:"eventName"`
	Change struct {
		Sequence string               `json:"SequenceNumber"`
		Image    map[string]attribute `json:"NewImage"`
	} `json:"dynamodb"`
}

// attribute is a text attribute, "" if it is of another type: keys and Out,
// which are all that counts here, are texts.
type attribute struct {
	Text string `json:"S"`
}

// answer is events.DynamoDBEventResponse: the record to begin with again. The
// event source must have ReportBatchItemFailures, else it is not looked at.
type answer struct {
	Failures []failure `json:"batchItemFailures"`
}

type failure struct {
	Sequence string `json:"itemIdentifier"`
}

// Invoke relays one batch, in order. When something does not go through, the
// event source is told the first record that did not, and comes again from
// there. An error is returned only if the very first record is at fault itself,
// for the event source then halves the batch, until the record stands alone and
// the others pass it by.
func (h *handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	began := time.Now()
	var e event
	// Values of other attributes are passed over, whatever they are.
	if err := json.Unmarshal(payload, &e, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)); err != nil {
		return nil, fmt.Errorf("streamfn: not an event of a change stream: %w", err)
	}
	if len(e.Records) == 0 {
		return nil, errors.New("streamfn: not an event of a change stream")
	}
	soon, cancel := boot.InTime(tenant.BindOperator(ctx))
	defer cancel()
	done, err := h.forward(soon, e.Records)
	if err != nil {
		h.log.ErrorContext(ctx, "changes were not relayed", "first", e.Records[done].Change.Sequence, "error", err)
	}
	h.log.InfoContext(ctx, boot.Changes, "relayed", done, "returned", len(e.Records)-done, "micros", time.Since(began).Microseconds())
	a := answer{Failures: []failure{}}
	switch {
	case err == nil:
	case done == 0 && !errors.Is(err, queue.ErrUnavailable):
		return nil, err
	default:
		a.Failures = append(a.Failures, failure{e.Records[done].Change.Sequence})
	}
	return json.Marshal(a)
}

// forward returns how many records from the beginning are relayed, and what
// went wrong with the one behind them.
func (h *handler) forward(ctx context.Context, records []streamRecord) (done int, err error) {
	changes := make([]table.Change, 0, len(records))
	var at []int // the place of each change among the records
	until := len(records)
	var broken error
	for i := range records {
		change, ok, err := records[i].change()
		if err != nil {
			until, broken = i, err
			break
		}
		if ok {
			changes, at = append(changes, change), append(at, i)
		}
	}
	err = h.relay.Forward(ctx, changes)
	switch {
	case err == nil:
		return until, broken
	case errors.Is(err, queue.ErrUnavailable):
		return 0, err
	}
	// Some change cannot be relayed at all: find the first such one.
	for i, change := range changes {
		if err := h.relay.Forward(ctx, []table.Change{change}); err != nil {
			return at[i], err
		}
	}
	return until, broken
}

func (r *streamRecord) change() (table.Change, bool, error) {
	return record.Change(r.Name, func(name string) string { return r.Change.Image[name].Text })
}
