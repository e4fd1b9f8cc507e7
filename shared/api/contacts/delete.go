package contacts

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/caller"
	"rubrica/shared/ledger"
)

// Delete is DELETE /v1/contacts/{contact}.
func Delete(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodDelete, Pattern: "/v1/contacts/{contact}", Operation: "deleteContact", Function: "delete-contact",
		Roles: []caller.Role{caller.Owner, caller.Manager}, Not: caller.NoDelete, Success: []int{http.StatusNoContent},
		Read: func(in *frame.Input) frame.Plan {
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.Delete(ctx, call.Scope, call.Ref, call.IfMatch))
				},
			}
		},
	}
}
