// Package queuefn starts the functions that work on a queue's messages.
// Lambda receives and deletes them; no client of SQS is linked.
package queuefn

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/audit"
	"rubrica/shared/boot"
	"rubrica/shared/boot/tables"
	"rubrica/shared/consume"
	"rubrica/shared/ledger"
	"rubrica/shared/queue"
	"rubrica/shared/table"
)

// Consumer makes the consumer whose messages a function works on.
type Consumer func(*ledger.Ledger) consume.Consumer

// Start works on the consumer's messages over the deployment's tables.
func Start(consumer Consumer) boot.Start {
	return func(env *boot.Environment) lambda.Handler {
		t := tables.Open(env)
		return New(env, boot.Function(env), t.Main(), t.Audit(), consumer)
	}
}

// StartPaced is Start for a consumer that keeps to a pace, so many transactions a
// second, which the deployment sets.
func StartPaced(consumer func(l *ledger.Ledger, perSecond float64) consume.Consumer) boot.Start {
	return func(env *boot.Environment) lambda.Handler {
		rate, err := strconv.ParseFloat(env.Required(boot.JobRate), 64)
		if err != nil || rate <= 0 {
			env.Refuse(fmt.Errorf("%s must be a number above 0", boot.JobRate))
		}
		return Start(func(l *ledger.Ledger) consume.Consumer { return consumer(l, rate) })(env)
	}
}

// New returns the handler of a function over the given tables. It refuses to
// start with a consumer that belongs to another function.
func New(env *boot.Environment, function string, main, log *table.Table, consumer Consumer) lambda.Handler {
	c := consumer(ledger.New(main, audit.NewLog(log), time.Now))
	if c.Function != function {
		env.Refuse(fmt.Errorf("queuefn: the queue %s belongs to the function %s, not to %s", c.Queue.Name, c.Function, function))
	}
	return &handler{c, env.Log}
}

type handler struct {
	consumer consume.Consumer
	log      *slog.Logger
}

// event is what counts of SQS's event; events.SQSEvent has all of it.
type event struct {
	Records []struct {
		ID         string `json:"messageId"`
		Body       string `json:"body"`
		Receipt    string `json:"receiptHandle"`
		Attributes struct {
			Receives int    `json:"ApproximateReceiveCount,string"`
			Sent     int64  `json:"SentTimestamp,string"` // milliseconds since 1970
			Group    string `json:"MessageGroupId"`
			Dedup    string `json:"MessageDeduplicationId"`
		} `json:"attributes"`
	} `json:"Records"`
}

// answer is events.SQSEventResponse: the messages that are to come again. The
// event source must have ReportBatchItemFailures, else it is not looked at.
type answer struct {
	Failures []failure `json:"batchItemFailures"`
}

type failure struct {
	ID string `json:"itemIdentifier"`
}

// Invoke works on one batch. Each message fails for itself; Invoke fails, and
// with it the batch, only on what is no event of a queue.
func (h *handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	began := time.Now()
	messages, err := decode(payload)
	if err != nil {
		return nil, fmt.Errorf("queuefn: not an event of a queue: %w", err)
	}
	soon, cancel := boot.InTime(ctx)
	defer cancel()
	failed := h.consumer.Handle(soon, messages)
	a := answer{Failures: []failure{}}
	for i, m := range messages {
		if err := failed[i]; err != nil {
			a.Failures = append(a.Failures, failure{m.ID})
			h.log.ErrorContext(ctx, "a message failed", "queue", h.consumer.Queue.Name, "message", m.ID, "receives", m.Receives, "error", err)
		}
	}
	h.log.InfoContext(ctx, boot.Messages, "queue", h.consumer.Queue.Name,
		"handled", len(messages)-len(failed), "failed", len(failed), "micros", time.Since(began).Microseconds())
	return json.Marshal(a)
}

func decode(payload []byte) ([]queue.Message, error) {
	var e event
	if err := json.Unmarshal(payload, &e, jsontext.AllowInvalidUTF8(true)); err != nil {
		return nil, err
	}
	if len(e.Records) == 0 {
		return nil, fmt.Errorf("no messages")
	}
	messages := make([]queue.Message, len(e.Records))
	for i, r := range e.Records {
		messages[i] = queue.Message{
			ID: r.ID, Body: r.Body, Receipt: r.Receipt, Receives: r.Attributes.Receives,
			Group: r.Attributes.Group, Dedup: r.Attributes.Dedup, Sent: time.UnixMilli(r.Attributes.Sent).UTC(),
		}
	}
	return messages, nil
}
