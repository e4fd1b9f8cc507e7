package contacts

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/caller"
	"rubrica/shared/ledger"
)

// neighborsEndpoint is GET /v1/contacts/{contact}/neighbors: who stands before and
// behind the contact in a list (C11). One that the filters leave out stands where
// it would.
func neighborsEndpoint(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/contacts/{contact}/neighbors", Operation: "getNeighbors", Function: "list-contacts",
		Query: []string{"sort", "tag", "owner", "blocked"}, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			q := readQuery(in)
			q.limit = 1
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref).Plus(q.want(in.Workspace)),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return findNeighbors(ctx, l, call, q)
				},
			}
		},
	}
}

// Neighbors are the ids of who stands before and behind; "" at an end.
type Neighbors struct {
	Previous string `json:"previous,omitzero"`
	Next     string `json:"next,omitzero"`
}

func findNeighbors(ctx context.Context, l *ledger.Ledger, call *frame.Call, q query) (frame.Response, error) {
	c, err := l.Find(ctx, call.Scope, call.Ref)
	if err != nil {
		return frame.Response{}, err
	}
	tagID, exists, err := q.find(ctx, l, call.Scope)
	if err != nil || !exists {
		answered, _ := frame.OK(Neighbors{})
		return answered, err
	}
	parts := q.parts(call.Caller.Subject, tagID, call.Caller.Restrictions.Has(caller.OnlyAssigned))
	own := 0
	if len(parts) > 1 && !c.VIP {
		own = 1
	}
	var n Neighbors
	if n.Next, err = nearest(ctx, l, call.Scope, parts[own:], c.ID); err != nil {
		return frame.Response{}, err
	}
	var before []ledger.Listing // the other way
	for i := own; i >= 0; i-- {
		part := parts[i]
		part.Descending = !part.Descending
		before = append(before, part)
	}
	if n.Previous, err = nearest(ctx, l, call.Scope, before, c.ID); err != nil {
		return frame.Response{}, err
	}
	return frame.OK(n)
}

// nearest returns the first contact behind the one with the given id in the first
// of the listings, or else the first of the others; "" if there is none.
func nearest(ctx context.Context, l *ledger.Ledger, s *ledger.Scope, parts []ledger.Listing, after string) (string, error) {
	for _, part := range parts {
		for part.After = after; ; {
			found, next, err := l.List(ctx, s, part)
			if err != nil {
				return "", err
			}
			if len(found) > 0 {
				return found[0].ID, nil
			}
			if next == "" {
				break
			}
			part.After = next
		}
		after = ""
	}
	return "", nil
}
