// Package merges has the endpoints that make one contact of several, list what was
// merged, and take it back. What becomes of contacts is package merge's, how it is
// written the ledger's.
package merges

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/audit"
	"rubrica/shared/caller"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
)

// Endpoints are all of the package's.
func Endpoints(l *ledger.Ledger) []frame.Endpoint {
	return []frame.Endpoint{create(l), list(l), get(l), undo(l)}
}

// function is the Lambda that serves them.
const function = "merge-contacts"

// readers may see what was merged.
var readers = []caller.Role{caller.Owner, caller.Manager}

// Result is what a merge is answered with.
type Result struct {
	ID       string            `json:"id,omitzero"`
	Survivor contact.View      `json:"survivor"`
	Merged   []string          `json:"merged"`
	Undoable bool              `json:"undoable"`
	Origin   map[string]string `json:"origin,omitempty"`
}

func create(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/merges", Operation: "mergeContacts", Function: function,
		Query: []string{"dryRun"}, Body: frame.JSON, Success: []int{http.StatusOK, http.StatusCreated},
		Read: func(in *frame.Input) frame.Plan {
			r := readRequest(in)
			return frame.Plan{
				Want:  ledger.WantMerge(in.Workspace, r.survivor, r.others),
				Check: r.resolve(l),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.Merge(ctx, call.Scope, ledger.Merging{
						Survivor: r.survivor, Others: r.others, Choose: r.chosen, IfMatch: call.IfMatch, Dry: r.dry,
						Answer: func(m ledger.Merged) ledger.Answer { return r.answer(call, m) },
					}))
				},
			}
		},
	}
}

// answer shows a merge, or what one would come to.
func (r *request) answer(call *frame.Call, m ledger.Merged) ledger.Answer {
	terms := call.Scope.Shown()
	result := Result{ID: m.ID, Survivor: m.Survivor.View(terms), Merged: r.others, Undoable: true}
	if r.dry {
		result.Origin = map[string]string{}
		for name, id := range m.Origin {
			if shown := terms.MemberName(name); shown != "" {
				result.Origin[shown] = id
			}
		}
		return frame.Shown(http.StatusOK, "", result)
	}
	a := frame.Shown(http.StatusCreated, "/v1/merges/"+m.ID, result)
	a.ETag = frame.ETag(m.Survivor.Version)
	return a
}

// View is a merge as the wire shows it.
type View struct {
	ID       string          `json:"id"`
	Survivor string          `json:"survivor"`
	Merged   []string        `json:"merged"`
	At       instant.Instant `json:"at"`
	By       audit.Actor     `json:"by"`
	Undone   bool            `json:"undone"`
}

func show(m ledger.Merge) View {
	return View{ID: m.ID, Survivor: m.Survivor, Merged: m.Merged, At: m.At, By: m.By, Undone: m.Undone != 0}
}

// position is where a page of merges ended.
type position struct {
	ID string `json:"i"`
}

func list(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/merges", Operation: "listMerges", Function: function,
		Roles: readers, Query: []string{"limit", "cursor"}, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			limit := in.Limit()
			var guess position
			in.ResumeGuess(l.Guess(in.Workspace), &guess)
			return frame.Plan{
				Want: ledger.WantMerges(in.Workspace, guess.ID, limit),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Paged(call, func(at position) (items []View, next position, err error) {
						found, behind, err := l.Merges(ctx, call.Scope, at.ID, limit)
						for _, m := range found {
							items = append(items, show(m))
						}
						return items, position{behind}, err
					})
				},
			}
		},
	}
}

func get(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/merges/{merge}", Operation: "getMerge", Function: function,
		Roles: readers, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			id := in.Param("merge")
			return frame.Plan{
				Want: ledger.WantOneMerge(in.Workspace, id),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					m, err := l.FindMerge(ctx, call.Scope, id)
					if err != nil {
						return frame.Response{}, err
					}
					return frame.OK(show(m))
				},
			}
		},
	}
}

// Undone is what an undo is answered with.
type Undone struct {
	Survivor contact.View   `json:"survivor"`
	Restored []contact.View `json:"restored"`
	Kept     []Kept         `json:"kept"`
}

// Kept is a member that an undo left as it is.
type Kept struct {
	Field string `json:"field"`
	Why   string `json:"why"`
}

func undo(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/merges/{merge}/undo", Operation: "undoMerge", Function: function,
		Body: frame.OptionalJSON, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			id := in.Param("merge")
			return frame.Plan{
				Want: ledger.WantOneMerge(in.Workspace, id),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.Undo(ctx, call.Scope, ledger.Undoing{
						Merge: id, IfMatch: call.IfMatch, May: mayUndo(call),
						Answer: func(u ledger.Unmerged) ledger.Answer { return undone(call.Scope.Shown(), u) },
					}))
				},
			}
		},
	}
}

// mayUndo lets those take a merge back who made it, owners and managers.
func mayUndo(call *frame.Call) func(audit.Actor) error {
	kind, id := call.Caller.Actor()
	return func(by audit.Actor) error {
		if string(by.Type) == string(kind) && by.ID == id || call.Caller.Role.In(caller.Owner, caller.Manager) {
			return nil
		}
		return problem.New(problem.Forbidden, "Whoever merged the contacts takes it back, or an owner or a manager.")
	}
}

func undone(terms *contact.Terms, u ledger.Unmerged) ledger.Answer {
	shown := Undone{Survivor: u.Survivor.View(terms), Kept: []Kept{}}
	for _, c := range u.Restored {
		shown.Restored = append(shown.Restored, c.View(terms))
	}
	for _, member := range u.Kept {
		shown.Kept = append(shown.Kept, Kept{member, "It was changed after the merge."})
	}
	a := frame.Shown(http.StatusOK, "", shown)
	a.ETag = frame.ETag(u.Survivor.Version)
	return a
}
