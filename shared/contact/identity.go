package contact

import (
	"slices"
	"strings"

	"rubrica/shared/email"
	"rubrica/shared/format"
	"rubrica/shared/phone"
	"rubrica/shared/problem"
	"rubrica/shared/ulid"
)

// IdentityKind is what sort of identity it is.
type IdentityKind string

// The kinds of identities, as they stand in a path.
const (
	ByEmail    IdentityKind = "email"
	ByPhone    IdentityKind = "phone"
	ByExternal IdentityKind = "ext"
)

// Identity is one key by which a contact can be found. It is comparable: two
// spellings of one address or number are the same Identity.
type Identity struct {
	Kind IdentityKind
	// Value is canonical: an address in lower case, a number in its canonical
	// variant, "system:key" of an external id.
	Value string
}

// EmailIdentity is the identity of an address that has been checked.
func EmailIdentity(address string) Identity { return Identity{ByEmail, email.Canonical(address)} }

// PhoneIdentity is the identity of a number that has been checked.
func PhoneIdentity(number string) Identity { return Identity{ByPhone, phone.Canonical(number)} }

// ExternalIdentity is the identity of a key in another system.
func ExternalIdentity(system, key string) Identity { return Identity{ByExternal, system + ":" + key} }

// Member is the member of a contact that has such an identity as its main one, or as
// the one of its system.
func (id Identity) Member() string {
	if id.Kind == ByExternal {
		system, _ := SplitExternal(id.Value)
		return "externalIds." + system
	}
	return string(id.Kind)
}

// Identities are all that find the contact, each once, the main ones first.
func (c *Contact) Identities() []Identity {
	ids := make([]Identity, 0, 2+len(c.OtherEmails)+len(c.OtherPhones)+len(c.ExternalIDs))
	if c.Email != "" {
		ids = append(ids, EmailIdentity(c.Email))
	}
	if c.Phone != "" {
		ids = append(ids, PhoneIdentity(c.Phone))
	}
	for _, s := range c.OtherEmails {
		ids = append(ids, EmailIdentity(s))
	}
	for _, s := range c.OtherPhones {
		ids = append(ids, PhoneIdentity(s))
	}
	for _, system := range sortedKeys(c.ExternalIDs) {
		ids = append(ids, ExternalIdentity(system, c.ExternalIDs[system]))
	}
	for _, s := range c.LostIDs {
		ids = append(ids, Identity{ByExternal, s})
	}
	return ids
}

// Holds tells whether the identity finds the contact.
func (c *Contact) Holds(id Identity) bool { return slices.Contains(c.Identities(), id) }

// Ref is how a path names a contact: by id or by an identity.
type Ref struct {
	ID       string   // if by id
	Identity Identity // else
	// Given is the identity's value as it was written.
	Given string
}

// ByID refers to a contact by its id.
func ByID(id string) Ref { return Ref{ID: id} }

// ParseRef reads what stands in a path (I1), percent-decoded: an id, "id:…",
// "email:…", "phone:…" or "ext:<system>:<key>". An address, number or system
// that is none is a problem.Validation; an id that can be none is
// problem.NotFound, like every id that is nobody's.
func ParseRef(s string) (Ref, error) {
	kind, value, ok := strings.Cut(s, ":")
	if !ok {
		kind, value = "id", s
	}
	if kind == "id" {
		if !ulid.Valid(value) {
			return Ref{}, NotFound()
		}
		return ByID(value), nil
	}
	id, given, err := ParseIdentity(kind, value)
	if err != nil {
		return Ref{}, Refusal("contact", err)
	}
	return Ref{Identity: id, Given: given}, nil
}

// ParseUser reads a user's id in a path.
func ParseUser(s string) (string, error) { return checkUser(strings.TrimSpace(s)) }

// ParseIdentity reads an identity of the given kind; given is the value to
// store. An unknown kind is problem.NotFound.
func ParseIdentity(kind, value string) (id Identity, given string, err error) {
	switch IdentityKind(kind) {
	case ByEmail:
		if given, err = checkEmail(value); err == nil {
			id = EmailIdentity(given)
		}
	case ByPhone:
		if given, err = checkPhone(value); err == nil {
			id = PhoneIdentity(given)
		}
	case ByExternal:
		system, key, _ := strings.Cut(value, ":")
		if system, err = format.ExternalSystem(system); err != nil {
			return id, "", err
		}
		if key, err = format.ExternalKey(key); err == nil {
			given, id = system+":"+key, ExternalIdentity(system, key)
		}
	default:
		err = NotFound()
	}
	return id, given, err
}

// NotFound is the answer for a contact that is not there, or that the caller
// may not know of: the two must not be told apart.
func NotFound() error { return problem.New(problem.NotFound, "There is no such contact.") }
