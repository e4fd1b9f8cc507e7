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

// united tells whether the member may have what a merge united, or a number or address
// that it brought and that became the main one since. Whatever has not one value may,
// so that a member that is added later is not forgotten here; but for the block, for
// who is blocked is not merged.
func united(member string) bool {
	switch member {
	case "email", "phone", "country":
		return true
	case "blocked":
		return false
	}
	return !contact.Single(member) && !strings.HasPrefix(member, contact.FieldPrefix)
}
