package histories

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
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
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

// service is the API over a store in memory, without a network.
type service struct {
	api    *frame.API
	ledger *ledger.Ledger
	table  *table.Table
	queues *queue.Queues
	issuer *issuer.Issuer
	calls  atomic.Int64
	// at is where the relay stands in the change stream.
	at string
}

// newService opens a store; around puts something around its driver.
func newService(t testing.TB, around func(table.Driver) table.Driver) *service {
	t.Helper()
	st, err := pebble.Open("", pebble.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &service{}
	if s.issuer, err = issuer.New("https://histories.example", "rubrica"); err != nil {
		t.Fatal(err)
	}
	s.table, s.queues = table.New(around(st.Table("main"))), queue.New(embedded.New(st.Engine(), embedded.Options{}))
	s.ledger = ledger.New(s.table, audit.NewLog(table.New(st.Table("audit"))), time.Now)
	s.api = frame.New(s.ledger, s.issuer.Verifier(), slog.New(slog.DiscardHandler), time.Now, api.All(s.ledger, infra.OpenAPI)...)
	return s
}

// workspace is one of a service's, with a caller.
type workspace struct {
	*service
	tenant tenant.Workspace
	ctx    context.Context
	token  string
}

// failer is what tests and rapid's checks have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// workspace makes a new one, and an owner in it.
func (s *service) workspace(t failer) *workspace {
	t.Helper()
	ws, err := tenant.Parse("w-" + strings.ToLower(rand.Text()[:16]))
	if err != nil {
		t.Fatalf("%v", err)
	}
	w := &workspace{service: s, tenant: ws, ctx: tenant.Bind(context.Background(), ws)}
	if err := s.ledger.CreateWorkspace(w.ctx, ws, audit.Actor{Type: audit.System, ID: "test"}); err != nil {
		t.Fatalf("%v", err)
	}
	return w.as(t, "user_1")
}

// as is the same workspace, called by another user with an owner's role.
func (w *workspace) as(t failer, user string, restrictions ...string) *workspace {
	t.Helper()
	again := *w
	var err error
	claims := issuer.Claims{Subject: user, Workspace: w.tenant.String(), Role: "owner", Restrictions: restrictions}
	if again.token, err = w.issuer.Sign(claims, time.Now(), 24*time.Hour); err != nil {
		t.Fatalf("%v", err)
	}
	return &again
}

// request is one call; path is percent-encoded, body is JSON or nil.
type request struct {
	method, path string
	body         any
	ifMatch, key string
	id           string // of the request; one is made if there is none
}

// answer is what came of it.
type answer struct {
	status int
	header map[string]string
	body   map[string]any // decoded; nil if there was none
	raw    []byte
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, a.raw) }

// call sends a request. An internal error is a defect whatever was asked.
func (w *workspace) call(r request) (answer, error) {
	req := &frame.Request{
		Method: r.method, ID: r.id, Header: map[string]string{"authorization": "Bearer " + w.token, "content-type": "application/json"},
	}
	if req.ID == "" {
		req.ID = fmt.Sprintf("call-%d", w.calls.Add(1))
	}
	path, query, _ := strings.Cut(r.path, "?")
	req.RawQuery = query
	for _, segment := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
		decoded, err := url.PathUnescape(segment)
		if err != nil {
			return answer{}, err
		}
		req.Segments = append(req.Segments, decoded)
	}
	if r.body != nil {
		var err error
		if req.Body, err = json.Marshal(r.body, json.Deterministic(true)); err != nil {
			return answer{}, err
		}
	}
	if r.ifMatch != "" {
		req.Header["if-match"] = r.ifMatch
	}
	if r.key != "" {
		req.Header["idempotency-key"] = r.key
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	resp := w.api.Serve(ctx, req)
	a := answer{status: resp.Status, header: resp.Header, raw: bytes.Clone(resp.Body)}
	if len(a.raw) > 0 {
		if err := json.Unmarshal(a.raw, &a.body); err != nil {
			return a, fmt.Errorf("%s %s: %w: %s", r.method, r.path, err, a.raw)
		}
	}
	if a.status == 500 {
		return a, fmt.Errorf("%s %s: an internal error: %s", r.method, r.path, a.raw)
	}
	return a, nil
}

// settle lets the relay and the consumers work until nothing is left.
func (s *service) settle(ctx context.Context) error {
	ctx = tenant.BindOperator(ctx)
	consumers := consume.All(s.ledger, s.queues)
	prompt := slices.Clone(consumers)
	for i := range prompt {
		prompt[i].Delay = 0 // nobody is still busy
	}
	relay := consume.NewRelay(s.queues, prompt...)
	for {
		page, err := s.table.Changes(ctx, s.at, 500)
		if err != nil {
			return err
		}
		if err := relay.Forward(ctx, page.Items); err != nil {
			return err
		}
		s.at = page.Next
		if len(page.Items) == 0 {
			break
		}
	}
	for i := range consumers {
		c := &consumers[i]
		for {
			messages, err := s.queues.Receive(ctx, c.Queue, queue.MaxBatch, 0)
			if err != nil {
				return err
			}
			if len(messages) == 0 {
				break
			}
			for _, err := range c.Handle(ctx, messages) {
				return fmt.Errorf("a message of %s failed: %w", c.Queue.Name, err)
			}
			if err := s.queues.Delete(ctx, c.Queue, messages...); err != nil {
				return err
			}
		}
	}
	return nil
}

// verify holds what is stored against what must be.
func (w *workspace) verify() error {
	report, err := w.ledger.Verify(context.Background(), w.tenant, ledger.Idle())
	if err != nil {
		return err
	}
	if !report.Clean() || report.Pending+report.Busy > 0 {
		return fmt.Errorf("%+v", report)
	}
	return nil
}

// plain is a driver as it is.
func plain(d table.Driver) table.Driver { return d }
