// Package consent is what a contact has agreed to: do-not-disturb, flag by flag
// (D1), and the one answer to "may I reach this contact on that channel now, and
// if not, why" (D2). Pure rules; whatever ever sends must ask them.
package consent

import (
	"slices"

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
}

// Reach says whether a channel may be used.
type Reach struct {
	Channel string   `json:"channel"`
	Allowed bool     `json:"allowed"`
	Reasons []Reason `json:"reasons"`
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
	Unavailable Reason = "unavailable" // the contact must write first
	NoAccount   Reason = "no_account"
)

// kind is what a channel needs and listens to.
type kind struct {
	name    string
	flag    Flag
	reason  Reason
	address func(Person) bool // nil where the contact must write first
}

func hasEmail(p Person) bool { return p.HasEmail }
func hasPhone(p Person) bool { return p.HasPhone }

// kinds are the channels that every workspace knows.
var kinds = []kind{
	{"email", Email, DNDEmail, hasEmail},
	{"sms", Messages, DNDMessages, hasPhone},
	{"whatsapp", Messages, DNDMessages, hasPhone},
	{"call", Calls, DNDCalls, hasPhone},
	{"facebook", Messages, DNDMessages, nil},
	{"instagram", Messages, DNDMessages, nil},
	{"telegram", Messages, DNDMessages, nil},
}

// Reachable says of each channel whether the contact may be reached on it, with
// every reason why not. latest is the channel of the latest message, "" if none:
// it is the default where it is allowed, else the first that is.
func Reachable(p Person, latest string) []Reach {
	all := make([]Reach, len(kinds))
	for i, k := range kinds {
		r := Reach{Channel: k.name, Reasons: []Reason{}}
		because := func(is bool, reason Reason) {
			if is {
				r.Reasons = append(r.Reasons, reason)
			}
		}
		because(p.Blocked, Blocked)
		because(p.DND[All].On, DNDAll)
		because(p.DND[k.flag].On, k.reason)
		because(p.Inactive, Inactive)
		because(k.address != nil && !k.address(p), NoAddress)
		because(k.address == nil && k.name != latest, Unavailable)
		r.Allowed = len(r.Reasons) == 0
		all[i] = r
	}
	first := slices.IndexFunc(all, func(r Reach) bool { return r.Allowed && r.Channel == latest })
	if first < 0 {
		first = slices.IndexFunc(all, func(r Reach) bool { return r.Allowed })
	}
	if first >= 0 {
		all[first].Default = true
	}
	return all
}
