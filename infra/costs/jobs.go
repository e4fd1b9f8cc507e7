package main

import (
	"context"

	"github.com/go-json-experiment/json"
)

// nobody is an id in the shard of no other lane than its own.
const nobody = "01JD3QAAAAAAAAAAAAAAAAAAA0"

func startJob(w *world, i int) call {
	return call{method: "POST", path: "/v1/jobs", body: `{"type":"status","status":"inactive","select":{"ids":["` + w.contacts[i] + `"]}}`, want: 202}
}

// jobsDone leaves jobs that are through, for a contact that is not there.
func jobsDone(ctx context.Context, w *world, n int) error {
	return w.jobs(ctx, max(n, 30), `{"type":"unblock","select":{"ids":["`+nobody+`"]}}`)
}

// jobsHeld leaves deletions of all contacts, one, that wait to be confirmed.
func jobsHeld(ctx context.Context, w *world, n int) error {
	if err := people(ctx, w, 1); err != nil {
		return err
	}
	return w.jobs(ctx, n, `{"type":"delete","select":{"all":true}}`)
}

func (w *world) jobs(ctx context.Context, n int, body string) error {
	for range n {
		answer, err := w.do(ctx, call{method: "POST", path: "/v1/jobs", body: body, want: 202})
		if err != nil {
			return err
		}
		var made struct{ ID string }
		if err := json.Unmarshal(answer, &made, json.MatchCaseInsensitiveNames(true)); err != nil {
			return err
		}
		w.spare = append(w.spare, made.ID)
	}
	return nil
}

func ofJob(method, action string) func(*world, int) call {
	return func(w *world, i int) call {
		c := call{method: method, path: "/v1/jobs/" + w.spare[i] + action, want: 200}
		if action == "/confirm" {
			c.body = `{"confirm":1}`
		}
		return c
	}
}
