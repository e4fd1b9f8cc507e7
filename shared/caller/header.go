package caller

import (
	"encoding/base64"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// header is what counts of a token's JOSE header. Members such as jwk, jku, x5u
// and x5c, by which a token would bring its own key, are not among it.
type header struct {
	Algorithm jose.SignatureAlgorithm `json:"alg"`
	KeyID     string                  `json:"kid"`
	Type      string                  `json:"typ"`
	Critical  jsontext.Value          `json:"crit"`
	// Base64 is RFC 7797's: false would change what the signature is over.
	Base64 jsontext.Value `json:"b64"`
}

// parseHeader reads the header of a token that passed checkForm.
func parseHeader(token string) (header, error) {
	var h header
	first, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil {
		return h, malformed()
	}
	if err := json.Unmarshal(raw, &h); err != nil {
		return h, malformed()
	}
	switch h.Algorithm {
	case jose.RS256, jose.ES256, jose.EdDSA:
	default:
		return h, refuse("The token is signed with an algorithm that is not accepted: want RS256, ES256 or EdDSA.")
	}
	switch {
	case h.Critical != nil || h.Base64 != nil:
		return h, refuse("The token's header demands an extension that is not known here.")
	case !acceptedType(h.Type):
		return h, refuse("The token's type is not JWT or at+jwt: it is meant for something else.")
	case h.KeyID == "":
		return h, refuse("The token does not say which key it is signed with (kid).")
	}
	return h, nil
}

// acceptedType keeps out tokens that the same issuer signs for other ends, such
// as "logout+jwt" (RFC 8725, section 3.11).
func acceptedType(typ string) bool {
	switch strings.TrimPrefix(strings.ToLower(typ), "application/") {
	case "", "jwt", "at+jwt":
		return true
	}
	return false
}
