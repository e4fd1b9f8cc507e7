package frame

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rubrica/shared/body"
	"rubrica/shared/caller"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/tenant"
)

// Input is what a request says, before anything is known of who calls. Getters
// note what is wrong and return something harmless, so that all of it is told
// at once.
type Input struct {
	// Workspace is what the token claims; it is verified before the plan is
	// carried out.
	Workspace tenant.Workspace
	// Subject is who the token says is calling; verified like Workspace.
	Subject string
	// Ref is the contact that the path names, where the pattern has {contact}.
	Ref contact.Ref
	// Body is the body, of endpoints that take one.
	Body *body.Form

	params      map[string]string
	query       url.Values
	queryErrs   []problem.Field
	pathErr     error // what is wrong with {contact}: told after the body
	ifMatch     ledger.IfMatch
	idempotency *ledger.Idempotency
	hasCursor   bool
	cursor      string
	purpose     string // that binds cursors
	early       error  // size, content type, query, headers
	late        error  // body
}

// read takes a request apart. It always returns a plan's Input; whether the plan
// may be carried out is in early, late and pathErr.
func read(r *Request, e *Endpoint, params map[string]string, claim caller.Claim) (*Input, Plan) {
	in := &Input{Workspace: claim.Workspace(), Subject: claim.Subject(), params: params, Body: emptyForm()}
	in.query, in.queryErrs = parseQuery(r.RawQuery, e.Query)
	in.cursor, in.hasCursor = in.Query("cursor")
	in.purpose = in.cursorPurpose(r, e)
	if s, ok := params["contact"]; ok {
		in.Ref, in.pathErr = contact.ParseRef(s)
	}
	if r.Method != http.MethodGet && !e.ReadOnly {
		in.readHeaders(r, claim)
	}
	switch {
	case r.TooLarge || len(r.Body) > MaxBody:
		in.early = problem.New(problem.TooLarge, "The body is larger than %d KiB.", MaxBody>>10)
	case e.Body == OptionalJSON && len(r.Body) == 0:
	case e.Body != NoContent:
		if in.early = checkContentType(r.Header["content-type"], e.Method); in.early == nil {
			if form, err := body.Parse(r.Body); err != nil {
				in.late = err
			} else {
				in.Body = form
			}
		}
	}
	plan := e.Read(in)
	if in.early == nil {
		in.early = problem.Invalid(in.queryErrs...)
	}
	if in.late == nil && e.Body != NoContent {
		in.late = in.Body.Err()
	}
	return in, plan
}

// readHeaders reads the headers of writes.
func (in *Input) readHeaders(r *Request, claim caller.Claim) {
	var err error
	header, given := r.Header["if-match"]
	if in.ifMatch, err = ledger.ParseIfMatch(header, given); err != nil {
		in.queryErrs = append(in.queryErrs, problem.Of(err).Fields...)
	}
	key, given := r.Header["idempotency-key"]
	if !given {
		return
	}
	if len(key) < 1 || len(key) > 255 || strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' }) {
		in.queryErrs = append(in.queryErrs, problem.Field{
			Field: "Idempotency-Key", Code: "invalid_idempotency_key", Detail: "Must be 1 to 255 visible ASCII characters.",
		})
		return
	}
	in.idempotency = ledger.NewIdempotency(claim.Scope(), key,
		[]byte(r.Method), []byte(strings.Join(r.Segments, "\x00")), []byte(r.RawQuery), r.Body)
}

// checkContentType refuses a body that is said to be something else than JSON; to PATCH
// and PUT it may be a merge patch by name.
func checkContentType(header, method string) error {
	media, _, _ := strings.Cut(header, ";")
	switch strings.ToLower(strings.TrimSpace(media)) {
	case "", "application/json":
		return nil
	case "application/merge-patch+json":
		if method == http.MethodPatch || method == http.MethodPut {
			return nil
		}
	}
	return problem.New(problem.UnsupportedMediaType, "Send application/json.")
}

func checkQuery(r *Request, e *Endpoint) error {
	_, errs := parseQuery(r.RawQuery, e.Query)
	return problem.Invalid(errs...)
}

func parseQuery(raw string, known []string) (url.Values, []problem.Field) {
	if raw == "" {
		return nil, nil
	}
	values, err := url.ParseQuery(raw)
	var errs []problem.Field
	if err != nil {
		errs = append(errs, problem.Field{Field: "query", Code: "malformed_query", Detail: "The query is not well-formed; percent-encode its values."})
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		path := body.Join("", strings.ToValidUTF8(name, "\uFFFD"))
		switch {
		case !slices.Contains(known, name):
			errs = append(errs, problem.Field{Field: path, Code: "unknown_parameter", Detail: "There is no query parameter of this name here."})
		case len(values[name]) > 1:
			errs = append(errs, problem.Field{Field: path, Code: "duplicate_parameter", Detail: "The query parameter is given twice."})
		case strings.ToValidUTF8(values[name][0], "") != values[name][0]:
			errs = append(errs, problem.Field{Field: path, Code: body.CodeUTF8, Detail: "Must be valid UTF-8."})
		}
	}
	return values, errs
}

// Param is a parameter of the path, percent-decoded.
func (in *Input) Param(name string) string { return in.params[name] }

// RefusePath notes what is wrong with something in the path that belongs to
// the contact: told where a bad {contact} would be.
func (in *Input) RefusePath(err error) {
	if in.pathErr == nil {
		in.pathErr = err
	}
}

// RefuseQuery notes something wrong with a query parameter.
func (in *Input) RefuseQuery(name, code, detail string) {
	in.queryErrs = append(in.queryErrs, problem.Field{Field: name, Code: code, Detail: detail})
}

// RefuseQueryError notes what a parser said of a query parameter.
func (in *Input) RefuseQueryError(name string, err error) {
	for _, f := range problem.Of(err).Fields {
		in.RefuseQuery(name, f.Code, f.Detail)
	}
}

// Query is a query parameter, "" if it is not given. given tells the two apart.
func (in *Input) Query(name string) (value string, given bool) {
	v, ok := in.query[name]
	if !ok {
		return "", false
	}
	return v[0], true
}

// The sizes of a page.
const (
	DefaultLimit = 25
	MaxLimit     = 100
)

// Limit is the size of a page: 1 to MaxLimit, DefaultLimit if not given.
func (in *Input) Limit() int {
	s, given := in.Query("limit")
	if !given {
		return DefaultLimit
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > MaxLimit || strconv.Itoa(n) != s {
		in.RefuseQuery("limit", body.CodeInvalid, "Must be a whole number from 1 to 100.")
		return DefaultLimit
	}
	return n
}

// Choice is a query parameter that is one of several words, "" if not given.
func (in *Input) Choice(name string, words ...string) string {
	s, given := in.Query(name)
	if given && !slices.Contains(words, s) {
		in.RefuseQuery(name, body.CodeChoice, "Must be one of "+strings.Join(words, ", ")+".")
	}
	return s
}

// Flag is a query parameter that is true or false.
func (in *Input) Flag(name string) (value, given bool) {
	s := in.Choice(name, "true", "false")
	return s == "true", s != ""
}
