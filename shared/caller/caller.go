// Package caller says who is calling. It verifies JSON Web Tokens against the
// identity provider's keys, and API tokens against their stored rows, and turns
// both into a Caller: user, workspace, role, restrictions, integration.
//
// It reads one row by itself, the keys' (StoredKeys, in the System workspace);
// an API token's row is read by whoever reads anyway and handed in, so that it
// costs no round trip. Keys are fetched over the network by caller/oidc alone.
// What a role may do is said by each route, not here.
//
// Every doubt refuses: an unknown role, restriction, algorithm or header is a
// 401, never a guess. No error repeats any part of a token.
package caller

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// Caller is who is calling, verified. Callers are comparable.
type Caller struct {
	// Subject is the user, the "sub" of a JWT: 1 to 255 bytes, visible. Of an
	// API token it is "token_" and the token's id, which no JWT may claim.
	Subject   string
	Workspace tenant.Workspace
	Role      Role
	// Restrictions narrow the role.
	Restrictions Restrictions
	// Integration is the name of the system that is calling, "" for a person;
	// if set, it is the actor.
	Integration string
	// TokenID is the id of the API token, "" for a JWT.
	TokenID string
}

// Limits of names in tokens, in bytes.
const (
	MaxSubject     = 255 // OpenID Connect Core 1.0, section 2
	MaxIntegration = 64
)

// ActorType is the "type" of an audit entry's actor, as far as callers go.
type ActorType string

// The types of actor that a caller can be.
const (
	ActorUser        ActorType = "user"
	ActorIntegration ActorType = "integration"
)

// Actor names who an audit entry says did it: the integration if there is one,
// else the subject.
func (c Caller) Actor() (ActorType, string) {
	if c.Integration != "" {
		return ActorIntegration, c.Integration
	}
	return ActorUser, c.Subject
}

// Scope is what idempotency keys are scoped to, within the workspace: equal for
// two callers only if subject, integration and token are. It names the subject
// also where an integration acts: two tokens of one integration may be allowed
// different things, so one must not be shown the other's answers. A token's is
// known from its text alone; see Claim.Scope.
func (c Caller) Scope() string {
	switch {
	case c.TokenID != "":
		return scopeOfToken(c.TokenID)
	case c.Integration != "": // a subject has no space, so the first one parts the two
		return "integration:" + c.Subject + " " + c.Integration
	default:
		return "user:" + c.Subject
	}
}

func scopeOfToken(id string) string { return "token:" + id }

// ValidSubject tells whether s can name a user: 1 to MaxSubject bytes of
// printable characters without spaces.
func ValidSubject(s string) bool {
	return len(s) >= 1 && len(s) <= MaxSubject && printable(s) && !strings.Contains(s, " ")
}

// ValidIntegration tells whether s can name an integration: 1 to MaxIntegration
// bytes of printable characters, no space at either end.
func ValidIntegration(s string) bool {
	return len(s) >= 1 && len(s) <= MaxIntegration && printable(s) && strings.TrimSpace(s) == s
}

// printable allows letters, marks, digits, punctuation, symbols and the plain
// space; no control, format or other white-space character.
func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// subjectOfToken is the Subject of an API token's caller.
func subjectOfToken(id string) string { return tokenSubject + id }

const tokenSubject = "token_"

// isTokenSubject tells whether a subject could be taken for an API token's.
func isTokenSubject(s string) bool {
	id, ok := strings.CutPrefix(s, tokenSubject)
	return ok && ulid.Valid(id)
}
