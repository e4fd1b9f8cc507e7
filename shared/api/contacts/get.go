package contacts

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/ledger"
)

// Get is GET /v1/contacts/{contact}.
func Get(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/contacts/{contact}", Operation: "getContact", Function: "get-contact", Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					c, err := l.Find(ctx, call.Scope, call.Ref)
					if err != nil {
						return frame.Response{}, err
					}
					if _, err := l.Terms(ctx, call.Scope, *c); err != nil {
						return frame.Response{}, err
					}
					a := answer(http.StatusOK, call)(c)
					if call.Ref.ID != "" && call.Ref.ID != c.ID { // it was absorbed
						a.ContentLocation = location(c.ID)
					}
					return frame.Answered(a, nil)
				},
			}
		},
	}
}
