package contacts

import (
	"context"
	"net/http"

	"github.com/go-json-experiment/json"

	"rubrica/shared/api/frame"
	"rubrica/shared/body"
	"rubrica/shared/caller"
	"rubrica/shared/contact"
	"rubrica/shared/format"
	"rubrica/shared/instant"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
)

// maxCampaign is how many characters a campaign's name may have.
const maxCampaign = 255

// Lock are the endpoints of the leases that campaigns have of a contact's phone.
func Lock(l *ledger.Ledger) []frame.Endpoint {
	return []frame.Endpoint{putLock(l), deleteLock(l)}
}

// campaign is the campaign in the path.
func campaign(in *frame.Input) string {
	s, err := format.Line(in.Param("campaign"), maxCampaign)
	if err == nil && s == "" {
		err = &format.Error{Code: body.CodeRequired, Detail: "A campaign has a name."}
	}
	if err != nil {
		in.RefusePath(contact.Refusal("campaign", err))
	}
	return s
}

func putLock(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPut, Pattern: "/v1/contacts/{contact}/locks/{campaign}", Operation: "lockContact", Function: "lock-contact",
		Integrations: true, Body: frame.JSON, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			lease := ledger.Lock{Campaign: campaign(in), ExpiresAt: in.Body.Time("expiresAt")}
			in.Body.Require("expiresAt", lease.ExpiresAt != 0 || in.Body.Refused("expiresAt"))
			if lease.ExpiresAt != 0 && lease.ExpiresAt <= instant.Of(l.Now()) {
				in.Body.Refuse("expiresAt", body.CodeInvalid, "Must be in the future.")
			}
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					lease.Holder = call.Caller.Integration
					shown, err := json.Marshal(lease)
					if err != nil {
						return frame.Response{}, err
					}
					return frame.Answered(l.Lock(ctx, call.Scope, call.Ref, call.IfMatch, lease, ledger.Answer{Status: http.StatusOK, Body: shown}))
				},
			}
		},
	}
}

func deleteLock(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodDelete, Pattern: "/v1/contacts/{contact}/locks/{campaign}", Operation: "unlockContact", Function: "lock-contact",
		Body: frame.OptionalJSON, Success: []int{http.StatusNoContent},
		Read: func(in *frame.Input) frame.Plan {
			name, reason := campaign(in), in.Body.Text("reason", format.MaxText)
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					may := func(lease ledger.Lock) (string, error) {
						switch {
						case call.Caller.Integration == lease.Holder:
							return reason, nil
						case call.Caller.Role != caller.Owner:
							return "", problem.New(problem.Forbidden, "The lease is %s's; only it, or an owner with a reason, may end it.", lease.Holder)
						case reason == "":
							return "", problem.InvalidField("reason", body.CodeRequired, "Say why the campaign's lease is ended; it goes into the log.")
						}
						return reason, nil
					}
					return frame.Answered(l.Unlock(ctx, call.Scope, call.Ref, call.IfMatch, name, may, ledger.Answer{Status: http.StatusNoContent}))
				},
			}
		},
	}
}
