// Package tags has the endpoints of a workspace's tags. To give a contact tags is
// api/contacts'.
package tags

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/body"
	"rubrica/shared/caller"
	"rubrica/shared/contact"
	"rubrica/shared/format"
	"rubrica/shared/ledger"
	"rubrica/shared/tag"
)

// Endpoints are all of the package's.
func Endpoints(l *ledger.Ledger) []frame.Endpoint {
	return []frame.Endpoint{list(l), create(l), update(l), remove(l)}
}

// changers may change tags; giving a contact a new one makes it, too, and that
// everybody may.
var changers = []caller.Role{caller.Owner, caller.Manager}

// View is a tag as the wire shows it.
type View struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Color       string `json:"color,omitzero"`
	Description string `json:"description,omitzero"`
	// Contacts is how many carry it.
	Contacts int64 `json:"contacts"`
}

func show(t tag.Tag, contacts int64) View {
	return View{ID: t.ID, Name: t.Name, Color: t.Color, Description: t.Description, Contacts: contacts}
}

func answer(status int, t tag.Tag, contacts int64) ledger.Answer {
	return frame.Shown(status, "/v1/tags/"+t.ID, show(t, contacts))
}

// position is where a page of tags ended: a name as it stands in keys.
type position struct {
	Name string `json:"n"`
}

func list(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/tags", Operation: "listTags", Function: "manage-tags", Success: []int{http.StatusOK},
		Query: []string{"limit", "cursor", "prefix"},
		Read: func(in *frame.Input) frame.Plan {
			limit := in.Limit()
			prefix := readPrefix(in)
			var guess position
			in.ResumeGuess(l.Guess(in.Workspace), &guess)
			return frame.Plan{
				Want: ledger.WantTagNames(in.Workspace, prefix, guess.Name, limit),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Paged(call, func(at position) (items []View, next position, err error) {
						found, behind, err := l.Tags(ctx, call.Scope, prefix, at.Name, limit)
						for _, t := range found {
							items = append(items, show(t.Tag, t.Contacts))
						}
						return items, position{behind}, err
					})
				},
			}
		},
	}
}

// readPrefix is what the names of the tags asked for begin with, "" for all.
func readPrefix(in *frame.Input) string {
	prefix, _ := in.Query("prefix")
	prefix, err := format.Line(prefix, tag.MaxName)
	if err != nil {
		in.RefuseQueryError("prefix", contact.Refusal("prefix", err))
	}
	return prefix
}

// draft is what a body says of a tag; nil is nothing.
type draft struct {
	name, color, description *string
}

func readDraft(f *body.Form, creating bool) (d draft) {
	if name, ok := f.Parsed("name", tag.ParseName); ok {
		d.name = &name
	}
	if !f.Refused("name") && (creating || d.name != nil) {
		f.Require("name", d.name != nil && *d.name != "")
	}
	if color, ok := f.Parsed("color", tag.ParseColor); ok {
		d.color = &color
	}
	if f.Has("description") {
		d.description = new(f.Text("description", tag.MaxDescription))
	}
	f.ReadOnly("id", "contacts")
	return d
}

func (d draft) apply(t tag.Tag) tag.Tag {
	for _, m := range []struct {
		to   *string
		from *string
	}{{&t.Name, d.name}, {&t.Color, d.color}, {&t.Description, d.description}} {
		if m.from != nil {
			*m.to = *m.from
		}
	}
	return t
}

func create(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/tags", Operation: "createTag", Function: "manage-tags",
		Roles: changers, Body: frame.JSON, Success: []int{http.StatusCreated},
		Read: func(in *frame.Input) frame.Plan {
			t := readDraft(in.Body, true).apply(tag.Tag{})
			return frame.Plan{
				Want: ledger.WantTags(in.Workspace, t.Name),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.CreateTag(ctx, call.Scope, t, func(made tag.Tag) ledger.Answer {
						return answer(http.StatusCreated, made, 0)
					}))
				},
			}
		},
	}
}

func update(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPatch, Pattern: "/v1/tags/{tag}", Operation: "updateTag", Function: "manage-tags",
		Roles: changers, Body: frame.JSON, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			d := readDraft(in.Body, false)
			name := Name(in)
			return frame.Plan{
				Want: l.WantTag(in.Workspace, name, d.apply(tag.Tag{}).Name),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.UpdateTag(ctx, call.Scope, name, d.apply, func(t tag.Tag, contacts int64) ledger.Answer {
						return answer(http.StatusOK, t, contacts)
					}))
				},
			}
		},
	}
}

func remove(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodDelete, Pattern: "/v1/tags/{tag}", Operation: "deleteTag", Function: "manage-tags",
		Roles: changers, Success: []int{http.StatusNoContent},
		Read: func(in *frame.Input) frame.Plan {
			name := Name(in)
			return frame.Plan{
				Want: l.WantTag(in.Workspace, name, ""),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.DeleteTag(ctx, call.Scope, name, ledger.Answer{Status: http.StatusNoContent}))
				},
			}
		},
	}
}

// Name is the tag in the path, a name or id. What can be no tag's is a 404 as
// well as what is none.
func Name(in *frame.Input) string {
	name, err := tag.ParseName(in.Param("tag"))
	if err != nil {
		in.RefusePath(ledger.NoTag())
	}
	return name
}
