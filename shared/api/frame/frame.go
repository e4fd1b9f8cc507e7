// Package frame is everything about HTTP that happens once: routes, callers and
// roles, strict bodies and queries, idempotency keys, cursors, problem
// documents, the log line. Endpoints are values (Endpoint) whose one function
// does the rest.
//
// It knows neither net/http nor Lambda's events: adapters in boot and
// infra/local turn theirs into a Request.
//
// The order of refusals is api.md's: route, token, role, size, content type,
// query, idempotency key, body, then whatever the operation says.
package frame

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"rubrica/shared/audit"
	"rubrica/shared/body"
	"rubrica/shared/caller"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/workspace"
)

// MaxBody is how many bytes a request's body may have.
const MaxBody = 256 << 10

// Request is one HTTP request, whatever brought it.
type Request struct {
	Method string
	// Segments are the path's parts between slashes, percent-decoded.
	Segments []string
	RawQuery string
	// Header has lower-case names; several values of one are joined with ", ".
	Header map[string]string
	Body   []byte
	// TooLarge says that the body was longer than MaxBody and has been cut.
	TooLarge bool
	// ID identifies the request in answers, changes and logs.
	ID string
}

// Response is the answer. Body is JSON unless ContentType says otherwise.
type Response struct {
	Status      int
	ContentType string
	Body        []byte
	// Header holds further headers, by their canonical names.
	Header map[string]string
}

// Authenticator says who is calling, as far as a header tells.
type Authenticator interface {
	Authenticate(ctx context.Context, header string) (caller.Claim, error)
}

// API serves endpoints.
type API struct {
	ledger *ledger.Ledger
	auth   Authenticator
	routes *routes
	log    *slog.Logger
	now    func() time.Time
}

// New returns an API over the given endpoints. It panics if two of them have
// one method and path: a mistake that no start should survive.
func New(l *ledger.Ledger, auth Authenticator, log *slog.Logger, now func() time.Time, endpoints ...Endpoint) *API {
	return &API{ledger: l, auth: auth, routes: newRoutes(endpoints), log: log, now: now}
}

// Serve answers a request. It never fails: whatever goes wrong is answered with
// a problem document, and logged once.
func (a *API) Serve(ctx context.Context, r *Request) (resp Response) {
	began := a.now()
	line := logLine{route: "-"}
	defer func() {
		if p := recover(); p != nil {
			line.err = problem.Of(errors.New("panic"))
			a.log.LogAttrs(ctx, slog.LevelError, "panic", slog.String("requestId", r.ID), slog.Any("value", p), slog.String("stack", string(debug.Stack())))
			resp = refusal(r, line.err)
		}
		a.write(ctx, r, &line, resp.Status, a.now().Sub(began))
	}()
	resp, err := a.serve(ctx, r, &line)
	if err != nil {
		line.err = err
		return refusal(r, err)
	}
	return resp
}

func (a *API) serve(ctx context.Context, r *Request, line *logLine) (Response, error) {
	e, params, err := a.routes.match(r)
	if err != nil {
		return Response{}, err
	}
	line.route = e.Method + " " + e.Pattern
	if e.Public != nil {
		if err := checkQuery(r, e); err != nil {
			return Response{}, err
		}
		return e.Public(ctx)
	}
	claim, err := a.auth.Authenticate(ctx, r.Header["authorization"])
	if err != nil {
		return Response{}, err
	}
	ws := claim.Workspace()
	line.workspace = ws.String()
	ctx = tenant.Bind(ctx, ws)

	in, plan := read(r, e, params, claim)
	scope, tokenRow, keptRow, err := a.begin(ctx, r, claim, in, plan)
	if err != nil {
		return Response{}, err
	}
	who, err := claim.Caller(tokenRow, a.now())
	if err != nil {
		return Response{}, err
	}
	line.caller = who.Subject
	if err := e.admits(who, scope.Settings.Status); err != nil {
		return Response{}, err
	}
	if in.early != nil {
		return Response{}, in.early
	}
	if answer, found, err := a.ledger.Replay(ctx, scope, keptRow); found {
		return Answered(answer, err)
	}
	call := newCall(in, who, scope)
	call.log = a.log
	if plan.Done != nil {
		if resp, done, err := plan.Done(ctx, call); done || err != nil {
			return resp, err
		}
	}
	if err := check(ctx, in, plan, call); err != nil {
		return Response{}, err
	}
	resp, err := plan.Do(ctx, call)
	if err != nil && scope.Idempotency != nil {
		resp, err = a.secondLook(ctx, scope, err)
	}
	if err == nil {
		a.touch(ctx, who, tokenRow)
	}
	return resp, err
}

// check says all that is wrong with the body, what only the workspace's own
// definitions tell included, then what is wrong with the path.
func check(ctx context.Context, in *Input, plan Plan, call *Call) error {
	late := in.late
	if plan.Check != nil && (late == nil || problem.Is(late, problem.Validation)) {
		wrong, err := plan.Check(ctx, call)
		if err != nil {
			return err
		}
		if len(wrong) > 0 {
			if late != nil {
				wrong = append(problem.Of(late).Fields, wrong...)
			}
			late = problem.Invalid(wrong...)
		}
	}
	return cmp.Or(late, in.pathErr)
}

// begin reads, in one round trip: settings, the caller's token, a kept answer,
// and what the endpoint wants.
func (a *API) begin(ctx context.Context, r *Request, claim caller.Claim, in *Input, plan Plan) (s *ledger.Scope, token, kept table.Row, err error) {
	var keys []table.Key
	tokenKey, isToken := claim.TokenKey()
	if isToken {
		keys = append(keys, tokenKey)
	}
	if in.idempotency != nil {
		keys = append(keys, in.idempotency.Key(claim.Workspace()))
	}
	want := plan.Want
	if in.early != nil || in.late != nil || in.pathErr != nil {
		want = ledger.Want{} // it will be refused; only how is still open
	}
	s, rows, err := a.ledger.Begin(ctx, claim.Workspace(), want, keys...)
	if err != nil {
		return nil, token, kept, err
	}
	if isToken {
		token, rows = rows[0], rows[1:]
	}
	if in.idempotency != nil {
		kept = rows[0]
	}
	s.RequestID, s.Idempotency = r.ID, in.idempotency
	return s, token, kept, nil
}

// secondLook is taken before an error is answered to a request with an
// idempotency key: a twin of it may have succeeded in the meantime, and what
// looks like a conflict may be its effect.
func (a *API) secondLook(ctx context.Context, s *ledger.Scope, refused error) (Response, error) {
	if p := problem.Of(refused); p.Kind == problem.Unavailable || p.Kind == problem.Internal {
		return Response{}, refused
	}
	answer, found, err := a.ledger.KeptAnswer(ctx, s)
	if !found {
		return Response{}, refused
	}
	return Answered(answer, err)
}

// touch notes the day on which a token was last used. It is a courtesy: what
// goes wrong with it is nobody's answer.
func (a *API) touch(ctx context.Context, who caller.Caller, row table.Row) {
	if who.TokenID == "" {
		return
	}
	record, err := caller.ReadToken(row)
	if err != nil {
		return
	}
	used, changed := record.UsedOn(a.now())
	if !changed {
		return
	}
	if touched, err := used.Row(who.Workspace); err == nil {
		_ = a.ledger.TouchToken(ctx, row, touched)
	}
}

// newCall completes the scope with who is calling.
func newCall(in *Input, who caller.Caller, s *ledger.Scope) *Call {
	kind, id := who.Actor()
	s.Integration = who.Integration
	s.Actor = audit.Actor{Type: audit.ActorType(kind), ID: id}
	if who.Restrictions.Has(caller.OnlyAssigned) {
		s.Assigned = who.Subject
		s.Sees = func(c *contact.Contact) bool { return c.AssignedTo(who.Subject) }
		s.SeesFormer = func(assigned []string) bool {
			return slices.Contains(assigned, who.Subject)
		}
	}
	return &Call{Caller: who, Scope: s, Ref: in.Ref, IfMatch: in.ifMatch, given: in.hasCursor, cursor: in.cursor, purpose: in.purpose}
}

// admits says whether the caller may use the endpoint at all.
func (e *Endpoint) admits(who caller.Caller, status workspace.Status) error {
	if err := status.Refusal(); err != nil {
		return err
	}
	switch {
	case len(e.Roles) > 0 && !who.Role.In(e.Roles...):
		return problem.New(problem.Forbidden, "This needs the role %s.", rolesText(e.Roles))
	case e.Integrations && who.Integration == "":
		return problem.New(problem.Forbidden, "This is for integrations: callers whose token names one.")
	case e.Not != 0 && who.Restrictions&e.Not != 0:
		return problem.New(problem.Forbidden, "The caller is restricted by %s.", strings.Join((who.Restrictions&e.Not).Names(), ", "))
	}
	return nil
}

func rolesText(roles []caller.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, " or ")
}

// refusal renders an error.
func refusal(r *Request, err error) Response {
	p := problem.Of(err)
	resp := Response{Status: p.Status(), ContentType: problem.ContentType, Header: map[string]string{}}
	if p.RetryAfter > 0 {
		resp.Header["Retry-After"] = seconds(p.RetryAfter)
	}
	if allow, ok := p.Extra["allow"].(string); ok {
		resp.Header["Allow"] = allow
		delete(p.Extra, "allow")
	}
	if p.Kind == problem.Unauthenticated {
		resp.Header["WWW-Authenticate"] = "Bearer"
	}
	resp.Body = p.Document(r.ID)
	return resp
}

// emptyForm stands for a body that could not be read, so that endpoints need
// not ask: what they find in it is never used.
func emptyForm() *body.Form {
	f, err := body.Parse([]byte("{}"))
	if err != nil {
		panic(err) // "{}" is a JSON object
	}
	return f
}
