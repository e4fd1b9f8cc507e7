package caller

import (
	"context"
	"strings"
	"time"

	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// Claim is what an Authorization header says, as far as it can be told without
// reading a row: a Caller that is verified, or an API token to be checked
// against its row. The zero Claim is refused.
type Claim struct {
	caller Caller
	token  ParsedToken
}

// Authenticate reads an Authorization header, "Bearer" and a JWT or an API
// token. Errors are problem.Unauthenticated, or those of v.Keys.
//
// The caller then binds its context to the claim's Workspace, reads TokenKey
// among the rows that it reads first, and asks Caller before it uses any of them.
func (v *Verifier) Authenticate(ctx context.Context, header string) (Claim, error) {
	if header == "" {
		return Claim{}, refuse("Send a token: Authorization: Bearer and a JWT or an API token.")
	}
	if len(header) > len("Bearer ")+MaxToken {
		return Claim{}, refuse("The Authorization header is longer than %d bytes.", MaxToken)
	}
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return Claim{}, refuse("The Authorization header has another scheme than Bearer.")
	}
	if isToken(token) {
		parsed, err := ParseToken(token)
		return Claim{token: parsed}, err
	}
	c, err := v.Verify(ctx, token)
	return Claim{caller: c}, err
}

// Workspace is the verified workspace of a JWT, or the one that an API token
// claims: good for binding a context and reading, not yet for answering.
func (c Claim) Workspace() tenant.Workspace {
	if c.caller.Workspace.IsZero() {
		return c.token.Workspace
	}
	return c.caller.Workspace
}

// TokenKey is the row that Caller must be given; ok is false for a JWT, which
// needs none.
func (c Claim) TokenKey() (key table.Key, ok bool) {
	if c.token.ID == "" {
		return table.Key{}, false
	}
	return c.token.Key(), true
}

// Caller says who is calling. Of an API token, row is its row as it was read,
// the zero Row if there is none; of a JWT it is not looked at. Errors are
// problem.Unauthenticated, or internal where the row cannot be understood.
func (c Claim) Caller(row table.Row, now time.Time) (Caller, error) {
	switch {
	case c.token.ID != "":
		return c.token.Check(row, now)
	case c.caller.Workspace.IsZero():
		return Caller{}, malformed()
	default:
		return c.caller, nil
	}
}
