package contacts

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
)

// Create is POST /v1/contacts.
func Create(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/contacts", Operation: "createContact", Function: "create-contact",
		Body: frame.JSON, Success: []int{http.StatusCreated},
		Read: func(in *frame.Input) frame.Plan {
			patch := contact.ParseNew(in.Body)
			want := l.WantUnique(in.Workspace, patch.Identities()...).Plus(ledger.WantTags(in.Workspace, patch.Tags()...)).Plus(ledger.WantCompany(in.Workspace, patch.Company()))
			return frame.Plan{Want: want, Check: checkTerms(l, &patch), Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				return frame.Answered(l.Create(ctx, call.Scope, ledger.Operation{
					Apply: func(none contact.Contact) (contact.Contact, error) {
						c, err := patch.Apply(none)
						if err != nil {
							return c, err
						}
						return owned(call, c)
					},
					Tag:    patch.Tags(),
					Answer: answer(http.StatusCreated, call),
				}))
			}}
		},
	}
}
