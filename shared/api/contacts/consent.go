package contacts

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/audit"
	"rubrica/shared/caller"
	"rubrica/shared/consent"
	"rubrica/shared/contact"
	"rubrica/shared/format"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
)

// Consent are the endpoints of what a contact has agreed to: do-not-disturb, and
// by which channels it may be reached.
func Consent(l *ledger.Ledger) []frame.Endpoint {
	return []frame.Endpoint{getDND(l), putDND(l), getReachability(l)}
}

func getDND(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/contacts/{contact}/dnd", Operation: "getDND", Function: "set-consent", Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					c, err := l.Find(ctx, call.Scope, call.Ref)
					if err != nil {
						return frame.Response{}, err
					}
					all := make(map[consent.Flag]consent.Setting, len(consent.Flags))
					for _, flag := range consent.Flags {
						all[flag] = c.DND[flag]
					}
					return frame.OK(all)
				},
			}
		},
	}
}

func putDND(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPut, Pattern: "/v1/contacts/{contact}/dnd", Operation: "setDND", Function: "set-consent",
		Body: frame.JSON, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			set := map[consent.Flag]bool{}
			for _, flag := range consent.Flags {
				if on, given := in.Body.Bool(string(flag)); given || in.Body.Has(string(flag)) {
					set[flag] = on
				}
			}
			reason := in.Body.Text("reason", format.MaxText)
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					_, by := call.Caller.Actor()
					return frame.Answered(l.Update(ctx, call.Scope, call.Ref, ledger.Operation{
						Action: audit.ContactDNDChanged, Detail: because(reason), IfMatch: call.IfMatch, Answer: answer(http.StatusOK, call),
						Apply: func(c contact.Contact) (contact.Contact, error) {
							for flag, on := range set {
								if s := c.DND[flag]; s.On && !on && s.Permanent && !call.Caller.Role.In(caller.Owner, caller.Manager) {
									return c, problem.Conflicting("dnd_permanent", "The contact has asked for this itself; only an owner or a manager may lift it.").With("field", string(flag))
								}
							}
							return contact.WithDND(c, set, consent.Setting{Reason: reason, By: by, At: c.UpdatedAt})
						},
					}))
				},
			}
		},
	}
}

func getReachability(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/contacts/{contact}/reachability", Operation: "getReachability", Function: "set-consent", Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref).Plus(l.WantAccounts(in.Workspace)),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					c, err := l.Find(ctx, call.Scope, call.Ref)
					if err != nil {
						return frame.Response{}, err
					}
					accounts, err := l.Accounts(ctx, call.Scope)
					if err != nil {
						return frame.Response{}, err
					}
					return frame.OK(struct {
						Items []consent.Reach `json:"items"`
					}{consent.Reachable(c.Person(), accounts)})
				},
			}
		},
	}
}
