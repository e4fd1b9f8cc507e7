// Package merge is what becomes of contacts that turn out to be one person, and
// of that person when it was a mistake: contacts in, contacts out (M2, M4). It
// knows no table and no clock; what is stored of a merge is the ledger's.
package merge

import (
	"errors"
	"slices"
	"strings"

	"rubrica/shared/consent"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/problem"
)

// Limits. MaxContacts is how many one merge takes into its survivor, MaxAbsorbed
// how many a contact can have absorbed, theirs included: a page of its history is
// one query for each.
const (
	MaxContacts = 9
	MaxAbsorbed = 30
)

// Plan says what is to become one contact.
type Plan struct {
	Survivor contact.Contact
	// Others are in the order in which they were given: where the survivor has
	// nothing, the first of them that has something gives it.
	Others []contact.Contact
	// Choose names, by member as contact.Value takes it, whose value it shall be. A
	// chosen blank wins.
	Choose map[string]string
	// Leased are those whose phone a campaign uses: it stays the main one.
	Leased map[string]bool
}

// Result is what a plan comes to.
type Result struct {
	// Contact is the survivor. Version and update time are not its business.
	Contact contact.Contact
	// Origin says of every member with one value that is set whose it is.
	Origin map[string]string
	// Wrote is what the survivor has now that it had not: for the undo.
	Wrote Wrote
}

// Wrote is what a merge, and nothing else, gave its survivor.
type Wrote struct {
	// Values are members with one value that are others than before.
	Values map[string]Step[contact.Value] `json:"values,omitempty"`
	// CountryOf is the phone that the survivor had before, where the country is one of
	// them.
	CountryOf *string `json:"countryOf,omitzero"`
	// Identities, as "kind:value", found others only.
	Identities []string `json:"identities,omitempty"`
	// Emails and Phones are the lists of others, where they are not as before: for
	// their order and spelling.
	Emails    *Step[[]string] `json:"emails,omitzero"`
	Phones    *Step[[]string] `json:"phones,omitzero"`
	Followers []string        `json:"followers,omitempty"`
	Tags      []string        `json:"tags,omitempty"`
	// DND are flags that were set, or made permanent.
	DND map[consent.Flag]Step[consent.Setting] `json:"dnd,omitempty"`
	// VIP says that it became one, for somebody was, and not because that was chosen.
	VIP bool `json:"vip,omitzero"`
	// Connections are channels that are others than before, one before that has no
	// account there was not; Latest is whose message is the latest.
	Connections []Step[contact.Connection] `json:"connections,omitempty"`
	Latest      *Step[contact.Latest]      `json:"latest,omitzero"`
	Automations []string                   `json:"automations,omitempty"`
}

// Step is a value before and after.
type Step[T any] struct {
	Before T `json:"before"`
	After  T `json:"after"`
}

// ErrLeases says that a phone which a campaign uses would not stay the main one:
// another was chosen, or campaigns use two.
var ErrLeases = errors.New("merge: a phone in use by a campaign")

// Unite makes one contact of several. too_many_merged names the member that would
// have more values than a contact can; ErrLeases if two phones are in use.
func Unite(p Plan) (Result, error) {
	u := &union{Plan: p, Origin: map[string]string{}}
	values := u.values()
	if err := u.phone(values); err != nil {
		return Result{}, err
	}
	c := p.Survivor.With(values)
	for i := range p.Others {
		u.gather(&c, &p.Others[i])
	}
	c, err := u.settled(c)
	if err != nil {
		return Result{}, err
	}
	return Result{Contact: c, Origin: u.Origin, Wrote: wrote(&p, &c)}, nil
}

// union is a plan being carried out.
type union struct {
	Plan
	Origin map[string]string
}

// all are the contacts, the survivor first.
func (u *union) all() []*contact.Contact {
	all := []*contact.Contact{&u.Survivor}
	for i := range u.Others {
		all = append(all, &u.Others[i])
	}
	return all
}

func (u *union) contact(id string) *contact.Contact {
	for _, c := range u.all() {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// values decides every member with one value: as chosen, else the survivor's,
// else the first of the others that has one.
func (u *union) values() map[string]contact.Value {
	values := map[string]contact.Value{}
	for _, c := range u.all() {
		for name, v := range c.Values() {
			if name == "owner" && c != u.contact(u.Survivor.ID) {
				continue // like the status it is the survivor's, also where that has none
			}
			if _, ok := values[name]; !ok {
				values[name], u.Origin[name] = v, c.ID
			}
		}
	}
	u.Origin[contact.StatusMember] = u.Survivor.ID
	for name, id := range u.Choose {
		v := u.contact(id).Value(name)
		values[name], u.Origin[name] = v, id
		if v.Text == "" {
			delete(u.Origin, name)
		}
	}
	u.vip(values)
	u.profile(values)
	return values
}

// vip makes the survivor one if any is, unless it was chosen.
func (u *union) vip(values map[string]contact.Value) {
	if _, chosen := u.Choose[contact.VIPMember]; chosen {
		return
	}
	u.Origin[contact.VIPMember] = u.Survivor.ID
	for _, c := range u.all() {
		if c.VIP {
			values[contact.VIPMember], u.Origin[contact.VIPMember] = c.Value(contact.VIPMember), c.ID
			return
		}
	}
}

// phone sees to it that a phone in use by a campaign is the main one. A survivor
// whose phone is in use keeps what it has, also if that is none.
func (u *union) phone(values map[string]contact.Value) error {
	var user *contact.Contact
	for _, c := range u.all() {
		switch survivor := c.ID == u.Survivor.ID; {
		case !u.Leased[c.ID] || c.Phone == "" && !survivor:
		case user == nil:
			user = c
		case user.Phone != c.Phone:
			return ErrLeases
		}
	}
	if user == nil {
		return nil
	}
	if _, chosen := u.Choose["phone"]; chosen && values["phone"].Text != user.Phone {
		return ErrLeases
	}
	values["phone"], u.Origin["phone"] = user.Value("phone"), user.ID
	if user.Phone == "" {
		delete(u.Origin, "phone")
	}
	return nil
}

// gather adds what a contact may have many of.
func (u *union) gather(c, other *contact.Contact) {
	c.OtherEmails = append(c.OtherEmails, other.OtherEmails...)
	c.OtherPhones = append(c.OtherPhones, other.OtherPhones...)
	c.Followers = append(c.Followers, other.Followers...)
	for _, id := range other.Tags {
		if !slices.Contains(c.Tags, id) {
			c.Tags = append(c.Tags, id)
		}
	}
	for system, key := range other.ExternalIDs {
		if c.ExternalIDs == nil {
			c.ExternalIDs = map[string]string{}
		}
		if _, shown := c.ExternalIDs[system]; shown {
			c.LostIDs = append(c.LostIDs, system+":"+key)
		} else {
			c.ExternalIDs[system] = key
		}
	}
	c.LostIDs = append(c.LostIDs, other.LostIDs...)
	c.DND = strictest(c.DND, other.DND)
	connect(c, other)
	c.MergedIDs = append(append(c.MergedIDs, other.ID), other.MergedIDs...)
	c.FirstCreatedAt = min(first(c), first(other))
}

// first is when the oldest of all that a contact stands for was created.
func first(c *contact.Contact) instant.Instant {
	if c.FirstCreatedAt != 0 {
		return min(c.FirstCreatedAt, c.CreatedAt)
	}
	return c.CreatedAt
}

// strictest unites what two have switched off; where both have, the first one's
// reason stays, but permanent is what either is.
func strictest(a, b consent.DND) consent.DND {
	for _, flag := range consent.Flags {
		switch from := b[flag]; {
		case !from.On:
		case !a[flag].On:
			if a == nil {
				a = consent.DND{}
			}
			a[flag] = from
		case from.Permanent:
			kept := a[flag]
			kept.Permanent = true
			a[flag] = kept
		}
	}
	return a
}

// settled puts the addresses in order, main ones that lost among the others, and
// refuses what would be too many of anything.
func (u *union) settled(c contact.Contact) (contact.Contact, error) {
	var emails, phones []string
	for _, from := range u.all() {
		emails, phones = appendSet(emails, from.Email), appendSet(phones, from.Phone)
	}
	// The survivor's own first, its lists as they were, then each other's.
	c.OtherEmails = slices.Concat(u.Survivor.OtherEmails, emails, c.OtherEmails)
	c.OtherPhones = slices.Concat(u.Survivor.OtherPhones, phones, c.OtherPhones)
	phoneBefore := u.Survivor.Phone
	if _, chosen := u.Choose["country"]; chosen {
		phoneBefore = c.Phone
	}
	country := c.Country
	c, err := c.Settled(phoneBefore)
	if c.Country != country {
		u.Origin["country"] = u.Origin["phone"]
	}
	if c.Country == "" {
		delete(u.Origin, "country")
	}
	switch {
	case len(c.MergedIDs) > MaxAbsorbed:
		return c, tooMany("mergedIds")
	case len(c.Connections) > contact.MaxConnections:
		return c, tooMany("channels")
	case len(c.Automations) > contact.MaxAutomations:
		return c, tooMany("automations")
	}
	if fields := problem.Of(err).Fields; err != nil && len(fields) > 0 {
		return c, tooMany(fields[0].Field)
	}
	return c, err
}

func appendSet(list []string, value string) []string {
	if value == "" {
		return list
	}
	return append(list, value)
}

func tooMany(member string) error {
	return problem.Conflicting("too_many_merged", "The contacts have more %s together than one contact can have.", member).With("field", member)
}

// wrote compares the survivor before and after.
func wrote(p *Plan, after *contact.Contact) Wrote {
	before := &p.Survivor
	w := Wrote{Values: map[string]Step[contact.Value]{}}
	was, is := before.Values(), after.Values()
	for _, name := range []string{contact.StatusMember, contact.VIPMember} {
		was[name], is[name] = before.Value(name), after.Value(name)
	}
	for name, v := range is {
		if was[name] != v {
			w.Values[name] = Step[contact.Value]{was[name], v}
		}
	}
	for name, v := range was {
		if _, ok := is[name]; !ok {
			w.Values[name] = Step[contact.Value]{Before: v}
		}
	}
	w.countryOf(before)
	for _, id := range after.Identities() {
		if !before.Holds(id) {
			w.Identities = append(w.Identities, IdentityText(id))
		}
	}
	w.Emails, w.Phones = lists(before.OtherEmails, after.OtherEmails), lists(before.OtherPhones, after.OtherPhones)
	w.connections(before, after)
	w.Followers = without(after.Followers, before.Followers)
	w.Tags = without(after.Tags, before.Tags)
	for _, flag := range consent.Flags {
		if from, to := before.DND[flag], after.DND[flag]; from != to {
			if w.DND == nil {
				w.DND = map[consent.Flag]Step[consent.Setting]{}
			}
			w.DND[flag] = Step[consent.Setting]{from, to}
		}
	}
	_, chosen := p.Choose[contact.VIPMember]
	w.VIP = !chosen && after.VIP && !before.VIP
	return w
}

func lists(before, after []string) *Step[[]string] {
	if slices.Equal(before, after) {
		return nil
	}
	return &Step[[]string]{before, after}
}

// IdentityText is an identity as Wrote has it.
func IdentityText(id contact.Identity) string { return string(id.Kind) + ":" + id.Value }

func identityOf(text string) contact.Identity {
	kind, value, _ := strings.Cut(text, ":")
	return contact.Identity{Kind: contact.IdentityKind(kind), Value: value}
}

// without are the elements of a list that another one has not.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}
