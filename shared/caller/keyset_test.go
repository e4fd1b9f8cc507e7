package caller_test

import (
	"crypto/rand"
	"crypto/rsa"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"

	"rubrica/shared/caller"
)

// jwk is the key's JWK as a map, with changes; nil removes a member.
func jwk(t *testing.T, key any, changes map[string]any) map[string]any {
	t.Helper()
	raw, err := jose.JSONWebKey{Key: key, KeyID: "k"}.MarshalJSON()
	check(t, err)
	var all map[string]any
	check(t, json.Unmarshal(raw, &all))
	for name, value := range changes {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	return all
}

func TestKeySetKeepsWhatIsUsable(t *testing.T) {
	t.Parallel()
	rsaKey, ecKey, edKey := newKey(t, "", jose.RS256).private, newKey(t, "", jose.ES256).private, newKey(t, "", jose.EdDSA).private
	p384 := newKey(t, "", jose.ES384).private
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	check(t, err)
	for name, test := range map[string]struct {
		key     any
		changes map[string]any
		usable  bool
	}{
		"RSA":                      {rsaKey.Public(), nil, true},
		"RSA for RS256":            {rsaKey.Public(), map[string]any{"alg": "RS256", "use": "sig"}, true},
		"RSA to verify":            {rsaKey.Public(), map[string]any{"key_ops": []string{"verify"}}, true},
		"RSA with a certificate":   {rsaKey.Public(), map[string]any{"x5c": []string{"AAAA"}, "x5t": "AAAA"}, true},
		"P-256":                    {ecKey.Public(), nil, true},
		"P-256 for ES256":          {ecKey.Public(), map[string]any{"alg": "ES256"}, true},
		"Ed25519":                  {edKey.Public(), nil, true},
		"Ed25519 for EdDSA":        {edKey.Public(), map[string]any{"alg": "EdDSA"}, true},
		"unknown members":          {edKey.Public(), map[string]any{"exp": 1, "status": "x"}, true},
		"RSA of 1024 bits":         {weak.Public(), nil, false},
		"RSA with exponent 1":      {rsaKey.Public(), map[string]any{"e": "AQ"}, false},
		"RSA with an even one":     {rsaKey.Public(), map[string]any{"e": "BA"}, false},
		"RSA for RS512":            {rsaKey.Public(), map[string]any{"alg": "RS512"}, false},
		"RSA for PS256":            {rsaKey.Public(), map[string]any{"alg": "PS256"}, false},
		"RSA for HS256":            {rsaKey.Public(), map[string]any{"alg": "HS256"}, false},
		"RSA for ES256":            {rsaKey.Public(), map[string]any{"alg": "ES256"}, false},
		"RSA for encryption":       {rsaKey.Public(), map[string]any{"use": "enc"}, false},
		"RSA to encrypt":           {rsaKey.Public(), map[string]any{"key_ops": []string{"encrypt"}}, false},
		"RSA for no operation":     {rsaKey.Public(), map[string]any{"key_ops": []string{}}, false},
		"private RSA":              {rsaKey, nil, false},
		"private P-256":            {ecKey, nil, false},
		"private Ed25519":          {edKey, nil, false},
		"P-384":                    {p384.Public(), nil, false},
		"P-256 for RS256":          {ecKey.Public(), map[string]any{"alg": "RS256"}, false},
		"a point not on the curve": {ecKey.Public(), map[string]any{"y": jwk(t, newKey(t, "", jose.ES256).private.Public(), nil)["y"]}, false},
		"Ed25519 of low order":     {edKey.Public(), map[string]any{"x": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, false},
		"Ed25519 cut short":        {edKey.Public(), map[string]any{"x": "AAAA"}, false},
		"X25519":                   {edKey.Public(), map[string]any{"crv": "X25519"}, false},
		"symmetric":                {[]byte("0123456789abcdef0123456789abcdef"), nil, false},
		"symmetric for RS256":      {[]byte("0123456789abcdef0123456789abcdef"), map[string]any{"alg": "RS256"}, false},
		"no id":                    {edKey.Public(), map[string]any{"kid": nil}, false},
		"empty id":                 {edKey.Public(), map[string]any{"kid": ""}, false},
		"number as id":             {edKey.Public(), map[string]any{"kid": 1}, false},
		"no type":                  {edKey.Public(), map[string]any{"kty": nil}, false},
		"unknown type":             {edKey.Public(), map[string]any{"kty": "new"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good := jwk(t, edKey.Public(), map[string]any{"kid": "good"}) // one bad key spoils no other
			doc, err := json.Marshal(map[string]any{"keys": []any{jwk(t, test.key, test.changes), good}})
			check(t, err)
			set, err := caller.NewKeySet(issuerName, doc)
			check(t, err)
			if want := map[bool]int{false: 1, true: 2}[test.usable]; set.Len() != want {
				t.Errorf("%d keys are usable, want %d of %s", set.Len(), want, doc)
			}
		})
	}
}

func TestKeySetRefusesDocuments(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{``, `[]`, `"x"`, `{"keys":{}}`, `{"keys":[]}x`, `{"keys":[],"keys":[]}`, `<html>`} {
		if set, err := caller.NewKeySet(issuerName, []byte(doc)); err == nil {
			t.Errorf("%s gives %d keys, want an error", doc, set.Len())
		}
	}
	for _, doc := range []string{`{}`, `{"keys":[]}`, `{"keys":null}`, `{"keys":[1,null,"x",{}]}`} {
		if set, err := caller.NewKeySet(issuerName, []byte(doc)); err != nil || set.Len() != 0 {
			t.Errorf("%s: %v, want a set without keys", doc, err)
		}
	}
}

// The generation stands for issuer and keys, not for how they are written down.
func TestKeySetGeneration(t *testing.T) {
	t.Parallel()
	a, b := newKey(t, "a", jose.EdDSA), newKey(t, "b", jose.ES256)
	set := keySet(t, a, b)
	again, err := caller.NewKeySet(issuerName, set.JWKS())
	check(t, err)
	if again.Len() != 2 || again.Generation() != set.Generation() {
		t.Errorf("its own JWKS gives %d keys of another generation", again.Len())
	}
	if keySet(t, b, a).Generation() != set.Generation() {
		t.Error("the order of keys changes the generation")
	}
	if keySet(t, a).Generation() == set.Generation() {
		t.Error("a key less gives the same generation")
	}
	if keySet(t, a, newKey(t, "b", jose.ES256)).Generation() == set.Generation() {
		t.Error("another key under the same id gives the same generation")
	}
	other, err := caller.NewKeySet("https://other.example", set.JWKS())
	check(t, err)
	if other.Generation() == set.Generation() {
		t.Error("another issuer gives the same generation")
	}
}

// One id may stand for keys of different types; of the same type the first counts.
func TestKeySetWithOneIDForSeveralKeys(t *testing.T) {
	t.Parallel()
	first, second, third := newKey(t, "k", jose.EdDSA), newKey(t, "k", jose.ES256), newKey(t, "k", jose.EdDSA)
	v := verifier(keySet(t, first, second, third))
	for name, key := range map[string]keyPair{"first": first, "second": second} {
		if _, err := v.Verify(t.Context(), key.sign(t, claims(nil), nil)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	refused(t, v, third.sign(t, claims(nil), nil), "signature")
}
