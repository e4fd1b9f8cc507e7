package caller

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// KeySource hands out the identity provider's current keys. Safe for concurrent
// use.
type KeySource interface {
	// Keys returns the current set, usually from memory. missing is the id of a
	// key that the caller did not find in it, "" for none: a hint to look
	// whether there is a newer one. An error means that no set is known.
	Keys(ctx context.Context, missing string) (*KeySet, error)
}

// KeySet is the public keys that one issuer signs with; immutable. It is also
// the KeySource that never changes.
type KeySet struct {
	issuer     string
	generation string
	list       jsontext.Value // the keys as a JSON array, in canonical order
	keys       map[keyName]any
	ids        map[string]bool
}

// keyName names a key by what a token's header says of it, so that a key is
// never used with an algorithm that is not its own.
type keyName struct {
	id  string
	alg jose.SignatureAlgorithm
}

// Bounds of an RSA key's modulus; the upper one is for the cost of verifying.
const (
	minRSABits = 2048
	maxRSABits = 4096
)

// NewKeySet keeps of a JWKS document (RFC 7517) what tokens can be verified
// with: public keys with an id, RSA of 2,048 to 4,096 bits, P-256 or Ed25519,
// whose use, operations and algorithm, where stated, are to sign with RS256,
// ES256 or EdDSA. Others are left out, also a key that is published with its
// private part; of two with the same id and algorithm the first is kept. That
// none is left is no error: see Len.
func NewKeySet(issuer string, jwks []byte) (*KeySet, error) {
	var parsed struct {
		Keys []jsontext.Value `json:"keys"`
	}
	if err := json.Unmarshal(jwks, &parsed); err != nil {
		return nil, fmt.Errorf("caller: a JWKS document: %w", err)
	}
	s := &KeySet{issuer: issuer, keys: map[keyName]any{}, ids: map[string]bool{}}
	var usable []*jose.JSONWebKey // sorting large values would link 25 KB of code made for them
	for _, raw := range parsed.Keys {
		key, ok := usableKey(raw)
		if !ok {
			continue
		}
		name := keyName{key.KeyID, jose.SignatureAlgorithm(key.Algorithm)}
		if s.keys[name] == nil {
			s.keys[name] = key.Key
			s.ids[key.KeyID] = true
			usable = append(usable, &key)
		}
	}
	slices.SortFunc(usable, func(a, b *jose.JSONWebKey) int {
		return strings.Compare(a.KeyID+"\x00"+a.Algorithm, b.KeyID+"\x00"+b.Algorithm)
	})
	list, err := json.Marshal(usable)
	if err != nil {
		return nil, fmt.Errorf("caller: a JWKS document: %w", err)
	}
	sum := sha256.Sum256([]byte(issuer + "\n" + string(list)))
	s.list, s.generation = list, base64.RawURLEncoding.EncodeToString(sum[:])
	return s, nil
}

// Issuer is whose keys they are, the "iss" of the tokens they may verify.
func (s *KeySet) Issuer() string { return s.issuer }

// Generation is equal for two sets only if issuer and keys are.
func (s *KeySet) Generation() string { return s.generation }

// Len is how many keys there are.
func (s *KeySet) Len() int { return len(s.keys) }

// JWKS is the set as a JWKS document of public keys, the same for the same keys.
func (s *KeySet) JWKS() []byte { return slices.Concat([]byte(`{"keys":`), s.list, []byte(`}`)) }

// Keys implements KeySource.
func (s *KeySet) Keys(context.Context, string) (*KeySet, error) { return s, nil }

// publicKey is what counts of a JWK. Certificates are left out: the provider
// vouches for its keys by publishing them.
type publicKey struct {
	Type       string   `json:"kty"`
	ID         string   `json:"kid"`
	Use        string   `json:"use,omitempty"`
	Operations []string `json:"key_ops,omitempty"`
	Algorithm  string   `json:"alg,omitempty"`
	Curve      string   `json:"crv,omitempty"`
	X          string   `json:"x,omitempty"`
	Y          string   `json:"y,omitempty"`
	N          string   `json:"n,omitempty"`
	E          string   `json:"e,omitempty"`
	// Private is d, the private part of every asymmetric key.
	Private jsontext.Value `json:"d,omitempty"`
}

// usableKey returns the key with its Use and Algorithm filled in.
func usableKey(raw jsontext.Value) (key jose.JSONWebKey, ok bool) {
	var p publicKey
	if err := json.Unmarshal(raw, &p); err != nil {
		return key, false
	}
	if p.ID == "" || p.Private != nil || p.Use != "" && p.Use != "sig" ||
		p.Operations != nil && !slices.Contains(p.Operations, "verify") {
		return key, false
	}
	public, err := json.Marshal(p)
	if err != nil {
		return key, false
	}
	if err := key.UnmarshalJSON(public); err != nil {
		return key, false
	}
	alg := string(algorithmOf(key.Key))
	if alg == "" || p.Algorithm != "" && p.Algorithm != alg {
		return key, false
	}
	return jose.JSONWebKey{Key: key.Key, KeyID: p.ID, Use: "sig", Algorithm: alg}, true
}

// algorithmOf is the one algorithm that a key is used with, "" if none.
func algorithmOf(key any) jose.SignatureAlgorithm {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits >= minRSABits && bits <= maxRSABits && key.E%2 == 1 {
			return jose.RS256
		}
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			return jose.ES256
		}
	case ed25519.PublicKey:
		return jose.EdDSA
	}
	return ""
}
