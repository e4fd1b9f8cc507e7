package oidc_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"

	"rubrica/shared/caller"
	"rubrica/shared/caller/internal/memory"
	"rubrica/shared/caller/issuer"
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
