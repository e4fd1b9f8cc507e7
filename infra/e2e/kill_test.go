package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"rubrica/infra/local/server"
)

// writer writes contacts of its own, one request after the other, each with an
// idempotency key, and remembers what was answered.
type writer struct {
	name  string
	count int
	live  map[string]string // the body last answered, by id
	dead  []string
	// pending is the request whose answer has not come.
	pending *request
}

type request struct {
	method, path, key, id string
	body                  any
}

// next draws a request: a third each of creates, patches and deletes, as far as
// there is something to patch or to delete.
func (w *writer) next() *request {
	w.count++
	r := &request{method: "POST", path: "/v1/contacts", key: fmt.Sprintf("%s-%d", w.name, w.count)}
	r.body = Object{"firstName": r.key, "email": r.key + "@example.com", "owner": "user_" + w.name}
	for id := range w.live {
		switch rand.IntN(4) {
		case 0, 1:
			r.method, r.id, r.body = "PATCH", id, Object{"city": r.key, "vip": w.count%2 == 0}
		case 2:
			if len(w.live) > 3 {
				r.method, r.id, r.body = "DELETE", id, nil
			}
		}
		break
	}
	if r.id != "" {
		r.path += "/" + r.id
	}
	return r
}

// send sends the pending request and notes its answer; an error is that none came.
func (w *writer) send(ctx context.Context, t *testing.T, c *Client) error {
	r := w.pending
	a, err := c.Try(ctx, r.method, r.path, r.body, "Idempotency-Key", r.key)
	if err != nil {
		return err
	}
	a.t = t
	switch {
	case r.method == "POST" && a.Status == 201:
		id := a.JSON().ID()
		if _, twice := w.live[id]; twice {
			t.Errorf("%v\nwhich was there before", a)
		}
		w.live[id] = string(a.Body)
	case r.method == "PATCH" && a.Status == 200:
		w.live[r.id] = string(a.Body)
	case r.method == "DELETE" && a.Status == 204:
		delete(w.live, r.id)
		w.dead = append(w.dead, r.id)
	case a.Status == 503: // it was stopping: not answered, as far as the client knows
		return fmt.Errorf("%v", a)
	default:
		t.Errorf("%v\nto %+v", a, *r)
	}
	w.pending = nil
	return nil
}

// run writes until an answer does not come.
func (w *writer) run(ctx context.Context, t *testing.T, c *Client) {
	for ctx.Err() == nil && !t.Failed() {
		if w.pending == nil {
			w.pending = w.next()
		}
		if w.send(ctx, t, c) != nil {
			return
		}
	}
}

// check compares what is stored with what was answered.
func (w *writer) check(t *testing.T, c *Client) {
	t.Helper()
	for id, body := range w.live {
		if a := c.Get(t, "/v1/contacts/"+id).Is(200); string(a.Body) != body {
			t.Errorf("%v\nbut answered was\n%s", a, body)
		}
	}
	for _, id := range w.dead {
		c.Get(t, "/v1/contacts/"+id).Refused(410, "")
	}
	if n := len(c.All(t, "/v1/contacts?limit=100&owner=user_"+w.name)); n != len(w.live) {
		t.Errorf("writer %s has %d contacts, answered were %d", w.name, n, len(w.live))
	}
}

// endUnderLoad ends the command with a signal under the load of eight writers at
// a random moment, again and again, over the same data.
func endUnderLoad(t *testing.T, binary string, signal os.Signal, rounds int) {
	data := t.TempDir()
	writers := make([]*writer, 8)
	for i := range writers {
		writers[i] = &writer{name: fmt.Sprint("w", i), live: map[string]string{}}
	}
	token := ""
	for round := range rounds {
		p := launch(t, binary, "-data", data)
		if token == "" {
			token = p.Token // good over restarts
		}
		c := NewClient(t, p.URL, token)
		for _, w := range writers {
			if w.pending != nil {
				if err := w.send(t.Context(), t, c); err != nil {
					t.Fatalf("round %d: retrying %+v: %v", round, *w.pending, err)
				}
			}
			w.check(t, c)
		}
		if t.Failed() {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		var wg sync.WaitGroup
		for _, w := range writers {
			wg.Go(func() { w.run(ctx, t, c) })
		}
		time.Sleep(100*time.Millisecond + rand.N(400*time.Millisecond))
		if err := p.end(t, signal); signal != os.Kill && err != nil {
			t.Errorf("on %v it ends with %v, want exit 0\n%s", signal, err, p.stderr)
		}
		wg.Wait()
		cancel()
	}

	service := Serve(t, func(o *server.Options) {
		o.Memory, o.Data, o.DynamoDB, o.SQS = false, data, "", ""
	})
	w := service.Named(t, "demo")
	owner := w.As(t, "owner")
	var ids []string
	for _, wr := range writers {
		if wr.pending != nil {
			if err := wr.send(t.Context(), t, service.Anonymous().With(token)); err != nil {
				t.Fatalf("retrying %+v: %v", *wr.pending, err)
			}
		}
		wr.check(t, owner)
		for id := range wr.live {
			ids = append(ids, id)
		}
		ids = append(ids, wr.dead...)
	}
	if len(ids) < 20 {
		t.Errorf("only %d contacts were written: too few to tell anything", len(ids))
	}
	w.Complete(t, w.Versions(t, ids...))
	w.Verified(t)
}
