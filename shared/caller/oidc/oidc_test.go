package oidc_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rubrica/shared/caller/internal/memory"
	"rubrica/shared/caller/issuer"
	"rubrica/shared/caller/oidc"
	"rubrica/shared/table"
)

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

// answers are what a provider answers instead of what it did; nil is the same.
type answers struct{ discovery, jwks http.HandlerFunc }

// status answers with another status than 200, whatever the body.
func status(code int, body http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(code)
		body(w, r)
	}
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
}

// Whatever goes wrong, what was stored goes on being valid, and nothing else.
func TestRefreshKeepsTheOldKeys(t *testing.T) {
	t.Parallel()
	// By the provider's address, and other keys that it might be made to publish.
	for name, arrange := range map[string]func(at string, other http.HandlerFunc) answers{
		"discovery fails": func(at string, other http.HandlerFunc) answers {
			return answers{status(500, discovery(at, at+"/keys")), other}
		},
		"discovery is not there": func(string, http.HandlerFunc) answers { return answers{discovery: http.NotFound} },
		"discovery is no JSON":   func(string, http.HandlerFunc) answers { return answers{discovery: text(`<html>`)} },
		"discovery is empty":     func(string, http.HandlerFunc) answers { return answers{discovery: text(`{}`)} },
		"discovery is too large": func(at string, other http.HandlerFunc) answers {
			padding := strings.Repeat(" ", oidc.MaxDocument)
			return answers{text(fmt.Sprintf(`{"issuer":%q,"jwks_uri":%q}`, at, at+"/keys") + padding), other}
		},
		"another issuer": func(at string, other http.HandlerFunc) answers {
			return answers{discovery("https://evil.example", at+"/keys"), other}
		},
		"the issuer with a slash": func(at string, other http.HandlerFunc) answers {
			return answers{discovery(at+"/", at+"/keys"), other}
		},
		"two issuers": func(at string, other http.HandlerFunc) answers {
			return answers{text(fmt.Sprintf(`{"issuer":"x","issuer":%q,"jwks_uri":%q}`, at, at+"/keys")), other}
		},
		"no address of keys": func(at string, _ http.HandlerFunc) answers { return answers{discovery: discovery(at, "")} },
		"a relative address": func(at string, _ http.HandlerFunc) answers { return answers{discovery: discovery(at, "/keys")} },
		"a file":             func(at string, _ http.HandlerFunc) answers { return answers{discovery: discovery(at, "file:///keys")} },
		"an address with a user": func(at string, other http.HandlerFunc) answers {
			return answers{discovery(at, strings.Replace(at, "//", "//user@", 1)+"/keys"), other}
		},
		"keys fail":        func(_ string, other http.HandlerFunc) answers { return answers{jwks: status(503, other)} },
		"keys by halves":   func(_ string, other http.HandlerFunc) answers { return answers{jwks: status(206, other)} },
		"keys are no JSON": func(string, http.HandlerFunc) answers { return answers{jwks: text(`{"keys":[`)} },
		"keys are no list": func(string, http.HandlerFunc) answers { return answers{jwks: text(`{"keys":{}}`)} },
		"no keys":          func(string, http.HandlerFunc) answers { return answers{jwks: text(`{"keys":[]}`)} },
		"an empty object":  func(string, http.HandlerFunc) answers { return answers{jwks: text(`{}`)} },
		"a symmetric key": func(string, http.HandlerFunc) answers {
			return answers{jwks: text(`{"keys":[{"kty":"oct","kid":"x","k":"AAAA"}]}`)}
		},
		"a key much shorter": func(string, http.HandlerFunc) answers {
			return answers{jwks: text(`{"keys":[{"kty":"RSA","kid":"y","n":"AQAB","e":"AQAB"}]}`)}
		},
		"keys are too large": func(_ string, other http.HandlerFunc) answers {
			return answers{jwks: func(w http.ResponseWriter, r *http.Request) {
				other(w, r)
				text(strings.Repeat(" ", oidc.MaxDocument))(w, r)
			}}
		},
		"a cut connection": func(string, http.HandlerFunc) answers {
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
			change := arrange(p.URL, keysOf(t, signer(t, p.URL)))
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

// network is the internet with one provider, https://id.example, whose keys are
// published under an address and redirected to another; it keeps what was asked.
type network struct {
	keys, to string
	asked    []string
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	n.asked = append(n.asked, req.URL.String())
	w := httptest.NewRecorder()
	if strings.HasSuffix(req.URL.Path, "/openid-configuration") {
		discovery("https://id.example", n.keys)(w, req)
	} else {
		redirect(n.to)(w, req)
	}
	return w.Result(), nil
}

func TestRefreshStaysWithTheProvider(t *testing.T) {
	t.Parallel()
	const keys = "https://id.example/keys"
	for _, test := range []struct {
		keys, to string
		asked    int // how often keys are asked for
	}{
		{keys, "https://evil.example/keys", 1},
		{keys, "https://id.example:444/keys", 1},
		{keys, "http://id.example/keys", 1},
		{keys, "https://id.example.evil/keys", 1},
		{keys, "https://id.example/circle", 1 + oidc.MaxRedirects},
		{"http://id.example/keys", keys, 0},
		{"http://127.0.0.1/keys", keys, 0}, // loopback is for issuers on loopback
		{"http://169.254.169.254/keys", keys, 0},
	} {
		n := &network{keys: test.keys, to: test.to}
		changed, err := oidc.Refresh(t.Context(), &http.Client{Transport: n}, "https://id.example", table.New(&memory.Rows{}))
		if err == nil || changed {
			t.Errorf("%+v: Refresh = %t, %v; want an error", test, changed, err)
		}
		if len(n.asked) != 1+test.asked {
			t.Errorf("%+v: asked %q, want %d requests", test, n.asked, 1+test.asked)
		}
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
