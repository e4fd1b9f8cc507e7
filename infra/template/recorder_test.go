package template_test

import (
	"context"
	"strings"
	"sync"

	"rubrica/shared/queue"
	"rubrica/shared/table"
)

// call is one call to AWS, as IAM sees it.
type call struct {
	action string
	on     string // logical id of the table or queue
	// keys are the partition keys, of calls to a table; of a request that names
	// several, policies hold all of them together.
	keys []string
}

// recorder notes which calls functions make.
type recorder struct {
	mu    sync.Mutex
	calls map[string][]call // by function
}

func (r *recorder) note(function, action, on string, keys ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls[function] = append(r.calls[function], call{action, on, keys})
}

// recordedTable notes what the DynamoDB driver would call. TestRecorderCallsAsTheDriverDoes
// holds it against the driver.
type recordedTable struct {
	table.Driver
	note func(action string, keys ...string)
}

func (t recordedTable) Read(ctx context.Context, keys []table.Key, ranges []table.Range) ([]table.Row, []table.Page, error) {
	switch len(keys) {
	case 0:
	case 1:
		t.note("dynamodb:GetItem", keys[0].PK())
	default:
		all := make([]string, len(keys))
		for i, k := range keys {
			all[i] = k.PK()
		}
		t.note("dynamodb:BatchGetItem", all...)
	}
	for _, r := range ranges {
		t.note("dynamodb:Query", r.Of.PK())
	}
	return t.Driver.Read(ctx, keys, ranges)
}

// Write notes the actions of a transaction one by one: IAM asks for each of
// them, and knows no transaction.
func (t recordedTable) Write(ctx context.Context, actions []table.Action) error {
	for _, a := range actions {
		action := map[table.Verb]string{
			table.VerbPut: "dynamodb:PutItem", table.VerbDelete: "dynamodb:DeleteItem",
			table.VerbAdd: "dynamodb:UpdateItem", table.VerbCheck: "dynamodb:ConditionCheckItem",
		}[a.Verb]
		if a.Verb == table.VerbCheck && len(actions) == 1 {
			action = "dynamodb:GetItem"
		}
		t.note(action, a.Row.Key.PK())
	}
	return t.Driver.Write(ctx, actions)
}

func (t recordedTable) Batch(ctx context.Context, puts []table.Row, deletes []table.Key) error {
	for _, row := range puts {
		t.note("dynamodb:BatchWriteItem", row.Key.PK())
	}
	for _, k := range deletes {
		t.note("dynamodb:BatchWriteItem", k.PK())
	}
	return t.Driver.Batch(ctx, puts, deletes)
}

func (t recordedTable) Scan(ctx context.Context, s table.Segment) (table.Page, error) {
	t.note("dynamodb:Scan")
	return t.Driver.Scan(ctx, s)
}

// recordedQueue notes what the SQS driver calls to send: a batch needs the
// permission of a single message.
type recordedQueue struct {
	queue.Driver
	note func(action, queue string)
}

func (q recordedQueue) Send(ctx context.Context, to queue.Spec, messages []queue.Message) error {
	name, dead := strings.CutSuffix(to.Name, "-dead")
	kind := "Queue"
	if dead {
		kind = "Dead"
	}
	q.note("sqs:SendMessage", strings.ToUpper(name[:1])+name[1:]+kind)
	return q.Driver.Send(ctx, to, messages)
}
