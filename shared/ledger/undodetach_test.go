package ledger_test

import (
	"context"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rubrica/shared/consume"
	"rubrica/shared/ledger"
	"rubrica/shared/queue"
	"rubrica/shared/tenant"
)

// A tag that was deleted and detached while a contact was absorbed does not come
// back with the contact, also where nobody had yet taken its hints away.
func TestUndoBringsNoDeletedTagBack(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	rapid.Check(t, func(rt *rapid.T) {
		m := &tagMachine{system: s.inNewWorkspace(rt)}
		create := func(tags ...string) string {
			a, err := m.Create(m.ctx, m.scope(rt), ledger.Operation{Tag: tags, Apply: same, Answer: answerID})
			if err != nil {
				rt.Fatal(err)
			}
			return a.Location
		}
		absorbed, survivor := create("t1"), create()
		made, err := m.Merge(m.ctx, m.scope(rt), ledger.Merging{Survivor: survivor, Others: []string{absorbed}, Answer: func(made ledger.Merged) ledger.Answer {
			return ledger.Answer{Status: 201, Location: made.ID}
		}})
		if err == nil {
			m.merges = []string{made.Location}
			_, err = m.DeleteTag(m.ctx, m.scope(rt), "t1", ledger.Answer{})
		}
		if err != nil {
			rt.Fatal(err)
		}
		at := ""
		m.handle(rt, &at, "detach")
		m.undo(rt)
		m.handle(rt, &at, "")
		m.drain(rt)
		for _, row := range m.all(rt, m.main) {
			if row.Key.Partition().Parts()[0] == "tag" && (row.Key.SK() != "-" || row.Count != 0) {
				rt.Fatalf("left: %s, %d", row.Key, row.Count)
			}
		}
		m.mustBeClean(rt)
	})
}

// handle forwards what changed and has the consumers work whose functions' names have
// a text in them.
func (m *tagMachine) handle(rt *rapid.T, at *string, only string) {
	ctx := tenant.BindOperator(context.Background())
	consumers := consume.All(m.Ledger, m.queues)
	for i := range consumers {
		consumers[i].Delay = 0
	}
	relay := consume.NewRelay(m.queues, consumers...)
	for more := true; more; {
		page, err := m.main.Changes(ctx, *at, 500)
		if err == nil {
			err = relay.Forward(ctx, page.Items)
		}
		if err != nil {
			rt.Fatal(err)
		}
		if page.Next != "" {
			*at = page.Next
		}
		more = len(page.Items) > 0
	}
	for _, c := range consumers {
		if !strings.Contains(c.Function, only) {
			continue
		}
		for {
			messages, err := m.queues.Receive(ctx, c.Queue, queue.MaxBatch, 0)
			if err != nil {
				rt.Fatal(err)
			}
			if len(messages) == 0 {
				break
			}
			for _, err := range c.Handle(ctx, messages) {
				rt.Fatal(c.Function, err)
			}
			if err := m.queues.Delete(ctx, c.Queue, messages...); err != nil {
				rt.Fatal(err)
			}
		}
	}
}
