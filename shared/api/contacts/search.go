package contacts

import (
	"cmp"
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/filter"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
)

// searchEndpoint is POST /v1/contacts/search: the contacts that a filter keeps, in
// the orders of GET /v1/contacts (F2). Where no index serves the filter every
// contact is looked at, as many a page as List does; pages are short then.
func searchEndpoint(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/contacts/search", Operation: "searchContacts", Function: "list-contacts",
		Body: frame.JSON, ReadOnly: true, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			q := query{filter: filter.Parse(in.Body, "filter"), limit: frame.DefaultLimit}
			q.order = cmp.Or(in.Body.Choice("sort", orders...), newestFirst)
			if limit, given := in.Body.Int("limit", 1, frame.MaxLimit); given {
				q.limit = limit
			}
			in.BodyCursor(q.order, string(q.filter.JSON()))
			plan := q.plan(l, in)
			if q.filter.Custom() {
				plan.Check = func(ctx context.Context, call *frame.Call) ([]problem.Field, error) {
					fields, err := l.Fields(ctx, call.Scope)
					if err != nil {
						return nil, err
					}
					return q.filter.Resolve(fields), nil
				}
			}
			return plan
		},
	}
}
