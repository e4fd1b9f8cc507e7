package caller

import (
	"cmp"
	"errors"
	"math"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/tenant"
)

// leeway is how far ahead "nbf" and "iat" may lie. An expiry has none: a token
// is not used past the moment that its issuer set.
const leeway = 60 * time.Second

// registered are the claims of RFC 7519 that are checked; times are in seconds
// since 1970, decimals allowed.
type registered struct {
	Issuer    string       `json:"iss"`
	Audience  jwt.Audience `json:"aud"` // one text or several
	Expires   *seconds     `json:"exp"`
	NotBefore *seconds     `json:"nbf"`
	IssuedAt  *seconds     `json:"iat"`
}

type seconds float64

// maxSeconds is the year 9999; beyond it a time is taken for a mistake.
const maxSeconds = 253402300799

func (s seconds) time() time.Time { return time.UnixMilli(int64(math.Round(float64(s) * 1000))) }

// read checks the claims of a verified payload and says whom they name, and when
// they expire.
func (v *Verifier) read(payload []byte, now time.Time) (Caller, time.Time, error) {
	var r registered
	if err := json.Unmarshal(payload, &r); err != nil {
		return Caller{}, time.Time{}, malformedClaims()
	}
	for _, t := range []*seconds{r.Expires, r.NotBefore, r.IssuedAt} {
		if t != nil && (*t < 0 || *t > maxSeconds) {
			return Caller{}, time.Time{}, malformedClaims()
		}
	}
	soon := now.Add(leeway)
	switch {
	case r.Expires == nil:
		return Caller{}, time.Time{}, refuse("The token has no expiry (exp).")
	case !now.Before(r.Expires.time()):
		return Caller{}, time.Time{}, refuse("The token has expired.")
	case r.NotBefore != nil && soon.Before(r.NotBefore.time()), r.IssuedAt != nil && soon.Before(r.IssuedAt.time()):
		return Caller{}, time.Time{}, refuse("The token is not valid yet (nbf, iat).")
	case r.Issuer != v.Issuer:
		return Caller{}, time.Time{}, refuse("The token is of another issuer (iss).")
	case !r.Audience.Contains(v.Audience):
		return Caller{}, time.Time{}, refuse("The token is meant for another audience (aud).")
	}
	c, err := v.Claims.caller(payload)
	return c, r.Expires.time(), err
}

func malformedClaims() error { return refuse("The token's claims are malformed.") }

// caller reads the claims that say who is calling; null is as good as absent.
func (n ClaimNames) caller(payload []byte) (Caller, error) {
	var all map[string]jsontext.Value
	if err := json.Unmarshal(payload, &all); err != nil {
		return Caller{}, malformedClaims()
	}
	claim := func(name, standard string) jsontext.Value {
		if value := all[cmp.Or(name, standard)]; value.Kind() != 'n' {
			return value
		}
		return nil
	}
	var c Caller
	var err error
	if c.Subject, err = textOf(claim(n.Subject, "sub")); err != nil || !ValidSubject(c.Subject) || isTokenSubject(c.Subject) {
		return Caller{}, refuse("The token does not name its user: want 1 to %d visible characters.", MaxSubject)
	}
	workspace, err := textOf(claim(n.Workspace, "workspace"))
	if err == nil {
		c.Workspace, err = tenant.Parse(workspace)
	}
	if err != nil {
		return Caller{}, refuse("The token does not name one workspace: want a text of 2 to 63 of a-z, 0-9 and -.")
	}
	role, err := textOf(claim(n.Role, "role"))
	if c.Role = Role(role); err != nil || !c.Role.Valid() {
		return Caller{}, refuse("The token's role is not owner, manager or agent.")
	}
	if c.Restrictions, err = restrictionsOf(claim(n.Restrictions, "restrictions")); err != nil {
		return Caller{}, refuse("The token carries a restriction that is not no-delete, no-export or only-assigned.")
	}
	c.Integration, err = textOf(claim(n.Integration, "integration"))
	if err != nil || c.Integration != "" && !ValidIntegration(c.Integration) {
		return Caller{}, refuse("The token's integration is not a name of 1 to %d characters.", MaxIntegration)
	}
	return c, nil
}

var errNoText = errors.New("not a text")

// textOf is a claim that is a string, "" if it is absent.
func textOf(claim jsontext.Value) (string, error) {
	if claim == nil {
		return "", nil
	}
	if claim.Kind() != '"' {
		return "", errNoText
	}
	var s string
	err := json.Unmarshal(claim, &s)
	return s, err
}

// restrictionsOf takes an array of names, or names with commas between.
func restrictionsOf(claim jsontext.Value) (set Restrictions, err error) {
	if claim.Kind() == '[' {
		err = json.Unmarshal(claim, &set)
		return set, err
	}
	list, err := textOf(claim)
	if err != nil {
		return 0, err
	}
	return parseRestrictionList(list)
}
