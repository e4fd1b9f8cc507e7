package openapi_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"rubrica/infra/local/server"
	"rubrica/infra/openapi"
	"rubrica/shared/caller/issuer"
	"rubrica/shared/problem"
)

func document(t testing.TB) *openapi.Document {
	t.Helper()
	d, err := openapi.Rubrica()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func operation(t testing.TB, id string) *openapi.Operation {
	t.Helper()
	for _, op := range document(t).Operations {
		if op.ID == id {
			return op
		}
	}
	t.Fatalf("there is no operation %s", id)
	return nil
}

// desk is a server, a workspace of its own on it, and a client whose every
// exchange is checked.
type desk struct {
	t      testing.TB
	server *server.Server
	http   *http.Client
	name   string // of the workspace
	token  string // of an owner
}

// host is a server, and the connections to it that all its desks share.
type host struct {
	*server.Server
	connections *http.Transport
}

// serve starts a server in memory that ends with the test.
func serve(t testing.TB, change ...func(*server.Options)) host {
	t.Helper()
	o := server.Options{Addr: "127.0.0.1:0", Memory: true, Log: slog.New(slog.DiscardHandler)}
	for _, c := range change {
		c(&o)
	}
	s, err := server.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Errorf("closing the server: %v", err)
		}
	})
	connections := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(connections.CloseIdleConnections) // before the server closes
	return host{s, connections}
}

// sit makes a workspace on the server.
func sit(t testing.TB, h host, seen func(openapi.Exchange)) *desk {
	t.Helper()
	d := &desk{t: t, server: h.Server, name: "w-" + strings.ToLower(rand.Text()[:12])}
	if _, err := h.EnsureWorkspace(t.Context(), d.name); err != nil {
		t.Fatal(err)
	}
	d.token = d.sign(issuer.Claims{Role: "owner"})
	d.http = &http.Client{
		Transport:     &openapi.Checker{Document: document(t), Base: h.connections, Seen: seen, Report: func(err error) { t.Error(err) }},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return d
}

// sign makes a token for the workspace.
func (d *desk) sign(c issuer.Claims) string {
	d.t.Helper()
	c.Workspace = d.name
	if c.Subject == "" {
		c.Subject = "user_1"
	}
	token, err := d.server.Token(c, time.Hour)
	if err != nil {
		d.t.Fatal(err)
	}
	return token
}

// call is one request; what is left out is what a good client sends.
type call struct {
	method, path string
	query        string
	body         string
	header       map[string]string
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

func (d *desk) do(c call) reply {
	d.t.Helper()
	url := d.server.URL + c.path
	if c.query != "" {
		url += "?" + c.query
	}
	var body io.Reader
	if c.body != "" {
		body = strings.NewReader(c.body)
	}
	req, err := http.NewRequestWithContext(d.t.Context(), c.method, url, body)
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+d.token)
	if c.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range c.header {
		req.Header.Del(name)
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	resp, err := d.http.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	read, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, read}
}

// must is do, and ends the test unless the status is the given one.
func (d *desk) must(status int, c call) reply {
	d.t.Helper()
	r := d.do(c)
	if r.status != status {
		d.t.Fatalf("%s %s answered %d %s, want %d", c.method, c.path, r.status, r.body, status)
	}
	return r
}

// contact creates a contact and returns its id.
func (d *desk) contact(body string) string {
	d.t.Helper()
	r := d.must(201, call{method: "POST", path: "/v1/contacts", body: body})
	return r.text(d.t, "id")
}

// text is a member of the answer's body.
func (r reply) text(t testing.TB, name string) string {
	t.Helper()
	var members map[string]any
	if err := json.UnmarshalRead(bytes.NewReader(r.body), &members); err != nil {
		t.Fatal(err)
	}
	s, _ := members[name].(string)
	if s == "" {
		t.Fatalf("%s has no %s", r.body, name)
	}
	return s
}

// codes are those of a 400's errors.
func (r reply) codes(t testing.TB) (codes []string) {
	t.Helper()
	var p struct {
		Errors []problem.Field `json:"errors"`
	}
	if err := json.Unmarshal(r.body, &p); err != nil {
		t.Fatal(err)
	}
	for _, e := range p.Errors {
		codes = append(codes, e.Code)
	}
	return codes
}
