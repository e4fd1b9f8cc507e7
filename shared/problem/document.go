package problem

import (
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
)

// kinds is what api.md says of each kind.
var kinds = map[Kind]struct {
	status int
	title  string
}{
	Validation:           {http.StatusBadRequest, "The request is not valid"},
	Unauthenticated:      {http.StatusUnauthorized, "Who is calling is not known"},
	Forbidden:            {http.StatusForbidden, "The caller may not do this"},
	NotFound:             {http.StatusNotFound, "There is no such thing"},
	MethodNotAllowed:     {http.StatusMethodNotAllowed, "The method is not allowed here"},
	Conflict:             {http.StatusConflict, "The request conflicts with what is stored"},
	Gone:                 {http.StatusGone, "It has been deleted"},
	Stale:                {http.StatusPreconditionFailed, "It has changed in the meantime"},
	TooLarge:             {http.StatusRequestEntityTooLarge, "The request is too large"},
	UnsupportedMediaType: {http.StatusUnsupportedMediaType, "The content type is not supported"},
	IdempotencyMismatch:  {http.StatusUnprocessableEntity, "The idempotency key was used for another request"},
	TooManyRequests:      {http.StatusTooManyRequests, "Too many requests"},
	Internal:             {http.StatusInternalServerError, "Something went wrong"},
	Unavailable:          {http.StatusServiceUnavailable, "Not available for the moment"},
}

// ContentType is the media type of Document.
const ContentType = "application/problem+json"

func codeOf(kind Kind) string { return strings.ReplaceAll(string(kind), "-", "_") }

// Status is the HTTP status of the error's kind.
func (e *Error) Status() int { return kinds[e.Kind].status }

// Document renders the problem document; instance is the request's id.
func (e *Error) Document(instance string) []byte {
	type document struct {
		Type     string         `json:"type"`
		Title    string         `json:"title"`
		Status   int            `json:"status"`
		Detail   string         `json:"detail"`
		Instance string         `json:"instance"`
		Code     string         `json:"code"`
		Errors   []Field        `json:"errors,omitempty"`
		Extra    map[string]any `json:",embed"`
	}
	k := kinds[e.Kind]
	body, err := json.Marshal(document{
		Type: "/problems/" + string(e.Kind), Title: k.title, Status: k.status, Detail: e.Detail,
		Instance: instance, Code: e.Code, Errors: e.Fields[:min(len(e.Fields), MaxFields)], Extra: e.Extra,
	}, json.Deterministic(true))
	if err != nil { // an Extra that is not JSON: ours to mend, but the status must get out
		body = []byte(`{"type":"/problems/` + string(e.Kind) + `","title":"` + k.title + `","code":"` + e.Code + `"}`)
	}
	return body
}
