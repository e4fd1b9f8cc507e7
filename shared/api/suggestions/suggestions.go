// Package suggestions has the endpoints of what may be merged: the suggestions of a
// contact and of the workspace, and their dismissal. What a suggestion is says
// package suggest, how it is found the ledger.
package suggestions

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/ledger"
)

// Endpoints are all of the package's.
func Endpoints(l *ledger.Ledger) []frame.Endpoint {
	return []frame.Endpoint{ofContact(l), ofWorkspace(l), dismiss(l)}
}

// function is the Lambda that serves them.
const function = "suggest-merges"

// View is a suggestion as the wire shows it.
type View struct {
	ID string `json:"id"`
	// Contacts are the oldest ten; Total counts all.
	Contacts []string `json:"contacts"`
	Total    int      `json:"total"`
	// Matches are what they share, each as these ten spell it.
	Matches []MatchView `json:"matches"`
}

// MatchView is one shared value.
type MatchView struct {
	Kind   string      `json:"kind"`
	Values []ValueView `json:"values"`
}

// ValueView is where one contact has the value.
type ValueView struct {
	ContactID string `json:"contactId"`
	Field     string `json:"field"`
	Value     string `json:"value"`
}

// shown is how many contacts of a suggestion are shown: as many as can be merged.
const shown = 10

func show(g *ledger.Suggestion) View {
	ids := g.IDs()
	v := View{ID: g.ID, Contacts: ids[:min(shown, len(ids))], Total: len(ids)}
	for _, m := range g.Matches(shown) {
		match := MatchView{Kind: string(m.Kind)}
		for _, o := range m.Values {
			match.Values = append(match.Values, ValueView(o))
		}
		v.Matches = append(v.Matches, match)
	}
	return v
}

// position is where a page of suggestions ended.
type position struct {
	Mark string `json:"m"`
}

// page shows what the ledger found.
func page(found []ledger.Suggestion, next string, err error) ([]View, position, error) {
	views := make([]View, len(found))
	for i := range found {
		views[i] = show(&found[i])
	}
	return views, position{next}, err
}

func ofContact(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/contacts/{contact}/merge-suggestions", Operation: "listContactMergeSuggestions", Function: function,
		Query: []string{"limit", "cursor"}, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			limit := in.Limit()
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Paged(call, func(at position) ([]View, position, error) {
						return page(l.ContactSuggestions(ctx, call.Scope, call.Ref, at.Mark, limit))
					})
				},
			}
		},
	}
}

func ofWorkspace(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/merge-suggestions", Operation: "listMergeSuggestions", Function: function,
		Query: []string{"limit", "cursor"}, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			limit := in.Limit()
			var guess position
			in.ResumeGuess(l.Guess(in.Workspace), &guess)
			return frame.Plan{
				Want: ledger.WantSuggestions(in.Workspace, guess.Mark, limit),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Paged(call, func(at position) ([]View, position, error) {
						return page(l.Suggestions(ctx, call.Scope, at.Mark, limit))
					})
				},
			}
		},
	}
}

func dismiss(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodDelete, Pattern: "/v1/merge-suggestions/{id}", Operation: "dismissMergeSuggestion", Function: function,
		Success: []int{http.StatusNoContent},
		Read: func(in *frame.Input) frame.Plan {
			id := in.Param("id")
			return frame.Plan{
				Want: ledger.WantSuggestion(in.Workspace, id),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.DismissSuggestion(ctx, call.Scope, id, call.IfMatch, ledger.Answer{Status: http.StatusNoContent}))
				},
			}
		},
	}
}
