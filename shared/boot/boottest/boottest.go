// Package boottest runs all functions of a deployment in one process, over
// embedded tables and queues: as their triggers would, with the events that AWS
// sends. For tests; no Lambda links it.
package boottest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"rubrica/infra"
	"rubrica/shared/api"
	"rubrica/shared/api/frame"
	"rubrica/shared/audit"
	"rubrica/shared/boot"
	"rubrica/shared/boot/eventfn"
	"rubrica/shared/boot/gateway"
	"rubrica/shared/boot/httpfn"
	"rubrica/shared/boot/queuefn"
	"rubrica/shared/boot/schedulefn"
	"rubrica/shared/boot/streamfn"
	"rubrica/shared/caller/issuer"
	"rubrica/shared/consume"
	"rubrica/shared/ledger"
	"rubrica/shared/queue"
	"rubrica/shared/queue/embedded"
	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

// Functions that have neither endpoints nor a queue.
const (
	Relay       = "relay-changes"
	RefreshKeys = "refresh-keys"
)

// The tables, as Options call them.
const (
	Main  = "main"
	Audit = "audit"
)

// Options of a Deployment.
type Options struct {
	// WrapTable puts something around a function's driver of Main or Audit.
	WrapTable func(function, name string, d table.Driver) table.Driver
	// WrapQueue puts something around the driver that a function sends with.
	WrapQueue func(function string, d queue.Driver) queue.Driver
	// Log receives what the functions log; nil drops it.
	Log io.Writer
}

// Deployment is all functions, over one store. Its methods fail the test.
type Deployment struct {
	// Ledger writes and reads beside the functions.
	Ledger *ledger.Ledger
	// Issuer signs what the functions take for JWTs.
	Issuer *issuer.Issuer
	// Endpoints are those of all functions.
	Endpoints []frame.Endpoint
	// Consumers are those of all queues.
	Consumers []consume.Consumer

	tb       testing.TB
	handlers map[string]lambda.Handler
	main     *table.Table
	queues   *queue.Queues
	relayed  string // where the relay stands in the change stream
}

// audience is what tokens are meant for.
const audience = "rubrica"

// Start starts every function. The keys of the identity provider are there
// already: refresh-keys has been invoked.
func Start(tb testing.TB, o Options) *Deployment {
	tb.Helper()
	store, err := pebble.Open("", pebble.Options{Memory: true})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := store.Close(); err != nil {
			tb.Error(err)
		}
	})
	if o.WrapTable == nil {
		o.WrapTable = func(_, _ string, d table.Driver) table.Driver { return d }
	}
	if o.WrapQueue == nil {
		o.WrapQueue = func(_ string, d queue.Driver) queue.Driver { return d }
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	queues := embedded.New(store.Engine(), embedded.Options{})
	main, log := store.Table(Main), store.Table(Audit)
	d := &Deployment{tb: tb, handlers: map[string]lambda.Handler{}, main: table.New(main), queues: queue.New(queues)}
	d.Ledger = ledger.New(d.main, audit.NewLog(table.New(log)), time.Now)
	d.Endpoints, d.Consumers = api.All(d.Ledger, infra.OpenAPI), consume.All(d.Ledger, d.queues)
	d.startIssuer()
	tables := func(function string) (m, l *table.Table) {
		return table.New(o.WrapTable(function, Main, main)), table.New(o.WrapTable(function, Audit, log))
	}
	for function := range d.httpFunctions() {
		m, l := tables(function)
		d.open(function, o.Log, func(env *boot.Environment) lambda.Handler {
			if d.public(function) {
				return gateway.New(env, function, nil, nil, d.endpointsOf(function, nil)...)
			}
			return httpfn.New(env, function, m, l, func(l *ledger.Ledger) []frame.Endpoint { return d.endpointsOf(function, l) })
		})
	}
	for i, c := range d.Consumers {
		m, l := tables(c.Function)
		if c.Topic == "" { // it sends as well
			d.open(c.Function, o.Log, func(env *boot.Environment) lambda.Handler {
				return eventfn.New(env, c.Function, m, l, o.WrapQueue(c.Function, queues))
			})
			continue
		}
		d.open(c.Function, o.Log, func(env *boot.Environment) lambda.Handler {
			return queuefn.New(env, c.Function, m, l, func(l *ledger.Ledger) consume.Consumer { return consume.Relayed(l)[i] })
		})
	}
	prompt := slices.Clone(d.Consumers)
	for i := range prompt {
		prompt[i].Delay = 0 // Settle is when its time has come
	}
	d.open(Relay, o.Log, func(env *boot.Environment) lambda.Handler {
		return streamfn.New(env, o.WrapQueue(Relay, queues), prompt...)
	})
	m, _ := tables(RefreshKeys)
	d.open(RefreshKeys, o.Log, func(env *boot.Environment) lambda.Handler {
		return schedulefn.New(env, m, schedulefn.RefreshKeys)
	})
	d.Invoke(RefreshKeys, []byte("{}"))
	return d
}

// Functions are the names of all functions.
func (d *Deployment) Functions() []string {
	names := make([]string, 0, len(d.handlers))
	for name := range d.handlers {
		names = append(names, name)
	}
	return names
}

func (d *Deployment) httpFunctions() map[string]bool {
	all := map[string]bool{}
	for _, e := range d.Endpoints {
		all[e.Function] = true
	}
	return all
}

// endpointsOf are a function's endpoints, over a ledger of its own.
func (d *Deployment) endpointsOf(function string, l *ledger.Ledger) []frame.Endpoint {
	var own []frame.Endpoint
	for _, e := range api.All(l, infra.OpenAPI) {
		if e.Function == function {
			own = append(own, e)
		}
	}
	return own
}

// public tells whether a function's endpoints need no caller.
func (d *Deployment) public(function string) bool {
	for _, e := range d.Endpoints {
		if e.Function == function && e.Public == nil {
			return false
		}
	}
	return true
}

func (d *Deployment) open(function string, log io.Writer, start boot.Start) {
	d.tb.Helper()
	settings := map[string]string{
		boot.Issuer: d.Issuer.KeySet().Issuer(), boot.Audience: audience, "AWS_LAMBDA_FUNCTION_NAME": "test-" + function,
	}
	env := boot.NewEnvironment(func(name string) (string, bool) {
		value, ok := settings[name]
		return value, ok
	}, log)
	handler, err := boot.Open(env, start)
	if err != nil {
		d.tb.Fatalf("%s: %v", function, err)
	}
	d.handlers[function] = handler
}

// startIssuer serves an identity provider on loopback until the test ends.
func (d *Deployment) startIssuer() {
	var provider *httptest.Server
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, provider.URL, provider.URL+"/keys")
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(d.Issuer.KeySet().JWKS()) })
	provider = httptest.NewServer(mux)
	d.tb.Cleanup(provider.Close)
	var err error
	if d.Issuer, err = issuer.New(provider.URL, audience); err != nil {
		d.tb.Fatal(err)
	}
}

// Workspace makes a workspace.
func (d *Deployment) Workspace(name string) tenant.Workspace {
	d.tb.Helper()
	ws, err := tenant.Parse(name)
	if err == nil {
		err = d.Ledger.CreateWorkspace(tenant.Bind(d.tb.Context(), ws), ws, audit.Actor{Type: audit.System, ID: "test"})
	}
	if err != nil {
		d.tb.Fatal(err)
	}
	return ws
}

// Token signs a token, good for an hour.
func (d *Deployment) Token(c issuer.Claims) string {
	d.tb.Helper()
	token, err := d.Issuer.Sign(c, time.Now(), time.Hour)
	if err != nil {
		d.tb.Fatal(err)
	}
	return token
}

// Invoke invokes a function as Lambda does, with ten seconds' time.
func (d *Deployment) Invoke(function string, payload []byte) []byte {
	d.tb.Helper()
	handler := d.handlers[function]
	if handler == nil {
		d.tb.Fatalf("no function %q", function)
	}
	ctx, cancel := context.WithTimeout(d.tb.Context(), 10*time.Second)
	defer cancel()
	answer, err := handler.Invoke(ctx, payload)
	if err != nil {
		d.tb.Fatalf("%s: %v", function, err)
	}
	return answer
}
