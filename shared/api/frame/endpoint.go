package frame

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"rubrica/shared/caller"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
)

// Endpoint is one operation of the API, said once: routes, the role walk, the
// OpenAPI document's test and template.yaml's test all read it.
type Endpoint struct {
	Method string
	// Pattern is the path with {parameters}; "{contact}" becomes Input.Ref.
	Pattern string
	// Operation is the operationId of the OpenAPI document.
	Operation string
	// Function is the folder of the Lambda that serves it.
	Function string
	// Roles may use it; none is all.
	Roles []caller.Role
	// Not are restrictions that may not use it.
	Not caller.Restrictions
	// Integrations says that only integrations may use it, whatever their role.
	Integrations bool
	// Query are the names of the query parameters that it takes.
	Query []string
	// Body says what content it takes.
	Body Content
	// ReadOnly says that it changes nothing, although it is no GET: neither If-Match
	// nor Idempotency-Key means anything to it.
	ReadOnly bool
	// Success are the statuses of its good answers.
	Success []int

	// Read makes the plan of a request from its path, query and body alone,
	// before anything is known of who calls. What is wrong with the request is
	// noted in the Input; the plan is then not carried out.
	Read func(in *Input) Plan
	// Public answers without a caller, instead of Read.
	Public func(ctx context.Context) (Response, error)
}

// Content is what an endpoint takes as a body. Where PATCH and PUT take one, they take
// it as application/merge-patch+json too.
type Content uint8

// The contents.
const (
	NoContent    Content = iota // a body is not looked at
	JSON                        // application/json
	OptionalJSON                // that, or nothing at all for {}
)

// Plan is what a request comes to.
type Plan struct {
	// Want is what will be read for sure; it is read together with the caller.
	Want ledger.Want
	// Done answers what was done before, whatever is wrong with the body of the
	// request that comes again; nil if nothing can have been.
	Done func(ctx context.Context, call *Call) (resp Response, done bool, err error)
	// Check says what is wrong with the body as the workspace's definitions tell;
	// nil if the body does not depend on them.
	Check func(ctx context.Context, call *Call) ([]problem.Field, error)
	// Do does it: one call of the domain between request and response.
	Do func(ctx context.Context, call *Call) (Response, error)
}

// Call is a request whose caller is known and admitted.
type Call struct {
	Caller  caller.Caller
	Scope   *ledger.Scope
	Ref     contact.Ref // where the pattern has {contact}
	IfMatch ledger.IfMatch

	given           bool // a cursor
	cursor, purpose string
	log             *slog.Logger
}

// Alert tells the operator of something that should never be, in a log line of
// its own: ids and numbers, never values of a contact.
func (c *Call) Alert(ctx context.Context, message string, attrs ...slog.Attr) {
	attrs = append(attrs, slog.String("requestId", c.Scope.RequestID), slog.String("workspace", c.Scope.Workspace.String()))
	c.log.LogAttrs(ctx, slog.LevelError, message, attrs...)
}

// OK answers 200 with a JSON body.
func OK(body any) (Response, error) { return Respond(200, body) }

// Appender is a body that encodes itself: of answers that are many or long.
type Appender interface {
	AppendJSON(b []byte) []byte
}

// Respond answers with a JSON body.
func Respond(status int, body any) (Response, error) {
	if a, ok := body.(Appender); ok {
		return Response{Status: status, Body: a.AppendJSON(nil)}, nil
	}
	b, err := json.Marshal(body, json.Deterministic(true))
	if err != nil {
		return Response{}, err
	}
	return Response{Status: status, Body: b}, nil
}

// Shown is the answer that shows a view of what there is now. at is where it can be
// read, which is told where it is new: with 201 and 202.
func Shown(status int, at string, view any) ledger.Answer {
	body, err := json.Marshal(view, json.Deterministic(true))
	if err != nil {
		panic(err) // a view is always JSON
	}
	a := ledger.Answer{Status: status, Body: body}
	if status == http.StatusCreated || status == http.StatusAccepted {
		a.Location = at
	}
	return a
}

// Answered turns what the ledger answered into a response.
func Answered(a ledger.Answer, err error) (Response, error) {
	if err != nil {
		return Response{}, err
	}
	resp := Response{Status: a.Status, Body: a.Body, Header: map[string]string{}}
	for name, value := range map[string]string{"ETag": a.ETag, "Location": a.Location, "Content-Location": a.ContentLocation} {
		if value != "" {
			resp.Header[name] = value
		}
	}
	if a.Replayed {
		resp.Header["Idempotency-Replayed"] = "true"
	}
	return resp, nil
}

// ETag is the entity tag of a version.
func ETag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

func seconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }

// MediaType is the content type of the body.
func (r *Response) MediaType() string {
	if r.ContentType == "" {
		return "application/json"
	}
	return r.ContentType
}
