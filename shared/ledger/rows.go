package ledger

import (
	"strconv"

	"rubrica/shared/contact"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// Hint is one index row: under this value of this index the contact is found.
type Hint struct {
	Index Index  `json:"i"`
	Value string `json:"v,omitempty"`
}

// Index is an index over contacts.
type Index string

// The indexes. Identities are one partition a value, the others one a value and
// shard, so that no value is bound to one partition's thousand writes a second.
const (
	IndexEmail    = Index(contact.ByEmail)
	IndexPhone    = Index(contact.ByPhone)
	IndexExternal = Index(contact.ByExternal)
	IndexOwner    = Index("owner")
	IndexFollower = Index("follower")
	IndexVIP      = Index("vip")
	IndexTag      = Index("tag")
	IndexCompany  = Index("company")
	IndexBlocked  = Index("blocked")
)

func hintOf(id contact.Identity) Hint { return Hint{Index(id.Kind), id.Value} }

// identity returns the identity that the hint stands for, if it does.
func (h Hint) identity() (contact.Identity, bool) {
	switch h.Index {
	case IndexEmail, IndexPhone, IndexExternal:
		return contact.Identity{Kind: contact.IdentityKind(h.Index), Value: h.Value}, true
	}
	return contact.Identity{}, false
}

// Few tells whether hints of this index are of few contacts: those with an
// identity, or that somebody takes care of.
func (h Hint) Few() bool {
	_, identity := h.identity()
	return identity || h.Index == IndexOwner || h.Index == IndexFollower
}

// partition is where the hints of one value are; shard counts only where an
// index is spread.
func (h Hint) partition(ws tenant.Workspace, shard int) table.Partition {
	if id, ok := h.identity(); ok {
		return identityIn(ws, id)
	}
	if h.Value == "" {
		return table.In(ws, string(h.Index), strconv.Itoa(shard))
	}
	return table.In(ws, string(h.Index), h.Value, strconv.Itoa(shard))
}

// key names the hint's row for a contact, if it has no other seat.
func (h Hint) key(ws tenant.Workspace, contactID string) table.Key {
	return seatOf(contactID).in(ws, h)
}

// Rows are the hints that a contact must have, in a fixed order, none twice.
// The same function writes them, rebuilds them and checks them.
func Rows(c *contact.Contact) []Hint {
	if !c.Exists() {
		return nil
	}
	identities := c.Identities()
	hints := make([]Hint, 0, len(identities)+len(c.Followers)+len(c.Tags)+3)
	for _, id := range identities {
		hints = append(hints, hintOf(id))
	}
	if c.Owner != "" {
		hints = append(hints, Hint{IndexOwner, c.Owner})
	}
	for _, user := range c.Followers {
		hints = append(hints, Hint{IndexFollower, user})
	}
	if c.VIP {
		hints = append(hints, Hint{Index: IndexVIP})
	}
	if c.IsBlocked() {
		hints = append(hints, Hint{Index: IndexBlocked})
	}
	hints = append(hints, countedOf(c)...)
	return hints
}

// difference returns the hints to add and those to remove.
func difference(before, after []Hint) (added, removed []Hint) {
	for _, h := range after {
		if !contains(before, h) {
			added = append(added, h)
		}
	}
	for _, h := range before {
		if !contains(after, h) {
			removed = append(removed, h)
		}
	}
	return added, removed
}

func contains(hints []Hint, h Hint) bool {
	for _, x := range hints {
		if x == h {
			return true
		}
	}
	return false
}
