package caller

import (
	"context"
	"crypto/sha256"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"rubrica/shared/problem"
)

// MaxToken is the longest token that is looked at, in bytes.
const MaxToken = 8 << 10

// Verifier verifies JSON Web Tokens of one identity provider. It remembers those
// that it verified, so it must not be copied; safe for concurrent use once its
// fields are set.
type Verifier struct {
	// Issuer and Audience are what "iss" must be and "aud" must hold. If either
	// is empty no JWT is accepted, API tokens only.
	Issuer, Audience string
	// Claims are the names of the claims that say who is calling.
	Claims ClaimNames
	// Keys are the provider's keys; a set of another issuer verifies nothing.
	Keys KeySource
	// Now is the clock; nil is time.Now.
	Now func() time.Time

	seen verified
}

// ClaimNames are the names of claims as the identity provider writes them; an
// empty one is the name in its comment.
type ClaimNames struct {
	Subject      string // sub
	Workspace    string // workspace
	Role         string // role
	Restrictions string // restrictions
	Integration  string // integration
}

func (v *Verifier) now() time.Time {
	if v.Now == nil {
		return time.Now()
	}
	return v.Now()
}

// Verify returns whom a JWT names: signed with RS256, ES256 or EdDSA by a
// current key of the issuer that is meant for that algorithm, for this audience,
// with an expiry that lies ahead ("nbf" and "iat" may lie 60 seconds ahead, for
// clocks differ). Keys and addresses in the token's own header are not looked at.
//
// What was verified before is remembered until it expires or the issuer's keys
// change: the second time costs a SHA-256. What is malformed is refused before
// keys are asked for. Errors are problem.Unauthenticated, or those of Keys.
func (v *Verifier) Verify(ctx context.Context, token string) (Caller, error) {
	if v.Issuer == "" || v.Audience == "" {
		return Caller{}, refuse("Only API tokens are accepted here: no identity provider is configured.")
	}
	if err := checkForm(token); err != nil {
		return Caller{}, err
	}
	keys, err := v.Keys.Keys(ctx, "")
	if err != nil {
		return Caller{}, err
	}
	sum, now := sha256.Sum256([]byte(token)), v.now()
	if c, ok := v.seen.get(keys.Generation(), sum, now); ok {
		return c, nil
	}
	head, err := parseHeader(token)
	if err != nil {
		return Caller{}, err
	}
	if !keys.ids[head.KeyID] {
		if keys, err = v.Keys.Keys(ctx, head.KeyID); err != nil {
			return Caller{}, err
		}
	}
	payload, err := v.open(token, head, keys)
	if err != nil {
		return Caller{}, err
	}
	c, expires, err := v.read(payload, now)
	if err != nil {
		return Caller{}, err
	}
	v.seen.put(keys.Generation(), sum, c, expires)
	return c, nil
}

// open returns what was signed, once the signature has been verified.
func (v *Verifier) open(token string, head header, keys *KeySet) ([]byte, error) {
	key, ok := keys.keys[keyName{head.KeyID, head.Algorithm}]
	switch {
	case keys.Issuer() != v.Issuer, !keys.ids[head.KeyID]:
		return nil, refuse("The token is signed with a key that is not, or no longer, one of the issuer's.")
	case !ok:
		return nil, refuse("The token is signed with another algorithm than its key is for.")
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{head.Algorithm})
	if err != nil {
		return nil, malformed()
	}
	payload, err := signed.Verify(key)
	if err != nil {
		return nil, refuse("The token's signature is not right.")
	}
	return payload, nil
}

// checkForm refuses what has not the outer form of a JWT in compact
// serialization (RFC 7515, section 7.1), before anything is spent on it.
func checkForm(token string) error {
	if len(token) > MaxToken {
		return refuse("The token is longer than %d bytes.", MaxToken)
	}
	dots := 0
	for i := range len(token) {
		switch c := token[i]; {
		case c == '.':
			dots++
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
		default:
			return malformed()
		}
	}
	if dots != 2 || strings.HasPrefix(token, ".") || strings.HasSuffix(token, ".") || strings.Contains(token, "..") {
		return malformed()
	}
	return nil
}

// refuse makes a 401. Nothing of the token may be among args, and no cause is
// kept for the log: a decoder's error may quote what it could not read.
func refuse(format string, args ...any) *problem.Error {
	return problem.New(problem.Unauthenticated, format, args...)
}

func malformed() error { return refuse("The token is neither a signed JWT nor an API token.") }
