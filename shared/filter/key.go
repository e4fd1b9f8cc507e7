package filter

import (
	"strings"

	"rubrica/shared/contact"
	"rubrica/shared/tag"
	"rubrica/shared/ulid"
)

// Key is a value under which every contact is found that a filter keeps.
type Key struct {
	By Index
	// Value is canonical; of a tag the name or id that the filter has, which the
	// tag may have been given up since. VIPs and blocked contacts have none.
	Value string
}

// Index is a way to find contacts.
type Index string

// The indexes that can serve a filter.
const (
	ByEmail    Index = "email"
	ByPhone    Index = "phone"
	ByExternal Index = "ext"
	ByOwner    Index = "owner"
	ByFollower Index = "follower"
	ByBlocked  Index = "blocked"
	ByTag      Index = "tag"
	ByCompany  Index = "company"
	ByVIP      Index = "vip"
)

// Keys are the values that contacts must have for the filter to keep them, as far
// as an index serves them: those of the leaves that all have to hold.
func (f *Filter) Keys() []Key {
	if f == nil {
		return nil
	}
	return keysOf(nil, f.root)
}

func keysOf(keys []Key, n node) []Key {
	switch n := n.(type) {
	case and:
		for _, part := range n {
			keys = keysOf(keys, part)
		}
	case *leaf:
		if k, ok := n.key(); ok {
			keys = append(keys, k)
		}
	}
	return keys
}

// key is where to look for contacts that the leaf keeps. A value that can be
// nobody's has none: it may not fit into a key either.
func (l *leaf) key() (k Key, ok bool) {
	if l.fits == nil || len(l.sought) != 1 || l.op != opEq && l.op != opIn {
		return k, false
	}
	sought := l.sought[0]
	identity := func(kind contact.IdentityKind, s string) (Key, bool) {
		id, _, err := contact.ParseIdentity(string(kind), s)
		return Key{Index(kind), id.Value}, err == nil
	}
	user := func(by Index) (Key, bool) {
		id, err := contact.ParseUser(sought.text)
		return Key{by, id}, err == nil && id == sought.text
	}
	switch l.field {
	case "email", "otherEmails":
		return identity(contact.ByEmail, sought.text)
	case "phone", "otherPhones":
		return identity(contact.ByPhone, sought.text)
	case "owner":
		return user(ByOwner)
	case "followers":
		return user(ByFollower)
	case "blocked":
		return Key{By: ByBlocked}, sought.number == 1
	case "vip":
		return Key{By: ByVIP}, sought.number == 1
	case "tag", "tags":
		name, err := tag.ParseName(sought.id)
		return Key{ByTag, name}, err == nil
	case "companyId":
		return Key{ByCompany, sought.text}, ulid.Valid(sought.text)
	}
	if system, ok := strings.CutPrefix(l.field, "externalIds."); ok {
		return identity(contact.ByExternal, system+":"+sought.text)
	}
	return k, false
}
