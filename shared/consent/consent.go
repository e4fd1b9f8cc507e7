// Package consent is what a contact has agreed to: do-not-disturb, flag by flag
// (D1), and the one answer to "may I reach this contact on that channel now, and
// if not, why" (D2). Pure rules; whatever ever sends must ask them.
package consent

import (
	"slices"

	"rubrica/shared/channel"
	"rubrica/shared/instant"
)

// Flag is one of the things that a contact can have switched off.
type Flag string

// The flags, in the order of the contract.
const (
	All      Flag = "all"
	Email    Flag = "email"
	Messages Flag = "messages" // sms and every chat channel
	Calls    Flag = "calls"    // calls and voicemail
	Inbound  Flag = "inbound"  // incoming calls and sms
)

// Flags are all of them.
var Flags = []Flag{All, Email, Messages, Calls, Inbound}

// Setting is one flag as it was last set.
type Setting struct {
	On     bool            `json:"on"`
	Reason string          `json:"reason,omitzero"`
	By     string          `json:"by,omitzero"`
	At     instant.Instant `json:"at,omitzero"`
	// Permanent was set by the contact's own stop word: an agent cannot lift it.
	Permanent bool `json:"permanent"`
}

// DND are the flags that were ever set; the others are off.
type DND map[Flag]Setting

// Person is what counts of a contact for whether it can be reached.
type Person struct {
	Blocked, Inactive bool
	HasEmail          bool
	HasPhone          bool
	DND               DND
	// Wrote are the ids of the accounts that it has a channel by.
	Wrote []string
	// Latest is the channel of its latest message, "" if there was none.
	Latest channel.Kind
}

// Has tells whether it has an address of that sort.
func (p Person) Has(a channel.Address) bool {
	switch a {
	case channel.EmailAddress:
		return p.HasEmail
	case channel.PhoneNumber:
		return p.HasPhone
	}
	return false
}

// Reach says whether a channel may be used.
type Reach struct {
	Channel channel.Kind `json:"channel"`
	Allowed bool         `json:"allowed"`
	Reasons []Reason     `json:"reasons"`
	// Default marks the channel to take if nothing else decides.
	Default bool `json:"default"`
}

// Reason is why a channel may not be used.
type Reason string

// The reasons, in the order in which they are told.
const (
	Blocked     Reason = "blocked"
	DNDAll      Reason = "dnd_all"
	DNDEmail    Reason = "dnd_email"
	DNDMessages Reason = "dnd_messages"
	DNDCalls    Reason = "dnd_calls"
	Inactive    Reason = "inactive"
	NoAddress   Reason = "no_address"
	Unavailable Reason = "unavailable" // the contact must write first, or all accounts are disconnected
	NoAccount   Reason = "no_account"  // the workspace has accounts, and none of the channel
)

// Group is the flag that a channel listens to, besides All.
func Group(k channel.Kind) Flag {
	switch k {
	case channel.Email:
		return Email
	case channel.Call, channel.Voicemail:
		return Calls
	}
	return Messages
}

// reason is what is told of a flag that is on.
func (f Flag) reason() Reason { return Reason("dnd_" + f) }

// Reachable says of each channel, the known ones and those of the workspace's
// accounts, whether the contact may be reached on it, with every reason why not.
// The default is the channel of the latest message where it is allowed, else the
// first that is.
func Reachable(p Person, accounts *channel.Set) []Reach {
	kinds := accounts.Kinds()
	all := make([]Reach, len(kinds))
	for i, k := range kinds {
		r := Reach{Channel: k, Reasons: []Reason{}}
		because := func(is bool, reason Reason) {
			if is {
				r.Reasons = append(r.Reasons, reason)
			}
		}
		group, needs, of := Group(k), k.Needs(), accounts.Of(k)
		live := slices.DeleteFunc(slices.Clone(of), func(a channel.Account) bool { return !a.Connected })
		wrote := slices.ContainsFunc(live, func(a channel.Account) bool { return slices.Contains(p.Wrote, a.ID) })
		because(p.Blocked, Blocked)
		because(p.DND[All].On, DNDAll)
		because(p.DND[group].On, group.reason())
		because(p.Inactive, Inactive)
		because(needs != channel.NoAddress && !p.Has(needs), NoAddress)
		because(needs == channel.NoAddress && !wrote || len(of) > 0 && len(live) == 0, Unavailable)
		because(len(of) == 0, NoAccount)
		r.Allowed = len(r.Reasons) == 0
		all[i] = r
	}
	first := slices.IndexFunc(all, func(r Reach) bool { return r.Allowed && r.Channel == p.Latest })
	if first < 0 {
		first = slices.IndexFunc(all, func(r Reach) bool { return r.Allowed })
	}
	if first >= 0 {
		all[first].Default = true
	}
	return all
}
