package contacts

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/audit"
	"rubrica/shared/caller"
	"rubrica/shared/contact"
	"rubrica/shared/format"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
)

// Block are the endpoints that block a contact and lift that.
func Block(l *ledger.Ledger) []frame.Endpoint {
	return []frame.Endpoint{blockEndpoint(l), unblockEndpoint(l)}
}

func blockEndpoint(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/contacts/{contact}/block", Operation: "blockContact", Function: "block-contact",
		Body: frame.OptionalJSON, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			reason := in.Body.Text("reason", format.MaxText)
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					kind, by := call.Caller.Actor()
					return frame.Answered(l.Update(ctx, call.Scope, call.Ref, ledger.Operation{
						Action: audit.ContactBlocked, Detail: because(reason), IfMatch: call.IfMatch, Answer: answer(http.StatusOK, call),
						Apply: func(c contact.Contact) (contact.Contact, error) {
							return contact.Blocked(c, contact.Block{ByType: string(kind), By: by, Reason: reason})
						},
					}))
				},
			}
		},
	}
}

// because is what the log says besides the changes.
func because(reason string) map[string]any {
	if reason == "" {
		return nil
	}
	return map[string]any{"reason": reason}
}

func unblockEndpoint(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/contacts/{contact}/unblock", Operation: "unblockContact", Function: "block-contact",
		Body: frame.OptionalJSON, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			reason := in.Body.Text("reason", format.MaxText)
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					kind, id := call.Caller.Actor()
					return frame.Answered(l.Update(ctx, call.Scope, call.Ref, ledger.Operation{
						Action: audit.ContactUnblocked, Detail: because(reason), IfMatch: call.IfMatch, Answer: answer(http.StatusOK, call),
						May: func(c *contact.Contact) error {
							own := c.Block.ByType == string(kind) && c.Block.By == id
							if !c.IsBlocked() || own || call.Caller.Role.In(caller.Owner, caller.Manager) {
								return nil
							}
							return problem.New(problem.Forbidden, "Whoever blocked the contact lifts it, or an owner or a manager.")
						},
						Apply: contact.Unblocked,
					}))
				},
			}
		},
	}
}
