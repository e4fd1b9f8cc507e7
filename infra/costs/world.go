package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"rubrica/infra"
	"rubrica/shared/api"
	"rubrica/shared/api/frame"
	"rubrica/shared/audit"
	"rubrica/shared/caller/issuer"
	"rubrica/shared/consume"
	"rubrica/shared/ledger"
	"rubrica/shared/queue"
	"rubrica/shared/queue/embedded"
	"rubrica/shared/table"
	"rubrica/shared/table/meter"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// world is a deployment in one process with one workspace, all of it counted.
type world struct {
	api       *frame.API
	ledger    *ledger.Ledger
	relay     *consume.Relay
	consumers []consume.Consumer
	queues    *queue.Queues
	token     string
	// crm is the token of an integration.
	crm string
	ids *ulid.Source

	tables  [2]*requests
	letters *letters
	// stream is the change stream, which Lambda reads for nothing.
	stream  *table.Table
	relayed string
	store   *pebble.Store

	// contacts are the ids of those that an operation's preparation made.
	contacts []string
	// spare is what else a preparation leaves for its requests.
	spare []string
}

const workspaceName = "acme-spa"

func newWorld(ctx context.Context) (*world, error) {
	store, err := pebble.Open("", pebble.Options{Memory: true})
	if err != nil {
		return nil, err
	}
	w := &world{store: store, ids: ulid.NewSource(time.Now)}
	main, log := store.Table("main"), store.Table("audit")
	w.stream = table.New(main)
	w.tables = [2]*requests{{Driver: meter.New(main)}, {Driver: meter.New(log)}}
	w.letters = &letters{Driver: embedded.New(store.Engine(), embedded.Options{})}
	w.queues = queue.New(w.letters)
	l := ledger.New(table.New(w.tables[0]), audit.NewLog(table.New(w.tables[1])), time.Now)
	l.SizeJobs(ledger.JobSizes{AtOnce: -1}) // so that what selects all is planned, whoever they are
	w.ledger = l
	w.consumers = consume.All(l, w.queues)
	prompt := slices.Clone(w.consumers)
	for i := range prompt {
		prompt[i].Delay = 0 // which costs nothing
	}
	w.relay = consume.NewRelay(w.queues, prompt...)
	if err := w.open(ctx, l); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return w, nil
}

// open makes the workspace and a caller, whose keys are at hand as they are in a
// function that is warm.
func (w *world) open(ctx context.Context, l *ledger.Ledger) error {
	iss, err := issuer.New("https://id.example.com", "rubrica")
	if err != nil {
		return err
	}
	w.api = frame.New(l, iss.Verifier(), slog.New(slog.DiscardHandler), time.Now, api.All(l, infra.OpenAPI)...)
	ws, err := tenant.Parse(workspaceName)
	if err != nil {
		return err
	}
	if err := l.CreateWorkspace(tenant.Bind(ctx, ws), ws, audit.Actor{Type: audit.System, ID: "costs"}); err != nil {
		return err
	}
	w.token, err = iss.Sign(issuer.Claims{Subject: "user_1", Workspace: workspaceName, Role: "owner"}, time.Now(), time.Hour)
	if err != nil {
		return err
	}
	w.crm, err = iss.Sign(issuer.Claims{Subject: "user_2", Workspace: workspaceName, Role: "agent", Integration: "sap"}, time.Now(), time.Hour)
	if err != nil {
		return err
	}
	_, err = w.do(ctx, call{method: "GET", path: "/v1/me", want: 200})
	return err
}

func (w *world) close() error { return w.store.Close() }

// call is one request.
type call struct {
	method, path, body string
	// header are names in lower case and values in turn.
	header []string
	// want is the status without which nothing is counted.
	want int
}

// do answers a request as a function would, and returns the body.
func (w *world) do(ctx context.Context, c call) ([]byte, error) {
	path, query, _ := strings.Cut(c.path, "?")
	r := &frame.Request{
		Method: c.method, Segments: strings.Split(strings.TrimPrefix(path, "/"), "/"), RawQuery: query,
		Header: map[string]string{"authorization": "Bearer " + w.token, "content-type": "application/json"},
		Body:   []byte(c.body), ID: w.ids.New(),
	}
	for i := 0; i+1 < len(c.header); i += 2 {
		r.Header[c.header[i]] = c.header[i+1]
	}
	answer := w.api.Serve(ctx, r)
	if answer.Status != c.want {
		return nil, fmt.Errorf("%s %s answered %d: %s", c.method, c.path, answer.Status, answer.Body)
	}
	return answer.Body, nil
}

// make creates something and returns a text member of the answer.
func (w *world) make(ctx context.Context, path, body, member string) (string, error) {
	answer, err := w.do(ctx, call{method: "POST", path: path, body: body, want: 201})
	if err != nil {
		return "", err
	}
	var made map[string]any
	if err := json.Unmarshal(answer, &made); err != nil {
		return "", err
	}
	text, _ := made[member].(string)
	return text, nil
}

// fill creates contacts and leaves their ids.
func (w *world) fill(ctx context.Context, n int, body func(i int) string) error {
	for i := range n {
		id, err := w.make(ctx, "/v1/contacts", body(i), "id")
		if err != nil {
			return err
		}
		w.contacts = append(w.contacts, id)
	}
	return nil
}

// settle does all that is left to do, in batches as template.yaml has them, and
// returns how many invocations that takes.
func (w *world) settle(ctx context.Context) (invocations int, err error) {
	for {
		before := invocations
		page, err := w.stream.Changes(tenant.BindOperator(ctx), w.relayed, 500)
		if err != nil {
			return 0, err
		}
		w.relayed = page.Next
		if len(page.Items) > 0 {
			invocations++
			if err := w.relay.Forward(tenant.BindOperator(ctx), page.Items); err != nil {
				return 0, err
			}
		}
		for i := range w.consumers {
			worked, err := w.consume(ctx, &w.consumers[i])
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

func (w *world) consume(ctx context.Context, c *consume.Consumer) (invocations int, err error) {
	messages, err := w.queues.Receive(ctx, c.Queue, min(c.Batch, queue.MaxBatch), 0)
	if err != nil || len(messages) == 0 {
		return 0, err
	}
	for _, err := range c.Handle(ctx, messages) {
		return 0, fmt.Errorf("%s: %w", c.Function, err)
	}
	return 1, w.queues.Delete(ctx, c.Queue, messages...)
}
