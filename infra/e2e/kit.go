// Package e2e tests Rubrica as its clients see it: over HTTP, against the server
// that infra/local runs, started in the test. What is tested is the contract,
// api.md, and the budgets of the architecture; how the parts do it is tested
// beside them.
//
// The server keeps its data in memory; where RUBRICA_DYNAMODB and RUBRICA_SQS
// name a DynamoDB and an SQS, the same tests run over these.
//
// This file and client.go, answer.go, wait.go are the kit; whoever wants to
// drive a whole server from a test may use it.
package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"rubrica/infra/local/server"
	"rubrica/shared/caller/issuer"
	"rubrica/shared/tenant"
)

// Service is a server of one test's own.
type Service struct {
	*server.Server

	client *Client
}

// Serve starts a server that ends with the test. Options that change does not
// set are those of infra/local, quiet and on a free port.
func Serve(t testing.TB, change ...func(*server.Options)) *Service {
	t.Helper()
	o := server.Options{
		Addr: "127.0.0.1:0", Memory: true, DetachAfter: 3 * time.Second, Log: slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn})),
		DynamoDB: os.Getenv("RUBRICA_DYNAMODB"), SQS: os.Getenv("RUBRICA_SQS"),
	}
	if o.DynamoDB == "" || o.SQS == "" {
		o.DynamoDB, o.SQS = "", ""
	} else {
		o.Prefix = randomName("e2e") + "-"
	}
	for _, c := range change {
		c(&o)
	}
	s, err := server.Start(t.Context(), o)
	if err != nil {
		t.Fatalf("the server does not start: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Errorf("closing the server: %v", err)
		}
		if o.DynamoDB != "" {
			sweep(ctx, t, o)
		}
	})
	return &Service{s, NewClient(t, s.URL, "")} // its connections are closed before the server
}

// testLog writes to a test's log.
type testLog struct{ t testing.TB }

func (l testLog) Write(line []byte) (int, error) {
	l.t.Logf("server: %s", bytes.TrimSpace(line))
	return len(line), nil
}

// randomName is a name that no other test has.
func randomName(prefix string) string {
	return prefix + "-" + strings.ToLower(rand.Text()[:12])
}

// Anonymous is a client without a token.
func (s *Service) Anonymous() *Client { return s.client }

// Workspace is a workspace of one test's own.
type Workspace struct {
	Name   string
	Tenant tenant.Workspace

	service *Service
}

// Workspace makes a new one.
func (s *Service) Workspace(t testing.TB) *Workspace {
	t.Helper()
	return s.Named(t, randomName("ws"))
}

// Named is the workspace of that name, made if it is not there.
func (s *Service) Named(t testing.TB, name string) *Workspace {
	t.Helper()
	ws, err := s.EnsureWorkspace(t.Context(), name)
	if err != nil {
		t.Fatalf("making a workspace: %v", err)
	}
	return &Workspace{Name: name, Tenant: ws, service: s}
}

// Claim changes what a caller's token says.
type Claim func(*issuer.Claims)

// Sub names the user; without it the subject is user_1.
func Sub(user string) Claim { return func(c *issuer.Claims) { c.Subject = user } }

// Restricted narrows the role.
func Restricted(restrictions ...string) Claim {
	return func(c *issuer.Claims) { c.Restrictions = append(c.Restrictions, restrictions...) }
}

// Integration makes the caller a system.
func Integration(name string) Claim { return func(c *issuer.Claims) { c.Integration = name } }

// As is a client with a token of the given role, good for an hour.
func (w *Workspace) As(t testing.TB, role string, claims ...Claim) *Client {
	t.Helper()
	return w.service.client.With(w.token(t, role, time.Hour, claims...))
}

func (w *Workspace) token(t testing.TB, role string, ttl time.Duration, claims ...Claim) string {
	t.Helper()
	c := issuer.Claims{Subject: "user_1", Workspace: w.Name, Role: role}
	for _, set := range claims {
		set(&c)
	}
	token, err := w.service.Token(c, ttl)
	if err != nil {
		t.Fatalf("signing a token: %v", err)
	}
	return token
}

// Owner is a client of an owner, user_1, in a workspace and on a server of the
// test's own: all that most tests need.
func Owner(t testing.TB) *Client {
	t.Helper()
	return Serve(t).Workspace(t).As(t, "owner")
}

// Clock is time that a test can push forward.
type Clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

// Now is the real time, and what the clock was pushed ahead.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// Advance pushes the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// Set lets a server run by the clock.
func (c *Clock) Set(o *server.Options) { o.Now = c.Now }
