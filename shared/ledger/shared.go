package ledger

import (
	"maps"
	"strings"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/seal"
)

// shared says which changes may have values of contacts that are absorbed, before
// the change or after it: these are erased with any of them (W6), also when they
// were contacts of their own again by then. Of members with one value it is what a
// merge wrote, of all that a contact has many of it is everything.
func shared(before, after *record, terms *contact.Terms) audit.Shared {
	if len(before.Keys)+len(after.Keys) == 0 {
		return audit.Shared{}
	}
	keys := map[string]seal.Key{}
	maps.Copy(keys, before.Keys)
	maps.Copy(keys, after.Keys)
	delete(keys, after.ID)
	written := map[string]bool{}
	for _, writers := range []map[string]string{before.Writers, after.Writers} {
		for name := range writers {
			written[terms.MemberName(name)] = true
		}
	}
	return audit.Shared{Keys: keys, Has: func(member string) bool { return written[member] || united(member) }}
}

// united tells whether a merge may unite what the contacts have of a member, or an
// address that it united may become the member's value.
func united(member string) bool {
	kind, _, _ := strings.Cut(member, ".")
	switch kind {
	case "email", "phone", "country", "otherEmails", "otherPhones", "externalIds", "followers", "tags", "dnd", "profile", "validation":
		return true
	}
	return false
}
