package contacts

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/audit"
	"rubrica/shared/body"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
)

// Offer are the endpoints by which integrations say what they know of a contact:
// its profile on a channel, and whether a CRM knows it.
func Offer(l *ledger.Ledger) []frame.Endpoint {
	return []frame.Endpoint{
		offerEndpoint(l, "/v1/contacts/{contact}/profile", "setProfile", "", contact.ReadProfile),
		offerEndpoint(l, "/v1/contacts/{contact}/validation", "setValidation", audit.ContactValidated, contact.ReadValidation),
	}
}

func offerEndpoint(l *ledger.Ledger, pattern, operation string, action audit.Action, read func(*body.Form) contact.Offer) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPut, Pattern: pattern, Operation: operation, Function: "enrich-contact",
		Integrations: true, Body: frame.JSON, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			offer := read(in.Body)
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref).Plus(l.WantUnique(in.Workspace, offer.Identities()...)),
				Check: func(ctx context.Context, call *frame.Call) ([]problem.Field, error) {
					fields, err := l.Fields(ctx, call.Scope)
					if err == nil {
						offer.Resolve(fields, call.Caller.Integration)
					}
					return nil, err
				},
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.Update(ctx, call.Scope, call.Ref, ledger.Operation{
						Action: action, IfMatch: call.IfMatch, Answer: answer(http.StatusOK, call),
						Apply: func(c contact.Contact) (contact.Contact, error) {
							return offer.Apply(c, call.Caller.Integration, c.UpdatedAt)
						},
					}))
				},
			}
		},
	}
}
