// Package server is Rubrica on one machine: all endpoints and consumers in one
// process, over an embedded store, or over DynamoDB and SQS where their
// addresses are given. infra/local is its command; end-to-end tests start it as
// the command does.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"rubrica/infra"
	"rubrica/shared/api"
	"rubrica/shared/api/frame"
	"rubrica/shared/audit"
	"rubrica/shared/caller"
	"rubrica/shared/caller/issuer"
	"rubrica/shared/consume"
	"rubrica/shared/ledger"
	"rubrica/shared/queue"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// Options say what to serve, and over what.
type Options struct {
	// Addr is where to listen; port 0 takes a free one.
	Addr string
	// Data is the folder of the embedded store; Memory keeps nothing.
	Data   string
	Memory bool
	// DynamoDB and SQS are the addresses of engines to use instead, both or none.
	DynamoDB, SQS string
	// Prefix distinguishes tables and queues of several servers over one engine.
	Prefix string
	// Origins are allowed to call from a browser.
	Origins []string
	Log     *slog.Logger
	// DetachAfter is how long what was deleted is left with those who carry it, so
	// that calls which began before are over; 0 is what the consumer says.
	DetachAfter time.Duration
	// EraseAfter is how long nothing was deleted before the embedded store's files are
	// rewritten; 0 is ten seconds.
	EraseAfter time.Duration
	// EraseAgain is how much later they are rewritten once more, without the addresses
	// that are kept for an hour after somebody took them; 0 is a little more than that.
	EraseAgain time.Duration
	// Bulk is how many batches of bulk work there may be at a time over the embedded
	// store; 0 is half as many as there are processors: the others are for who waits
	// for an answer.
	Bulk int
	// BulkBegins is told when a batch of bulk work begins, and what it returns when
	// that ends; nil is nobody.
	BulkBegins func() (end func())
	// Merging is told when the embedded store begins to write files, by a goroutine that
	// does nothing else and then ends; nil is nobody.
	Merging func()
	// Jobs are how much of a job is taken together; zero is as on AWS.
	Jobs ledger.JobSizes
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// WrapTable and WrapQueue put something around the drivers, in tests.
	WrapTable func(table.Driver) table.Driver
	WrapQueue func(queue.Driver) queue.Driver
}

// Names under which the server signs tokens for itself.
const (
	issuerName = "https://rubrica.local"
	audience   = "rubrica"
)

// Server is a running server.
type Server struct {
	// URL is where it listens.
	URL string
	// Ledger is what it serves, for whoever starts it in its own process.
	Ledger *ledger.Ledger
	// Table and Queues are what it keeps things in.
	Table  *table.Table
	Queues *queue.Queues

	options Options
	issuer  *issuer.Issuer
	http    *http.Server
	store   store
	eraser  *eraser // nil where there are no files
	stop    context.CancelFunc
	working sync.WaitGroup
	failed  chan error
}

// Start opens the store, begins to consume and to listen, and returns once it
// serves. Errors are sentences for a person.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if (o.DynamoDB == "") != (o.SQS == "") {
		return nil, errors.New("-dynamodb and -sqs go together: give both or neither")
	}
	// The address first: a port that is taken should not cost opening a store.
	listener, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return nil, listenError(o.Addr, err)
	}
	s := &Server{options: o, URL: "http://" + listener.Addr().String(), failed: make(chan error, 1)}
	if s.store, err = openStore(ctx, o); err != nil {
		_ = listener.Close()
		return nil, err
	}
	if err := s.serve(ctx, listener); err != nil {
		_ = listener.Close()
		return nil, errors.Join(err, s.store.close())
	}
	return s, nil
}

func (s *Server) serve(ctx context.Context, listener net.Listener) error {
	o := s.options
	if o.WrapTable != nil {
		s.store.main, s.store.audit = o.WrapTable(s.store.main), o.WrapTable(s.store.audit)
	}
	if o.WrapQueue != nil {
		s.store.queues = o.WrapQueue(s.store.queues)
	}
	s.Table, s.Queues = table.New(s.store.main), queue.New(s.store.queues)
	s.Ledger = ledger.New(s.Table, audit.NewLog(table.New(s.store.audit)), o.Now)
	s.Ledger.SizeJobs(o.Jobs)
	s.Ledger.WatchJobs((&progress{log: o.Log}).tell)
	if s.store.compact != nil {
		s.eraser = newEraser(s.Table, s.store.compact, o)
		s.Ledger.WatchErasure(s.eraser.begin)
	}
	var err error
	if s.issuer, err = loadIssuer(ctx, s.Table); err != nil {
		return fmt.Errorf("preparing the key that signs local tokens: %w", err)
	}
	verifier := s.issuer.Verifier()
	verifier.Now = o.Now

	work, stop := context.WithCancel(context.Background())
	s.stop = stop
	consumers := consume.All(s.Ledger, s.Queues)
	for i := range consumers {
		if o.DetachAfter > 0 && consumers[i].Delay > 0 {
			consumers[i].Delay = o.DetachAfter
		}
	}
	worker := &consume.Worker{
		Table: s.Table, Queues: s.Queues, Consumers: consumers,
		Position: s.store.position(s.Table), Wait: s.store.wait, Log: o.Log,
		Bulk: s.store.bulk, BulkBegins: o.BulkBegins,
	}
	s.working.Go(func() { worker.Run(work) })
	if s.eraser != nil {
		s.working.Go(func() { s.eraser.run(work) })
	}

	ids := ulid.NewSource(o.Now)
	front := &front{
		api:     frame.New(s.Ledger, verifier, o.Log, o.Now, api.All(s.Ledger, infra.OpenAPI)...),
		newID:   ids.New,
		origins: o.Origins,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /local/ready", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("POST /local/token", s.serveToken)
	s.http = &http.Server{
		Handler: split(mux, front), ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 20 * time.Second, WriteTimeout: 60 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		DisableGeneralOptionsHandler: true, // OPTIONS * is no route either
	}
	s.working.Go(func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	})
	return nil
}

// split sends /local/… to local and all else to api as it came: a ServeMux in
// front of it would redirect paths such as /v1//contacts instead of refusing them.
func split(local, api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/local/") {
			local.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r)
	})
}

// Failed delivers the error that ended serving, if one did.
func (s *Server) Failed() <-chan error { return s.failed }

// Close finishes what is running, at most until ctx is done, and closes the
// store. Nothing that was answered is lost either way.
func (s *Server) Close(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	s.stop()
	s.working.Wait()
	return errors.Join(err, s.store.close())
}

// Token signs a token for the workspace, which must exist.
func (s *Server) Token(c issuer.Claims, ttl time.Duration) (string, error) {
	return s.issuer.Sign(c, s.options.Now(), ttl)
}

// loadIssuer takes the key that signs local tokens from the store, or makes it:
// tokens are good over restarts.
func loadIssuer(ctx context.Context, t *table.Table) (*issuer.Issuer, error) {
	ctx = tenant.Bind(ctx, tenant.System())
	key := table.In(tenant.System(), "local-issuer").Row("-")
	row, err := t.GetOne(ctx, key)
	if err != nil {
		return nil, err
	}
	if row.Exists() {
		return issuer.Restore(issuerName, audience, row.Doc)
	}
	made, err := issuer.New(issuerName, audience)
	if err != nil {
		return nil, err
	}
	jwk, err := made.PrivateKey()
	if err != nil {
		return nil, err
	}
	err = t.Write(ctx, table.Put(table.Row{Key: key, Doc: jwk}, table.Absent()))
	if _, raced := errors.AsType[*table.ConditionError](err); raced {
		return loadIssuer(ctx, t) // another server over the same tables was faster
	}
	return made, err
}

var _ frame.Authenticator = (*caller.Verifier)(nil)
