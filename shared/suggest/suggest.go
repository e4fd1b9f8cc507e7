// Package suggest finds contacts that may be one person: those that hold the same
// address or number, main or other, in whatever spelling. It is pure: contacts in,
// suggestions out. Who holds what, and what of it is kept, is the ledger's.
package suggest

import (
	"cmp"
	"slices"
	"strings"

	"rubrica/shared/body"
	"rubrica/shared/contact"
)

// Occurrence is where a contact holds a value, as it spells it.
type Occurrence struct {
	ContactID string
	// Field is the member's path, such as email or otherPhones[1].
	Field string
	Value string
}

// occurrences are a contact's addresses and numbers, those that are one canonical
// value once, the main ones first.
func occurrences(c *contact.Contact, found func(contact.Identity, Occurrence)) {
	seen := map[contact.Identity]bool{}
	add := func(of func(string) contact.Identity, field, value string) {
		if value == "" {
			return
		}
		if id := of(value); !seen[id] {
			seen[id] = true
			found(id, Occurrence{c.ID, field, value})
		}
	}
	add(contact.EmailIdentity, "email", c.Email)
	add(contact.PhoneIdentity, "phone", c.Phone)
	for i, s := range c.OtherEmails {
		add(contact.EmailIdentity, body.Index("otherEmails", i), s)
	}
	for i, s := range c.OtherPhones {
		add(contact.PhoneIdentity, body.Index("otherPhones", i), s)
	}
}

// Values are what a contact may share with others, each once: its addresses and
// numbers. External ids are nobody else's.
func Values(c *contact.Contact) (values []contact.Identity) {
	occurrences(c, func(id contact.Identity, _ Occurrence) { values = append(values, id) })
	return values
}

// Held is a canonical value and who holds it.
type Held struct {
	Value contact.Identity
	// By are the contacts that the suggestion is about, in order of their ids: not
	// the blocked ones, nor those that the caller does not see.
	By []*contact.Contact
}

// Suggestion is a set of contacts and all values that are held by exactly these.
type Suggestion struct {
	By     []*contact.Contact
	Values []contact.Identity
}

// Group makes suggestions of values, each given once: one of all values that the
// same contacts hold, none of a value that fewer than two do. Suggestions, and the
// values in each, are in the order in which values are given.
func Group(all []Held) (groups []Suggestion) {
	at := map[string]int{}
	for _, h := range all {
		if len(h.By) < 2 {
			continue
		}
		key := strings.Join(ids(h.By), " ")
		i, ok := at[key]
		if !ok {
			i = len(groups)
			at[key] = i
			groups = append(groups, Suggestion{By: h.By})
		}
		groups[i].Values = append(groups[i].Values, h.Value)
	}
	return groups
}

func ids(contacts []*contact.Contact) []string {
	ids := make([]string, len(contacts))
	for i, c := range contacts {
		ids[i] = c.ID
	}
	return ids
}

// IDs are those of the suggestion's contacts, the oldest first.
func (s *Suggestion) IDs() []string { return ids(s.By) }

// Match is a shared value, as each of some contacts spells it.
type Match struct {
	Kind   contact.IdentityKind
	Values []Occurrence
}

// Matches says where the first contacts of the suggestion, at most the given
// number, hold what they share: addresses before numbers, each value once.
func (s *Suggestion) Matches(most int) []Match {
	values := slices.Clone(s.Values)
	slices.SortFunc(values, func(a, b contact.Identity) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value))
	})
	matches := make([]Match, len(values))
	for i, v := range values {
		matches[i].Kind = v.Kind
	}
	for _, c := range s.By[:min(most, len(s.By))] {
		occurrences(c, func(id contact.Identity, o Occurrence) {
			if i := slices.Index(values, id); i >= 0 {
				matches[i].Values = append(matches[i].Values, o)
			}
		})
	}
	return matches
}
