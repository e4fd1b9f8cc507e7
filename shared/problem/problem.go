// Package problem is the one error type of Rubrica's domain, and the only place
// that knows HTTP status codes. Everything below the frame returns *Error for
// what a caller did wrong or can act on; any other error is an internal one and
// never shown.
//
// The wire form is RFC 9457, application/problem+json; see Document.
package problem

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what class of trouble it is; it decides status, title and type.
type Kind string

// The kinds of api.md, "Errors". Nothing else may be answered.
const (
	Validation           Kind = "validation"
	Unauthenticated      Kind = "unauthenticated"
	Forbidden            Kind = "forbidden"
	NotFound             Kind = "not-found"
	MethodNotAllowed     Kind = "method-not-allowed"
	Conflict             Kind = "conflict"
	Gone                 Kind = "gone"
	Stale                Kind = "stale"
	TooLarge             Kind = "too-large"
	UnsupportedMediaType Kind = "unsupported-media-type"
	IdempotencyMismatch  Kind = "idempotency-mismatch"
	TooManyRequests      Kind = "too-many-requests"
	Internal             Kind = "internal"
	Unavailable          Kind = "unavailable"
)

// Field is one thing wrong with one member of a request.
type Field struct {
	// Field is the member's path: "phone", "otherEmails[2]", "fields.score",
	// or the name of a query parameter or header.
	Field string `json:"field"`
	// Code is a stable word from the closed list in the OpenAPI document.
	Code string `json:"code"`
	// Detail says what would be right, in a sentence for a person.
	Detail string `json:"detail"`
}

// Error is a refusal that the caller is told about.
type Error struct {
	Kind   Kind
	Code   string // the kind with underscores where the kind says it all
	Detail string // one sentence for a person, no personal data of others
	// Fields are all things wrong at once; only with Validation.
	Fields []Field
	// Extra are further members of the answer: "contactId" of a
	// duplicate_identity, "allow" of a 405. Keys are the wire's names.
	Extra map[string]any
	// Member is the contact's member that a Conflict is about, where there is one, for
	// who can do without it. It is not sent.
	Member string
	// RetryAfter is sent in whole seconds, rounded up; for 429 and 503.
	RetryAfter time.Duration
	cause      error
}

// New makes an error whose code is the kind's own.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: codeOf(kind), Detail: fmt.Sprintf(format, args...)}
}

// Conflicting makes a 409 with one of the contract's conflict codes.
func Conflicting(code, format string, args ...any) *Error {
	return &Error{Kind: Conflict, Code: code, Detail: fmt.Sprintf(format, args...)}
}

// MaxFields is how many of the things wrong with one request are told: a body of
// 256 KiB can have 130,000, and Lambda answers with 6 MB at most.
const MaxFields = 1000

// Invalid makes a 400 out of all that is wrong; nil if nothing is.
func Invalid(fields ...Field) error {
	if len(fields) == 0 {
		return nil
	}
	detail := fields[0].Detail
	if name := fields[0].Field; name != "" { // "" is the body as a whole
		detail = name + ": " + detail
	}
	switch n := len(fields) - 1; {
	case n >= MaxFields:
		detail = fmt.Sprintf("%s (and %d more; errors has the first %d)", detail, n, MaxFields)
	case n > 0:
		detail = fmt.Sprintf("%s (and %d more, see errors)", detail, n)
	}
	return &Error{Kind: Validation, Code: codeOf(Validation), Detail: detail, Fields: fields}
}

// InvalidField is Invalid for a single member.
func InvalidField(field, code, format string, args ...any) error {
	return Invalid(Field{Field: field, Code: code, Detail: fmt.Sprintf(format, args...)})
}

// With adds a member to the answer and returns e.
func (e *Error) With(name string, value any) *Error {
	if e.Extra == nil {
		e.Extra = map[string]any{}
	}
	e.Extra[name] = value
	return e
}

// About names the member that e is about and returns e.
func (e *Error) About(member string) *Error { e.Member = member; return e }

// Because keeps the internal cause for the log; it is never sent.
func (e *Error) Because(cause error) *Error { e.cause = cause; return e }

func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Detail, e.cause)
	}
	return e.Code + ": " + e.Detail
}

// Unwrap returns the cause kept by Because.
func (e *Error) Unwrap() error { return e.cause }

// Of returns the *Error in err's chain, or an Internal one that hides err.
func Of(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return New(Internal, "Something went wrong on our side; the request id says where to look.").Because(err)
}

// Is tells whether err is a refusal of the given kind.
func Is(err error, kind Kind) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == kind
}

// HasCode tells whether err is a refusal with the given code.
func HasCode(err error, code string) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == code
}
