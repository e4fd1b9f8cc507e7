// Package notes has the endpoints of a contact's notes, the first of its
// histories: what is kept with a contact, many, newest first. Those that follow
// (tasks, appointments, …) are a ledger.ItemKind and a package like this one.
package notes

import (
	"context"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/api/frame"
	"rubrica/shared/audit"
	"rubrica/shared/body"
	"rubrica/shared/caller"
	"rubrica/shared/format"
	"rubrica/shared/instant"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
)

// maxText is how many characters a note may have.
const maxText = 10_000

// Endpoints are all of the package's.
func Endpoints(l *ledger.Ledger) []frame.Endpoint {
	return []frame.Endpoint{list(l), add(l), edit(l), remove(l)}
}

// note is what a note's item holds.
type note struct {
	Text   string `json:"text"`
	Pinned bool   `json:"pinned"`
}

func (n note) doc() jsontext.Value {
	b, err := json.Marshal(n, json.Deterministic(true))
	if err != nil {
		panic(err) // a note is always JSON
	}
	return b
}

// View is a note as the wire shows it.
type View struct {
	ID        string          `json:"id"`
	Text      string          `json:"text"`
	Pinned    bool            `json:"pinned"`
	Author    string          `json:"author"`
	CreatedAt instant.Instant `json:"createdAt"`
	UpdatedAt instant.Instant `json:"updatedAt"`
}

func show(i ledger.Item) (View, error) {
	v := View{ID: i.ID, Author: i.Author.ID, CreatedAt: i.CreatedAt, UpdatedAt: i.UpdatedAt}
	var n note
	err := json.Unmarshal(i.Doc, &n)
	v.Text, v.Pinned = n.Text, n.Pinned
	return v, err
}

func answer(status int) func(contactID string, i ledger.Item) ledger.Answer {
	return func(contactID string, i ledger.Item) ledger.Answer {
		v, err := show(i)
		if err != nil {
			panic(err) // it was just made by note.doc
		}
		return frame.Shown(status, "/v1/contacts/"+contactID+"/notes/"+i.ID, v)
	}
}

// position is where a page of notes ended.
type position struct {
	ID string `json:"i"`
}

func list(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/contacts/{contact}/notes", Operation: "listNotes", Function: "manage-notes",
		Query: []string{"limit", "cursor"}, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			limit := in.Limit()
			var guess position
			in.ResumeGuess(l.Guess(in.Workspace), &guess)
			return frame.Plan{
				Want: ledger.WantItems(in.Workspace, in.Ref, ledger.Notes, guess.ID, limit),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Paged(call, func(at position) (views []View, next position, err error) {
						items, behind, err := l.Items(ctx, call.Scope, call.Ref, ledger.Notes, at.ID, limit)
						if err != nil {
							return nil, next, err
						}
						for i := range items {
							v, err := show(items[i])
							if err != nil {
								return nil, next, err
							}
							views = append(views, v)
						}
						return views, position{behind}, nil
					})
				},
			}
		},
	}
}

// draft is what a body says of a note; nil is nothing.
type draft struct {
	text   *string
	pinned *bool
}

func readDraft(f *body.Form, creating bool) (d draft) {
	if creating || f.Has("text") {
		d.text = readText(f)
	}
	if pinned, given := f.Bool("pinned"); given || f.Has("pinned") {
		d.pinned = &pinned
	}
	f.ReadOnly("id", "author", "createdAt", "updatedAt")
	return d
}

// readText takes a note's text: lines, kept as they are but for the space around.
func readText(f *body.Form) *string {
	text, ok := f.Parsed("text", func(s string) (string, error) { return format.Lines(s, maxText) })
	f.Require("text", text != "" || !ok && f.Refused("text"))
	return &text
}

func (d draft) apply(n note) note {
	if d.text != nil {
		n.Text = *d.text
	}
	if d.pinned != nil {
		n.Pinned = *d.pinned
	}
	return n
}

func add(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/contacts/{contact}/notes", Operation: "addNote", Function: "manage-notes",
		Body: frame.JSON, Success: []int{http.StatusCreated},
		Read: func(in *frame.Input) frame.Plan {
			n := readDraft(in.Body, true).apply(note{})
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.AddItem(ctx, call.Scope, call.Ref, call.IfMatch, ledger.Notes, n.doc(), answer(http.StatusCreated)))
				},
			}
		},
	}
}

func edit(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPatch, Pattern: "/v1/contacts/{contact}/notes/{id}", Operation: "editNote", Function: "manage-notes",
		Body: frame.JSON, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			d, id := readDraft(in.Body, false), in.Param("id")
			return frame.Plan{
				Want: ledger.WantItem(in.Workspace, in.Ref, ledger.Notes, id),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.UpdateItem(ctx, call.Scope, call.Ref, call.IfMatch, ledger.Notes, id, func(i ledger.Item) (jsontext.Value, error) {
						if err := may(call)(i); err != nil {
							return nil, err
						}
						var n note
						if err := json.Unmarshal(i.Doc, &n); err != nil {
							return nil, err
						}
						return d.apply(n).doc(), nil
					}, answer(http.StatusOK)))
				},
			}
		},
	}
}

func remove(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodDelete, Pattern: "/v1/contacts/{contact}/notes/{id}", Operation: "deleteNote", Function: "manage-notes",
		Success: []int{http.StatusNoContent},
		Read: func(in *frame.Input) frame.Plan {
			id := in.Param("id")
			return frame.Plan{
				Want: ledger.WantItem(in.Workspace, in.Ref, ledger.Notes, id),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.DeleteItem(ctx, call.Scope, call.Ref, call.IfMatch, ledger.Notes, id, may(call), ledger.Answer{Status: http.StatusNoContent}))
				},
			}
		},
	}
}

// may says whether the caller may change a note: its author, an owner, a manager.
func may(call *frame.Call) func(ledger.Item) error {
	return func(i ledger.Item) error {
		kind, id := call.Caller.Actor()
		if call.Caller.Role.In(caller.Owner, caller.Manager) || i.Author.Type == audit.ActorType(kind) && i.Author.ID == id {
			return nil
		}
		return problem.New(problem.Forbidden, "This is the note of %s; it takes an owner or a manager to change another's.", i.Author.ID)
	}
}
