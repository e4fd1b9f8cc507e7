package channels

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/caller"
	"rubrica/shared/channel"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/ledger"
)

// View is a contact's channel as the wire shows it: one for each account.
type View struct {
	ID            string          `json:"id"`
	Channel       channel.Kind    `json:"channel"`
	Name          string          `json:"name"`
	State         channel.State   `json:"state"`
	ConnectedAt   instant.Instant `json:"connectedAt,omitzero"`
	LastMessageAt instant.Instant `json:"lastMessageAt,omitzero"`
	Link          string          `json:"link,omitzero"`
	Profile       contact.Profile `json:"profile,omitzero"`
}

func listOf(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/contacts/{contact}/channels", Operation: "listContactChannels", Function: "manage-channels",
		Success: []int{http.StatusOK},
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
					return frame.OK(items[View]{views(c, accounts)})
				},
			}
		},
	}
}

// views are the channels of a contact, in the order of the accounts.
func views(c *contact.Contact, accounts *channel.Set) []View {
	person, usable := c.Person(), accounts.Usable()
	all := make([]View, len(usable))
	for i, a := range usable {
		x, connected := c.Connection(a.ID)
		all[i] = View{
			ID: a.ID, Channel: a.Channel, Name: a.Name, State: a.StateFor(connected, person.Has(a.Channel.Needs())),
			ConnectedAt: x.ConnectedAt, LastMessageAt: x.LastMessageAt, Link: x.Link, Profile: x.Profile,
		}
	}
	return all
}

func disconnect(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodDelete, Pattern: "/v1/contacts/{contact}/channels/{channelId}", Operation: "removeContactChannel", Function: "manage-channels",
		Roles: []caller.Role{caller.Owner, caller.Manager}, Success: []int{http.StatusNoContent},
		Read: func(in *frame.Input) frame.Plan {
			id := in.Param("channelId")
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.Disconnect(ctx, call.Scope, call.Ref, call.IfMatch, id, ledger.Answer{Status: http.StatusNoContent}))
				},
			}
		},
	}
}
