package main

import (
	"context"
	"fmt"
	"testing"

	"rubrica/shared/ledger"
	"rubrica/shared/tenant"
)

// TestAContactOfABulkDeletionCosts holds what the deletion of a contact with an
// address and a number writes, the job's own rows included, to the architecture:
// 8.3 units; its entry in the audit log and its purge are apart.
func TestAContactOfABulkDeletionCosts(t *testing.T) {
	t.Parallel()
	const many = 3000
	for name, sizes := range map[string]ledger.JobSizes{"AtOnce": {}, "Planned": {AtOnce: 100}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, err := newWorld(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := w.close(); err != nil {
					t.Error(err)
				}
			}()
			w.ledger.SizeJobs(sizes)
			if err := people(t.Context(), w, many); err != nil {
				t.Fatal(err)
			}
			var units float64
			count := func(work func(context.Context) (int, error)) {
				t.Helper()
				c, err := w.counted(t.Context(), work)
				if err != nil {
					t.Fatal(err)
				}
				units += c.writes
			}
			count(func(ctx context.Context) (int, error) {
				return 1, w.jobs(ctx, 1, fmt.Sprintf(`{"type":"delete","select":{"all":true},"confirm":%d}`, many))
			})
			job := w.spare[0]
			count(w.work)
			if name == "Planned" {
				count(func(ctx context.Context) (int, error) {
					_, err := w.do(ctx, call{method: "POST", path: "/v1/jobs/" + job + "/confirm", body: fmt.Sprintf(`{"confirm":%d}`, many), want: 200})
					return 1, err
				})
				count(w.work)
			}
			body, err := w.do(t.Context(), call{method: "GET", path: "/v1/contacts", want: 200})
			if err != nil || string(body) != `{"items":[]}` {
				t.Fatalf("left are %s (%v)", body, err)
			}
			each := units / many
			t.Logf("%.3f write units a contact", each)
			if each < 8 || each > 8.3 {
				t.Errorf("%.3f write units a contact, want 8.3 at most", each)
			}
		})
	}
}

// work does what is left to do of jobs, and of nothing else.
func (w *world) work(ctx context.Context) (invocations int, err error) {
	for {
		before := invocations
		page, err := w.stream.Changes(tenant.BindOperator(ctx), w.relayed, 500)
		if err != nil {
			return 0, err
		}
		w.relayed = page.Next
		if err := w.relay.Forward(tenant.BindOperator(ctx), page.Items); err != nil {
			return 0, err
		}
		invocations += len(page.Items)
		for i := range w.consumers {
			c := &w.consumers[i]
			if c.Topic != ledger.TopicPlan && c.Topic != ledger.TopicRun {
				continue
			}
			worked, err := w.consume(ctx, c)
			if err != nil {
				return 0, err
			}
			invocations += worked
		}
		if invocations == before {
			return invocations, nil
		}
	}
}
