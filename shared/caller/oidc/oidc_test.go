package oidc_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"

	"rubrica/shared/caller"
	"rubrica/shared/caller/internal/memory"
	"rubrica/shared/caller/issuer"
	"rubrica/shared/caller/oidc"
	"rubrica/shared/table"
)

// provider is an identity provider on loopback whose answers can be changed.
type provider struct {
	*httptest.Server
	mu        sync.Mutex
	discovery http.HandlerFunc
	jwks      http.HandlerFunc
}

func newProvider(t *testing.T, start func(http.Handler) *httptest.Server) *provider {
	t.Helper()
	p := &provider{}
	mux := http.NewServeMux()
	serve := func(which func() http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			p.mu.Lock()
			h := which()
			p.mu.Unlock()
			h(w, r)
		}
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", serve(func() http.HandlerFunc { return p.discovery }))
	mux.HandleFunc("GET /keys", serve(func() http.HandlerFunc { return p.jwks }))
	mux.HandleFunc("GET /elsewhere", serve(func() http.HandlerFunc { return p.jwks }))
	p.Server = start(mux)
	t.Cleanup(p.Close)
	p.answer(discovery(p.URL, p.URL+"/keys"), text(`{"keys":[]}`))
	return p
}

// answer changes what is answered; nil leaves it.
func (p *provider) answer(discovery, jwks http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if discovery != nil {
		p.discovery = discovery
	}
	if jwks != nil {
		p.jwks = jwks
	}
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

func discovery(name, keys string) http.HandlerFunc {
	return text(fmt.Sprintf(`{"issuer":%q,"jwks_uri":%q,"id_token_signing_alg_values_supported":["EdDSA"]}`, name, keys))
}

// keysOf publishes the keys of several issuers at once.
func keysOf(t *testing.T, issuers ...*issuer.Issuer) http.HandlerFunc {
	t.Helper()
	var all jose.JSONWebKeySet
	for _, i := range issuers {
		var one jose.JSONWebKeySet
		check(t, json.Unmarshal(i.KeySet().JWKS(), &one))
		all.Keys = append(all.Keys, one.Keys...)
	}
	doc, err := json.Marshal(all)
	check(t, err)
	return text(string(doc))
}

func signer(t *testing.T, name string) *issuer.Issuer {
	t.Helper()
	i, err := issuer.New(name, "rubrica")
	check(t, err)
	return i
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// accepts tells whether a token of the signer passes with the keys as stored.
func accepts(t *testing.T, rows *memory.Rows, name string, s *issuer.Issuer) bool {
	t.Helper()
	token, err := s.Sign(issuer.Claims{Subject: "u", Workspace: "acme", Role: "agent"}, time.Now(), time.Hour)
	check(t, err)
	v := caller.Verifier{Issuer: name, Audience: "rubrica", Keys: caller.NewStoredKeys(table.New(rows), time.Now)}
	_, err = v.Verify(t.Context(), token)
	return err == nil
}

func TestRefreshFollowsTheProvider(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(http.Handler) *httptest.Server{
		"https": httptest.NewTLSServer, "http on loopback": httptest.NewServer,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, rows := newProvider(t, start), &memory.Rows{}
			older, newer := signer(t, p.URL), signer(t, p.URL)
			for _, step := range []struct {
				name                  string
				keys                  []*issuer.Issuer
				changed, older, newer bool
			}{
				{"first", []*issuer.Issuer{older}, true, true, false},
				{"nothing new", []*issuer.Issuer{older}, false, true, false},
				{"a second key", []*issuer.Issuer{older, newer}, true, true, true},
				{"another order", []*issuer.Issuer{newer, older}, false, true, true},
				{"the first withdrawn", []*issuer.Issuer{newer}, true, false, true},
			} {
				p.answer(nil, keysOf(t, step.keys...))
				writes := rows.Writes()
				changed, err := oidc.Refresh(t.Context(), p.Client(), p.URL, table.New(rows))
				if err != nil || changed != step.changed || (rows.Writes() > writes) != step.changed {
					t.Errorf("%s: Refresh = %t, %v with %d writes", step.name, changed, err, rows.Writes()-writes)
				}
				if got := accepts(t, rows, p.URL, older); got != step.older {
					t.Errorf("%s: the first key is accepted: %t", step.name, got)
				}
				if got := accepts(t, rows, p.URL, newer); got != step.newer {
					t.Errorf("%s: the second key is accepted: %t", step.name, got)
				}
			}
		})
	}
}

// Whatever goes wrong, what was stored goes on being valid.
func TestRefreshKeepsTheOldKeys(t *testing.T) {
	t.Parallel()
	type answers struct{ discovery, jwks http.HandlerFunc }
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for name, arrange := range map[string]func(t *testing.T, p *provider) answers{
		"discovery fails":        func(*testing.T, *provider) answers { return answers{discovery: status(500)} },
		"discovery is not there": func(*testing.T, *provider) answers { return answers{discovery: status(404)} },
		"discovery is no JSON":   func(*testing.T, *provider) answers { return answers{discovery: text(`<html>`)} },
		"discovery is empty":     func(*testing.T, *provider) answers { return answers{discovery: text(`{}`)} },
		"another issuer": func(_ *testing.T, p *provider) answers {
			return answers{discovery: discovery("https://evil.example", p.URL+"/keys")}
		},
		"the issuer with a slash": func(_ *testing.T, p *provider) answers {
			return answers{discovery: discovery(p.URL+"/", p.URL+"/keys")}
		},
		"two issuers": func(_ *testing.T, p *provider) answers {
			return answers{discovery: text(fmt.Sprintf(`{"issuer":"x","issuer":%q,"jwks_uri":%q}`, p.URL, p.URL+"/keys"))}
		},
		"no address of keys": func(_ *testing.T, p *provider) answers { return answers{discovery: discovery(p.URL, "")} },
		"a relative address": func(_ *testing.T, p *provider) answers { return answers{discovery: discovery(p.URL, "/keys")} },
		"a file": func(_ *testing.T, p *provider) answers {
			return answers{discovery: discovery(p.URL, "file:///etc/passwd")}
		},
		"plain http": func(_ *testing.T, p *provider) answers {
			return answers{discovery: discovery(p.URL, "http://192.0.2.1/keys")}
		},
		"plain http on loopback": func(_ *testing.T, p *provider) answers {
			return answers{discovery: discovery(p.URL, strings.Replace(p.URL, "https", "http", 1)+"/keys")}
		},
		"an address with a name": func(_ *testing.T, p *provider) answers {
			return answers{discovery: discovery(p.URL, strings.Replace(p.URL, "//", "//user@", 1)+"/keys")}
		},
		"discovery too large": func(_ *testing.T, p *provider) answers {
			return answers{discovery: text(`{"x":"` + strings.Repeat("x", oidc.MaxDocument) + `"}`)}
		},
		"keys fail":                 func(*testing.T, *provider) answers { return answers{jwks: status(503)} },
		"keys moved without a word": func(*testing.T, *provider) answers { return answers{jwks: status(204)} },
		"keys are no JSON":          func(*testing.T, *provider) answers { return answers{jwks: text(`{"keys":[`)} },
		"no keys":                   func(*testing.T, *provider) answers { return answers{jwks: text(`{"keys":[]}`)} },
		"an empty object":           func(*testing.T, *provider) answers { return answers{jwks: text(`{}`)} },
		"no usable keys": func(*testing.T, *provider) answers {
			return answers{jwks: text(`{"keys":[{"kty":"oct","kid":"x","k":"AAAA"},{"kty":"RSA","kid":"y","n":"AQAB","e":"AQAB"}]}`)}
		},
		"keys too large": func(t *testing.T, p *provider) answers {
			good := signer(t, p.URL).KeySet().JWKS()
			return answers{jwks: text(string(good) + strings.Repeat(" ", oidc.MaxDocument))}
		},
		"keys on another host": func(t *testing.T, p *provider) answers {
			other := newProvider(t, httptest.NewTLSServer)
			other.answer(nil, keysOf(t, signer(t, p.URL)))
			return answers{jwks: redirect(other.URL + "/keys")}
		},
		"keys on another scheme": func(t *testing.T, p *provider) answers {
			other := newProvider(t, httptest.NewServer)
			other.answer(nil, keysOf(t, signer(t, p.URL)))
			return answers{jwks: redirect(other.URL + "/keys")}
		},
		"keys in circles": func(*testing.T, *provider) answers { return answers{jwks: redirect("/keys")} },
		"a cut connection": func(*testing.T, *provider) answers {
			return answers{jwks: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, rows := newProvider(t, httptest.NewTLSServer), &memory.Rows{}
			s := signer(t, p.URL)
			p.answer(nil, keysOf(t, s))
			_, err := oidc.Refresh(t.Context(), p.Client(), p.URL, table.New(rows))
			check(t, err)
			change := arrange(t, p)
			p.answer(change.discovery, change.jwks)
			if changed, err := oidc.Refresh(t.Context(), p.Client(), p.URL, table.New(rows)); err == nil || changed {
				t.Errorf("Refresh = %t, %v; want an error", changed, err)
			}
			if rows.Writes() != 1 || !accepts(t, rows, p.URL, s) {
				t.Errorf("the old keys are gone after %d writes", rows.Writes())
			}
		})
	}
}

func TestRefreshFollowsRedirectsOnItsHost(t *testing.T) {
	t.Parallel()
	p, rows := newProvider(t, httptest.NewTLSServer), &memory.Rows{}
	s := signer(t, p.URL)
	good := keysOf(t, s)
	p.answer(nil, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/keys" {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
			return
		}
		good(w, r)
	})
	if _, err := oidc.Refresh(t.Context(), p.Client(), p.URL, table.New(rows)); err != nil || !accepts(t, rows, p.URL, s) {
		t.Errorf("Refresh: %v", err)
	}
}

// An issuer with a path, as many have, is discovered below it.
func TestRefreshOfAnIssuerWithAPath(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/tenants/7", "/tenants/7/"} {
		var server *httptest.Server
		var s *issuer.Issuer
		mux := http.NewServeMux()
		mux.HandleFunc("GET /tenants/7/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
			discovery(server.URL+path, server.URL+"/keys?policy=a")(w, r)
		})
		mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(s.KeySet().JWKS()) })
		server = httptest.NewTLSServer(mux)
		t.Cleanup(server.Close)
		s = signer(t, server.URL+path)
		rows := &memory.Rows{}
		if _, err := oidc.Refresh(t.Context(), server.Client(), server.URL+path, table.New(rows)); err != nil || !accepts(t, rows, server.URL+path, s) {
			t.Errorf("%s: Refresh: %v", path, err)
		}
	}
}

func TestRefreshRefusesIssuers(t *testing.T) {
	t.Parallel()
	nobody := &http.Client{Transport: refuseAll{t}}
	for _, name := range []string{
		"", "id.example", "http://id.example", "ftp://id.example", "https://", "https://user@id.example", "https://id.example?x=1",
		"https://id.example#x", "http://127.0.0.1.example", "http://localhost.example", "http://10.0.0.1", "http://169.254.169.254", "https://a b",
	} {
		if changed, err := oidc.Refresh(t.Context(), nobody, name, table.New(&memory.Rows{})); err == nil || changed {
			t.Errorf("%q: Refresh = %t, %v; want an error", name, changed, err)
		}
	}
}

// refuseAll is a transport that must not be used.
type refuseAll struct{ t *testing.T }

func (r refuseAll) RoundTrip(req *http.Request) (*http.Response, error) {
	r.t.Errorf("%s was asked", req.URL)
	return nil, io.ErrUnexpectedEOF
}

func TestRefreshEndsWithItsContext(t *testing.T) {
	t.Parallel()
	p, rows := newProvider(t, httptest.NewTLSServer), &memory.Rows{}
	ctx, cancel := context.WithCancel(t.Context())
	p.answer(nil, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done() // the client's going away ends the request
	})
	if _, err := oidc.Refresh(ctx, p.Client(), p.URL, table.New(rows)); err == nil || rows.Writes() != 0 {
		t.Errorf("Refresh: %v with %d writes", err, rows.Writes())
	}
}

func TestRefreshSaysWhenItCannotStore(t *testing.T) {
	t.Parallel()
	p, rows := newProvider(t, httptest.NewTLSServer), &memory.Rows{}
	good := keysOf(t, signer(t, p.URL))
	p.answer(nil, good)
	rows.Fail(table.ErrUnavailable)
	if changed, err := oidc.Refresh(t.Context(), p.Client(), p.URL, table.New(rows)); err == nil || changed {
		t.Errorf("Refresh = %t, %v; want an error", changed, err)
	}
}
