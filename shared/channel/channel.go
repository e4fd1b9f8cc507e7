// Package channel is by which ways a contact can be reached: the kinds that every
// workspace knows, the accounts that one has connected, and in which state a
// contact's channel is (H1). Pure rules; what a contact has of them is package
// contact's, whether they may be used is consent's.
package channel

import (
	"slices"

	"rubrica/shared/format"
)

// Kind is a way of reaching somebody.
type Kind string

// The kinds that every workspace knows.
const (
	Email     Kind = "email"
	SMS       Kind = "sms"
	WhatsApp  Kind = "whatsapp"
	Call      Kind = "call"
	Facebook  Kind = "facebook"
	Instagram Kind = "instagram"
	Telegram  Kind = "telegram"
)

// Voicemail is known, too, but only to those workspaces that have an account of it.
const Voicemail Kind = "voicemail"

// Kinds are those that every workspace knows, in the order of the contract.
func Kinds() []Kind { return []Kind{Email, SMS, WhatsApp, Call, Facebook, Instagram, Telegram} }

// Address is what a contact must have so that a conversation can be begun.
type Address uint8

// The addresses. Without one the contact must write first.
const (
	NoAddress Address = iota
	EmailAddress
	PhoneNumber
)

// Needs says what it takes to begin a conversation. Of a kind that only a
// workspace knows, the contact must write first: it is some network's chat.
func (k Kind) Needs() Address {
	switch k {
	case Email:
		return EmailAddress
	case SMS, WhatsApp, Call, Voicemail:
		return PhoneNumber
	}
	return NoAddress
}

// maxKind is how many characters a kind may have.
const maxKind = 63

// ParseKind reads the name of a kind, known or not.
func ParseKind(s string) (string, error) {
	wrong := s == "" || len(s) > maxKind || s[0] < 'a' || s[0] > 'z'
	for i := range len(s) {
		c := s[i]
		wrong = wrong || (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-'
	}
	if wrong {
		return "", &format.Error{Code: format.CodeInvalidChannel, Detail: "Must be the name of a channel such as whatsapp: small letters, digits, _ and -, a letter first."}
	}
	return s, nil
}

// Account is one that the workspace has at a network: a number, a page, a mailbox.
type Account struct {
	ID      string `json:"id"`
	Channel Kind   `json:"channel"`
	Name    string `json:"name"`
	// Connected says that the connector can use it now.
	Connected bool `json:"connected"`
}

// State is where a contact's channel stands.
type State string

// The states.
const (
	Active      State = "active"      // there were messages
	Inactive    State = "inactive"    // it could be begun: the address is there
	Unavailable State = "unavailable" // the contact must write first, or the account is disconnected
)

// StateFor is the state of the channel that a contact has by the account:
// connected says that it has used it, addressed that it has what the kind needs.
func (a Account) StateFor(connected, addressed bool) State {
	switch {
	case !a.Connected:
		return Unavailable
	case connected:
		return Active
	case addressed:
		return Inactive
	}
	return Unavailable
}

// Set are the accounts of a workspace. The zero Set is that none is registered.
type Set struct {
	// Version rises with each change; settings carry it, so that who has read them
	// knows whether a set is current.
	Version  int64     `json:"version"`
	Accounts []Account `json:"accounts"`
}

// Registered tells whether there are accounts; without, each known kind counts as one.
func (s *Set) Registered() bool { return len(s.Accounts) > 0 }

// Usable are the accounts that contacts can have channels by, in the order in
// which they were registered; while there are none, one of each known kind, whose
// id is the kind.
func (s *Set) Usable() []Account {
	if s.Registered() {
		return s.Accounts
	}
	kinds := Kinds()
	all := make([]Account, len(kinds))
	for i, k := range kinds {
		all[i] = Account{ID: string(k), Channel: k, Name: string(k), Connected: true}
	}
	return all
}

// Find returns the usable account of an id.
func (s *Set) Find(id string) (Account, bool) {
	all := s.Usable()
	i := slices.IndexFunc(all, func(a Account) bool { return a.ID == id })
	if i < 0 {
		return Account{}, false
	}
	return all[i], true
}

// Kinds are the known ones and those of registered accounts, none twice.
func (s *Set) Kinds() []Kind {
	all := Kinds()
	for _, a := range s.Accounts {
		if !slices.Contains(all, a.Channel) {
			all = append(all, a.Channel)
		}
	}
	return all
}

// Of are the usable accounts of a kind.
func (s *Set) Of(k Kind) []Account {
	return slices.DeleteFunc(slices.Clone(s.Usable()), func(a Account) bool { return a.Channel != k })
}
