package frame

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"reflect"

	"github.com/go-json-experiment/json"

	"rubrica/shared/body"
	"rubrica/shared/problem"
	"rubrica/shared/seal"
	"rubrica/shared/workspace"
)

// cursorPurpose binds cursors to their route and query: those of another one do
// not open. limit may change from page to page.
func (in *Input) cursorPurpose(r *Request, e *Endpoint) string {
	query := url.Values{}
	for name, values := range in.query {
		if name != "cursor" && name != "limit" {
			query[name] = values
		}
	}
	purpose := "cursor/" + e.Operation
	if len(in.params) > 0 {
		for _, s := range r.Segments {
			purpose += "/" + url.PathEscape(s)
		}
	}
	return purpose + "?" + query.Encode()
}

// BodyCursor takes the cursor from the body, of a list that is asked for by one; it
// is bound to what else of the body is given here, besides the route.
func (in *Input) BodyCursor(bound ...string) {
	for _, s := range bound {
		sum := sha256.Sum256([]byte(s))
		in.purpose += "/" + hex.EncodeToString(sum[:])
	}
	v, ok := in.Body.Take("cursor")
	if !ok || v.Kind() == 'n' || string(v) == `""` {
		return
	}
	if in.cursor, in.hasCursor = body.Text(v); !in.hasCursor {
		in.Body.Refuse("cursor", body.CodeType, "Must be a string.")
	}
}

// Resume reads the request's cursor into position; false if it has none. A
// cursor that is not ours, of another workspace, route or query, is a
// problem.Validation invalid_cursor.
func (c *Call) Resume(position any) (bool, error) {
	if !c.given {
		return false, nil
	}
	if !resume(c.cursor, c.purpose, c.Scope.Settings.Key, position) {
		return false, problem.InvalidField("cursor", "invalid_cursor", "Take the nextCursor of this very list, unchanged.")
	}
	return true, nil
}

// ResumeGuess is Resume before the workspace's key is known for sure, for reading
// ahead: a guess that is wrong reads what is not needed.
func (in *Input) ResumeGuess(guess workspace.Settings, position any) {
	if in.cursor != "" {
		resume(in.cursor, in.purpose, guess.Key, position)
	}
}

func resume(cursor, purpose string, key seal.Key, position any) bool {
	plain, err := key.Open(cursor, purpose)
	return err == nil && json.Unmarshal(plain, position) == nil
}

// Cursor makes the nextCursor that resumes at position.
func (c *Call) Cursor(position any) (string, error) {
	plain, err := json.Marshal(position)
	if err != nil {
		return "", err
	}
	return c.Scope.Settings.Key.Seal(plain, c.purpose), nil
}

// Page is the body of a list.
type Page[T any] struct {
	Items []T `json:"items"`
	// NextCursor is absent on the last page.
	NextCursor string `json:"nextCursor,omitzero"`
}

// Paged answers with a page of a list: read is given where the request goes on,
// the zero position at the beginning, and returns where the next page does, the
// zero position at the end.
func Paged[P, T any](call *Call, read func(at P) (items []T, next P, err error)) (Response, error) {
	var at P
	if _, err := call.Resume(&at); err != nil {
		return Response{}, err
	}
	items, next, err := read(at)
	if err != nil {
		return Response{}, err
	}
	page := Page[T]{Items: append([]T{}, items...)}
	if !reflect.ValueOf(&next).Elem().IsZero() {
		if page.NextCursor, err = call.Cursor(next); err != nil {
			return Response{}, err
		}
	}
	return OK(page)
}
