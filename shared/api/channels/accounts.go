// Package channels has the endpoints of channels: the accounts that a workspace has
// at networks, and the channels that a contact has by them.
package channels

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/audit"
	"rubrica/shared/caller"
	"rubrica/shared/channel"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
)

// Endpoints are all of the package's.
func Endpoints(l *ledger.Ledger) []frame.Endpoint {
	return []frame.Endpoint{list(l), create(l), update(l), remove(l), listOf(l), disconnect(l)}
}

// changers may change accounts.
var changers = []caller.Role{caller.Owner}

// items is the body of a list that has no pages.
type items[T any] struct {
	Items []T `json:"items"`
}

func list(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/channels", Operation: "listChannels", Function: "manage-channels", Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			return frame.Plan{Want: l.WantAccounts(in.Workspace), Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				set, err := l.Accounts(ctx, call.Scope)
				if err != nil {
					return frame.Response{}, err
				}
				return frame.OK(items[channel.Account]{append([]channel.Account{}, set.Accounts...)})
			}}
		},
	}
}

func create(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/channels", Operation: "createChannel", Function: "manage-channels",
		Roles: changers, Body: frame.JSON, Success: []int{http.StatusCreated},
		Read: func(in *frame.Input) frame.Plan {
			draft := channel.ReadDraft(in.Body, true)
			return frame.Plan{Want: ledger.WantAccountsRow(in.Workspace), Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				id := l.NewID()
				return frame.Answered(l.ChangeAccounts(ctx, call.Scope, func(s channel.Set) (ledger.AccountsChange, error) {
					after, made, err := s.Create(id, draft)
					return ledger.AccountsChange{
						Set: after, ID: id, Action: audit.ChannelCreated, Changes: differences(channel.Account{}, made),
						Answer: frame.Shown(http.StatusCreated, "/v1/channels/"+id, made),
					}, err
				}))
			}}
		},
	}
}

func update(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPatch, Pattern: "/v1/channels/{id}", Operation: "updateChannel", Function: "manage-channels",
		Roles: changers, Body: frame.JSON, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			draft, id := channel.ReadDraft(in.Body, false), in.Param("id")
			return frame.Plan{Want: ledger.WantAccountsRow(in.Workspace), Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				return frame.Answered(l.ChangeAccounts(ctx, call.Scope, func(s channel.Set) (ledger.AccountsChange, error) {
					after, from, to, err := s.Update(id, draft)
					return ledger.AccountsChange{
						Set: after, ID: id, Action: audit.ChannelUpdated, Changes: differences(from, to), Answer: frame.Shown(http.StatusOK, "", to),
					}, err
				}))
			}}
		},
	}
}

func remove(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodDelete, Pattern: "/v1/channels/{id}", Operation: "deleteChannel", Function: "manage-channels",
		Roles: changers, Success: []int{http.StatusNoContent},
		Read: func(in *frame.Input) frame.Plan {
			id := in.Param("id")
			return frame.Plan{Want: ledger.WantAccountsRow(in.Workspace), Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				return frame.Answered(l.ChangeAccounts(ctx, call.Scope, func(s channel.Set) (ledger.AccountsChange, error) {
					after, gone, err := s.Delete(id)
					return ledger.AccountsChange{
						Set: after, ID: id, Action: audit.ChannelDeleted, Changes: differences(gone, channel.Account{}),
						Answer: ledger.Answer{Status: http.StatusNoContent},
					}, err
				}))
			}}
		},
	}
}

// differences lists what differs between two states of an account, for the log; the
// zero Account is before it was made and after it was deleted.
func differences(before, after channel.Account) []contact.Change {
	shown := func(a channel.Account) []any {
		if a.ID == "" {
			return []any{nil, nil, nil}
		}
		return []any{string(a.Channel), a.Name, a.Connected}
	}
	var changes []contact.Change
	from, to := shown(before), shown(after)
	for i, member := range []string{"channel", "name", "connected"} {
		if from[i] != to[i] {
			changes = append(changes, contact.Change{Field: member, From: from[i], To: to[i]})
		}
	}
	return changes
}
