package caller_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"

	"rubrica/shared/caller"
)

const (
	issuerName = "https://id.example"
	audience   = "rubrica"
)

// noon is when these tests take place.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

// clock is a clock that is moved by hand.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: noon} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// keyPair is a private key of a provider, with the algorithm it signs with.
type keyPair struct {
	id      string
	alg     jose.SignatureAlgorithm
	private crypto.Signer
}

func newKey(t testing.TB, id string, alg jose.SignatureAlgorithm) keyPair {
	t.Helper()
	var private crypto.Signer
	var err error
	switch alg {
	case jose.RS256, jose.RS512, jose.PS256:
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	case jose.ES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jose.ES384:
		private, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	default:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	}
	check(t, err)
	return keyPair{id, alg, private}
}

// public is the key as its provider publishes it.
func (k keyPair) public() jose.JSONWebKey {
	return jose.JSONWebKey{Key: k.private.Public(), KeyID: k.id, Algorithm: string(k.alg), Use: "sig"}
}

// sign signs claims as go-jose does; header adds to the JOSE header.
func (k keyPair) sign(t testing.TB, claims any, header map[string]any) string {
	t.Helper()
	opts := &jose.SignerOptions{}
	for name, value := range header {
		opts.WithHeader(jose.HeaderKey(name), value)
	}
	signer, err := jose.NewSigner(jose.SigningKey{
		Algorithm: k.alg, Key: jose.JSONWebKey{Key: k.private, KeyID: k.id},
	}, opts)
	check(t, err)
	payload, err := json.Marshal(claims)
	check(t, err)
	signed, err := signer.Sign(payload)
	check(t, err)
	token, err := signed.CompactSerialize()
	check(t, err)
	return token
}

// signRaw signs any header and payload with an Ed25519 key, whatever they say.
func (k keyPair) signRaw(t testing.TB, header, payload string) string {
	t.Helper()
	input := b64(header) + "." + b64(payload)
	signature, err := k.private.Sign(nil, []byte(input), crypto.Hash(0))
	check(t, err)
	return input + "." + b64(string(signature))
}

// signDigest signs any header and payload with RSA and SHA-256.
func (k keyPair) signDigest(t testing.TB, header, payload string) string {
	t.Helper()
	input := b64(header) + "." + b64(payload)
	digest := sha256.Sum256([]byte(input))
	signature, err := k.private.Sign(rand.Reader, digest[:], crypto.SHA256)
	check(t, err)
	return input + "." + b64(string(signature))
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func keySet(t testing.TB, keys ...keyPair) *caller.KeySet {
	t.Helper()
	set, err := caller.NewKeySet(issuerName, jwksOf(t, keys...))
	check(t, err)
	return set
}

func jwksOf(t testing.TB, keys ...keyPair) []byte {
	t.Helper()
	var list []jose.JSONWebKey
	for _, k := range keys {
		list = append(list, k.public())
	}
	doc, err := json.Marshal(jose.JSONWebKeySet{Keys: list})
	check(t, err)
	return doc
}

func verifier(keys caller.KeySource) *caller.Verifier {
	return &caller.Verifier{Issuer: issuerName, Audience: audience, Keys: keys, Now: atNoon}
}

// claims are those of a good token, with changes; nil removes one.
func claims(changes map[string]any) map[string]any {
	all := map[string]any{
		"iss": issuerName, "aud": audience, "iat": noon.Unix(), "exp": noon.Add(time.Hour).Unix(),
		"sub": "user_1", "workspace": "acme", "role": "agent",
	}
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return all
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
