package consume

import (
	"context"
	"errors"
	"slices"
	"time"

	"rubrica/shared/audit"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/queue"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// Consumer is the work behind one queue, said once: the Lambda, the local server,
// template.yaml's test and the crash sweep all read it.
type Consumer struct {
	// Function is the folder of the Lambda that does it.
	Function string
	// Topic is what a row's Out says to have it done; "" where others than the relay
	// send to the queue.
	Topic string
	Queue queue.Spec
	// Batch is how many messages are handled at once, at most.
	Batch int
	// Timeout is how long handling a batch may take; the queue's visibility is
	// six times as long.
	Timeout time.Duration
	// Delay is how long its messages are held back.
	Delay time.Duration

	// Lane names the lane that a row's message is in, of a queue that keeps the
	// order of lanes; nil for all others. Such a message names one row.
	Lane func(table.Key) string
	// Workers is how many batches are worked on side by side where all consumers
	// run in one process; 0 is one. Lambda adds workers by itself.
	Workers int
	// Bulk says that it works for jobs, at length, and nobody waits for it.
	Bulk bool

	// handle works on the rows that one message names.
	handle handler
	ledger *ledger.Ledger
	// receive works on a message that is none of the relay's, instead of handle.
	receive func(ctx context.Context, m queue.Message) error
}

// handler works on the rows that one message names; receives is how often it was
// delivered, this time included.
type handler func(ctx context.Context, s *ledger.Scope, keys []table.Key, receives int) error

// maxReceives is how often a message is tried before it is a dead letter.
const maxReceives = 5

func newConsumer(l *ledger.Ledger, function, topic string, batch int, timeout time.Duration,
	handle func(context.Context, *ledger.Scope, []table.Key) error,
) Consumer {
	return Consumer{
		Function: function, Topic: topic, Batch: batch, Timeout: timeout, ledger: l,
		handle: func(ctx context.Context, s *ledger.Scope, keys []table.Key, _ int) error { return handle(ctx, s, keys) },
		Queue:  queue.Spec{Name: topic, Visibility: 6 * timeout, MaxReceives: maxReceives},
	}
}

// WriteAudit copies changes into the audit log.
func WriteAudit(l *ledger.Ledger) Consumer {
	return newConsumer(l, "write-audit", ledger.TopicAudit, 10, 30*time.Second, l.LogRows)
}

// ReindexContact removes hints that are no longer true.
func ReindexContact(l *ledger.Ledger) Consumer {
	return newConsumer(l, "reindex-contact", ledger.TopicReindex, 10, 30*time.Second, each(l.Reindex))
}

// PurgeContact removes what deleted contacts leave behind.
func PurgeContact(l *ledger.Ledger) Consumer {
	c := newConsumer(l, "purge-contact", ledger.TopicPurge, 10, 60*time.Second, together(l.Purge))
	c.Bulk = true
	return c
}

// DetachContacts takes what was deleted from those who carry it. A call that
// began before the deletion may have given it to one more contact until its
// deadline, half a minute at most: by then all of them can be found. What a
// million carry takes minutes; the time out continues where it was.
func DetachContacts(l *ledger.Ledger) Consumer {
	c := newConsumer(l, "detach-contacts", ledger.TopicDetach, 1, 5*time.Minute, func(ctx context.Context, s *ledger.Scope, keys []table.Key) error {
		var errs []error
		for _, k := range keys {
			errs = append(errs, l.Detach(ctx, s, k))
		}
		return errors.Join(errs...)
	})
	c.Delay = time.Minute
	return c
}

// RefreshSuggestions keeps the list of values that several contacts hold.
func RefreshSuggestions(l *ledger.Ledger) Consumer {
	return newConsumer(l, "refresh-suggestions", ledger.TopicSuggest, 10, 30*time.Second, each(l.RefreshSuggestions))
}

// Relayed are the consumers of the relay's queues.
func Relayed(l *ledger.Ledger) []Consumer {
	return []Consumer{WriteAudit(l), ReindexContact(l), RefreshSuggestions(l), PurgeContact(l), DetachContacts(l), PlanJob(l), RunJob(l, Unpaced)}
}

// All are the consumers of all queues. queues are where they send dead letters of
// their own to.
func All(l *ledger.Ledger, queues *queue.Queues) []Consumer {
	return append(Relayed(l), ReceiveEvents(l, queues))
}

// each works on contacts one by one; what goes wrong with one does not keep the
// others waiting.
func each(work func(context.Context, *ledger.Scope, string) error) func(context.Context, *ledger.Scope, []table.Key) error {
	return together(func(ctx context.Context, s *ledger.Scope, ids ...string) error {
		var errs []error
		for _, id := range ids {
			errs = append(errs, work(ctx, s, id))
		}
		return errors.Join(errs...)
	})
}

// together works on all contacts of a message at once.
func together(work func(context.Context, *ledger.Scope, ...string) error) func(context.Context, *ledger.Scope, []table.Key) error {
	return func(ctx context.Context, s *ledger.Scope, keys []table.Key) error {
		var errs []error
		var ids []string
		for _, k := range keys {
			id, ok := ledger.ContactOf(k)
			if !ok {
				errs = append(errs, errors.New("consume: row "+k.String()+" is no contact's"))
			} else if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
		return errors.Join(append(errs, work(ctx, s, ids...))...)
	}
}

// Handle works on messages, each for itself, and returns the errors of those
// that are to be delivered again, by their place. Messages of a workspace that
// is gone are done.
func (c *Consumer) Handle(ctx context.Context, messages []queue.Message) map[int]error {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	failed := map[int]error{}
	scopes := map[tenant.Workspace]*ledger.Scope{}
	for i, m := range messages {
		if err := c.one(ctx, scopes, m); err != nil {
			failed[i] = err
		}
	}
	return failed
}

func (c *Consumer) one(ctx context.Context, scopes map[tenant.Workspace]*ledger.Scope, m queue.Message) error {
	if c.receive != nil {
		return c.receive(ctx, m)
	}
	ws, keys, err := keys(m)
	if err != nil {
		return err
	}
	ctx = tenant.Bind(ctx, ws)
	s := scopes[ws]
	if s == nil {
		actor := audit.Actor{Type: audit.System, ID: c.Function}
		if s, err = c.ledger.Enter(ctx, ws, actor, m.ID); err != nil {
			if problem.Is(err, problem.Unauthenticated) {
				return nil
			}
			return err
		}
		scopes[ws] = s
	}
	return c.handle(ctx, s, keys, m.Receives)
}
