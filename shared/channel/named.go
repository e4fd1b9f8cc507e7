package channel

import (
	"rubrica/shared/body"
	"rubrica/shared/problem"
)

// codeUnknown says that the workspace has no such account.
const codeUnknown = "unknown_channel"

// Named returns the usable account that an event names by its id, its kind, or
// both; of several accounts of a kind the only one that is connected. The error is
// a problem.Validation that names the member of the event.
func (s *Set) Named(id string, k Kind) (Account, error) {
	if id != "" {
		a, ok := s.Find(id)
		switch {
		case !ok:
			return a, problem.InvalidField("data.channelId", codeUnknown, "The workspace has no account with this id; without any, the id is the channel's name.")
		case k != "" && a.Channel != k:
			return a, problem.InvalidField("data.channel", body.CodeInvalid, "The account is of %s; leave one of both out.", a.Channel)
		}
		return a, nil
	}
	var live []Account
	all := s.Of(k)
	for _, a := range all {
		if a.Connected {
			live = append(live, a)
		}
	}
	switch {
	case len(all) == 1:
		return all[0], nil
	case len(live) == 1:
		return live[0], nil
	case len(all) == 0:
		return Account{}, problem.InvalidField("data.channel", codeUnknown, "The workspace has no account of this channel.")
	}
	return Account{}, problem.InvalidField("data.channelId", body.CodeRequired, "The workspace has several accounts of this channel; say which.")
}
