package contacts

import (
	"context"
	"net/http"
	"slices"

	"rubrica/shared/api/frame"
	"rubrica/shared/caller"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/object"
)

// List are the endpoints that follow the order of a list of contacts.
func List(l *ledger.Ledger) []frame.Endpoint {
	return []frame.Endpoint{listEndpoint(l), searchEndpoint(l), neighborsEndpoint(l)}
}

func listEndpoint(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/contacts", Operation: "listContacts", Function: "list-contacts", Success: []int{http.StatusOK},
		Query: []string{"limit", "cursor", "sort", "tag", "company", "owner", "follower", "status", "blocked", "vip", "email", "phone"},
		Read: func(in *frame.Input) frame.Plan {
			q := readQuery(in)
			q.readFilters(in)
			return q.plan(l, in)
		},
	}
}

// plan is to answer with a page of the list.
func (q query) plan(l *ledger.Ledger, in *frame.Input) frame.Plan {
	var at position
	in.ResumeGuess(l.Guess(in.Workspace), &at)
	guess := q
	guess.hint = l.GuessNarrow(in.Workspace, q.filter)
	ahead := guess.parts(in.Subject, l.GuessTag(in.Workspace, q.tag), false)[at.Part]
	ahead.After = at.ID
	return frame.Plan{
		Want: l.WantList(in.Workspace, ahead).Plus(q.want(in.Workspace)),
		Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
			return list(ctx, l, call, q)
		},
	}
}

// position is where a page of contacts ended.
type position struct {
	// Part is which of the query's listings.
	Part int    `json:"p,omitzero"`
	ID   string `json:"i"`
}

func list(ctx context.Context, l *ledger.Ledger, call *frame.Call, q query) (frame.Response, error) {
	tagID, exists, err := q.find(ctx, l, call.Scope)
	if err != nil {
		return frame.Response{}, err
	}
	var at position
	if _, err := call.Resume(&at); err != nil {
		return frame.Response{}, err
	}
	if !exists {
		return frame.OK(&page{})
	}
	parts := q.parts(call.Caller.Subject, tagID, call.Caller.Restrictions.Has(caller.OnlyAssigned))
	var found []contact.Contact
	next := ""
	for {
		part := parts[at.Part]
		part.After, part.Limit = at.ID, q.limit-len(found)
		more, behind, err := l.List(ctx, call.Scope, part)
		if err != nil {
			return frame.Response{}, err
		}
		next, at.ID = behind, behind
		if found == nil {
			found = more // nearly always all
		} else {
			found = append(found, more...)
		}
		if behind != "" || at.Part == len(parts)-1 {
			break
		}
		at = position{Part: at.Part + 1} // from the beginning of the next part
		if len(found) == q.limit {
			next = "more"
			break
		}
	}
	terms, err := l.Terms(ctx, call.Scope, found...)
	if err != nil {
		return frame.Response{}, err
	}
	shown := page{found: found, terms: terms}
	if next != "" {
		if shown.next, err = call.Cursor(at); err != nil {
			return frame.Response{}, err
		}
	}
	return frame.OK(&shown)
}

// page is a frame.Page of contacts, which encodes itself.
type page struct {
	found []contact.Contact
	terms *contact.Terms
	next  string
}

// AppendJSON implements frame.Appender.
func (p *page) AppendJSON(b []byte) []byte {
	w := object.Writer{Bytes: slices.Grow(b, viewSize)}
	w.Open()
	w.Name("items")
	w.Bytes = append(w.Bytes, '[')
	for i := range p.found {
		if i > 0 {
			w.Bytes = append(w.Bytes, ',')
		}
		view := p.found[i].View(p.terms)
		w.Bytes = view.AppendJSON(w.Bytes)
		if i == 0 { // contacts of one list are about as long as each other
			w.Bytes = slices.Grow(w.Bytes, len(w.Bytes)*len(p.found)*9/8)
		}
	}
	w.Bytes = append(w.Bytes, ']')
	w.TextUnlessEmpty("nextCursor", p.next)
	w.Close()
	return w.Bytes
}
