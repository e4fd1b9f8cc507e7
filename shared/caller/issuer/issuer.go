// Package issuer is an identity provider as small as it can be: one Ed25519 key
// that signs the tokens of tests and of the server on one machine. No Lambda
// links it.
package issuer

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"

	"rubrica/shared/caller"
)

// Issuer signs tokens; safe for concurrent use.
type Issuer struct {
	name, audience string
	key            jose.JSONWebKey // private
	keys           *caller.KeySet
	signer         jose.Signer
}

// New makes an issuer with a key of its own. name and audience are the "iss" and
// "aud" of its tokens.
func New(name, audience string) (*Issuer, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("issuer: make a key: %w", err)
	}
	return with(name, audience, private)
}

// Restore makes an issuer with the key that PrivateKey returned.
func Restore(name, audience string, privateKey []byte) (*Issuer, error) {
	var key jose.JSONWebKey
	if err := key.UnmarshalJSON(privateKey); err != nil {
		return nil, fmt.Errorf("issuer: restore a key: %w", err)
	}
	private, ok := key.Key.(ed25519.PrivateKey)
	if !ok {
		return nil, errors.New("issuer: restore a key: not a private Ed25519 key")
	}
	return with(name, audience, private)
}

func with(name, audience string, private ed25519.PrivateKey) (*Issuer, error) {
	key := jose.JSONWebKey{Key: private, Use: "sig", Algorithm: string(jose.EdDSA)}
	thumbprint, err := key.Thumbprint(crypto.SHA256) // RFC 7638: the same key has the same id
	if err != nil {
		return nil, fmt.Errorf("issuer: name a key: %w", err)
	}
	key.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: key},
		new(jose.SignerOptions).WithType("JWT"))
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	public, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key.Public()}})
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	keys, err := caller.NewKeySet(name, public)
	if err != nil {
		return nil, err
	}
	return &Issuer{name, audience, key, keys, signer}, nil
}

// PrivateKey is the key as a private JWK: whoever has it can be anybody.
func (i *Issuer) PrivateKey() ([]byte, error) { return i.key.MarshalJSON() }

// KeySet is the public key, a KeySource too.
func (i *Issuer) KeySet() *caller.KeySet { return i.keys }

// Verifier returns a verifier of the issuer's tokens with the standard names of
// claims.
func (i *Issuer) Verifier() *caller.Verifier {
	return &caller.Verifier{Issuer: i.name, Audience: i.audience, Keys: i.keys}
}

// Claims are what a token says of its bearer.
type Claims struct {
	Subject      string   `json:"sub"`
	Workspace    string   `json:"workspace"`
	Role         string   `json:"role"`
	Restrictions []string `json:"restrictions,omitempty"`
	Integration  string   `json:"integration,omitempty"`
}

// Sign returns a token that is valid from issued for ttl, to the millisecond. It
// signs what it is given: nothing is checked.
func (i *Issuer) Sign(c Claims, issued time.Time, ttl time.Duration) (string, error) {
	return i.SignClaims(struct {
		Claims
		Issuer   string  `json:"iss"`
		Audience string  `json:"aud"`
		IssuedAt float64 `json:"iat"`
		Expires  float64 `json:"exp"`
	}{c, i.name, i.audience, seconds(issued), seconds(issued.Add(ttl))})
}

// seconds since 1970, with milliseconds as decimals (RFC 7519, NumericDate).
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// SignClaims returns a token with the given claims, a struct or a map, and no
// others: for tests of what must be refused.
func (i *Issuer) SignClaims(claims any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("issuer: sign: %w", err)
	}
	signed, err := i.signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("issuer: sign: %w", err)
	}
	return signed.CompactSerialize()
}
