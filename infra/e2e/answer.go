package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

// Answer is what a server answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte

	asked string
	t     testing.TB // nil of an answer to Try
}

func (a *Answer) String() string {
	text := string(a.Body)
	if len(text) > 2000 {
		text = text[:2000] + "…"
	}
	return fmt.Sprintf("%s\nanswered %d %s", a.asked, a.Status, text)
}

// Is ends the test unless the status is the given one.
func (a *Answer) Is(status int) *Answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("%v\nwant %d", a, status)
	}
	return a
}

// Object is a JSON object.
type Object map[string]any

// ID is the member id.
func (o Object) ID() string { return o.Text("id") }

// Text is a member that is a string, "" if it is none.
func (o Object) Text(member string) string {
	s, _ := o[member].(string)
	return s
}

// Version is the member version.
func (o Object) Version() int {
	v, _ := o["version"].(float64)
	return int(v)
}

func (a *Answer) into(v any) {
	a.t.Helper()
	if err := json.Unmarshal(a.Body, v); err != nil {
		a.t.Fatalf("%v\nwhich is not the JSON that is wanted: %v", a, err)
	}
}

// JSON is the body, which must be an object.
func (a *Answer) JSON() Object {
	a.t.Helper()
	if media := a.Header.Get("Content-Type"); media != "application/json" && a.Status < 400 {
		a.t.Fatalf("%v\nas %q, want application/json", a, media)
	}
	var o Object
	a.into(&o)
	return o
}

// Has compares members of the body; nil stands for one that is left out.
func (a *Answer) Has(want Object) Object {
	a.t.Helper()
	got := a.JSON()
	for member, value := range want {
		v, there := got[member]
		value = plain(value)
		if value == nil && there {
			a.t.Errorf("%v\nwhere %s should be left out", a, member)
		} else if diff := cmp.Diff(value, v); value != nil && diff != "" {
			a.t.Errorf("%v\n%s differs (-want +got):\n%s", a, member, diff)
		}
	}
	return got
}

// plain is a value as it comes out of JSON, so that a test may write 2 and Object.
func plain(v any) any {
	switch v := v.(type) {
	case int:
		return float64(v)
	case Object:
		return plain(map[string]any(v))
	case map[string]any:
		m := make(map[string]any, len(v))
		for name, value := range v {
			m[name] = plain(value)
		}
		return m
	case []any:
		s := make([]any, len(v))
		for i := range v {
			s[i] = plain(v[i])
		}
		return s
	case []string:
		s := make([]any, len(v))
		for i := range v {
			s[i] = v[i]
		}
		return s
	}
	return v
}

// HasHeader compares a header of the answer; "" is one that is not there.
func (a *Answer) HasHeader(name, value string) *Answer {
	a.t.Helper()
	if got := a.Header.Get(name); got != value {
		a.t.Errorf("%v\nwith %s: %q, want %q", a, name, got, value)
	}
	return a
}

// kinds are the problems of the contract and their statuses.
var kinds = map[int]string{
	400: "validation", 401: "unauthenticated", 403: "forbidden", 404: "not-found", 405: "method-not-allowed", 409: "conflict",
	410: "gone", 412: "stale", 413: "too-large", 415: "unsupported-media-type", 422: "idempotency-mismatch",
	429: "too-many-requests", 500: "internal", 503: "unavailable",
}

// Refused ends the test unless the answer is a whole problem document of the
// given status and code; "" is the code that the status has by itself.
func (a *Answer) Refused(status int, code string) Object {
	a.t.Helper()
	a.Is(status)
	if code == "" {
		code = strings.ReplaceAll(kinds[status], "-", "_")
	}
	if media := a.Header.Get("Content-Type"); media != "application/problem+json" {
		a.t.Errorf("%v\nas %q, want application/problem+json", a, media)
	}
	p := a.JSON()
	if p["type"] != "/problems/"+kinds[status] || p["status"] != float64(status) || p["code"] != code {
		a.t.Errorf("%v\nwant type /problems/%s, status %d, code %s", a, kinds[status], status, code)
	}
	for _, member := range []string{"title", "detail", "instance"} {
		if p.Text(member) == "" {
			a.t.Errorf("%v\nwithout %s", a, member)
		}
	}
	return p
}

// Invalid ends the test unless the answer is a 400 with exactly the given
// errors, each "member code", in any order.
func (a *Answer) Invalid(want ...string) {
	a.t.Helper()
	got := a.errors()
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		a.t.Errorf("%v\nerrors differ (-want +got):\n%s", a, diff)
	}
}

// InvalidField ends the test unless the answer is a 400 that names the member.
func (a *Answer) InvalidField(member string) {
	a.t.Helper()
	got := a.errors()
	if !slices.ContainsFunc(got, func(e string) bool { return strings.HasPrefix(e, member+" ") }) {
		a.t.Errorf("%v\nwant an error of %s", a, member)
	}
}

// errors are the errors of a 400, each "member code", sorted.
func (a *Answer) errors() []string {
	a.t.Helper()
	p := a.Refused(http.StatusBadRequest, "")
	list, _ := p["errors"].([]any)
	var all []string
	for _, e := range list {
		o, _ := e.(map[string]any)
		if s, ok := o["detail"].(string); !ok || s == "" {
			a.t.Errorf("%v\nwith an error without detail", a)
		}
		all = append(all, fmt.Sprint(o["field"], " ", o["code"]))
	}
	if len(all) == 0 {
		a.t.Errorf("%v\nwithout errors", a)
	}
	slices.Sort(all)
	return all
}
