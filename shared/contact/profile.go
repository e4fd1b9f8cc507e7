package contact

import (
	"github.com/go-json-experiment/json"

	"rubrica/shared/body"
	"rubrica/shared/field"
	"rubrica/shared/format"
	"rubrica/shared/instant"
	"rubrica/shared/object"
)

// Profile is how a contact shows itself on a channel (C8). The zero Profile is none.
type Profile struct {
	DisplayName string `json:"displayName,omitzero"`
	AvatarURL   string `json:"avatarUrl,omitzero"`
	Network     string `json:"network,omitzero"`
	Handle      string `json:"handle,omitzero"`
	URL         string `json:"url,omitzero"`
}

// profileMembers in the order of the contract's example.
var profileMembers = []struct {
	name  string
	at    func(*Profile) *string
	check func(string) (string, error)
}{
	{"displayName", func(p *Profile) *string { return &p.DisplayName }, format.Text},
	{"avatarUrl", func(p *Profile) *string { return &p.AvatarURL }, format.URL},
	{"network", func(p *Profile) *string { return &p.Network }, format.Text},
	{"handle", func(p *Profile) *string { return &p.Handle }, format.Text},
	{"url", func(p *Profile) *string { return &p.URL }, format.URL},
}

func (p Profile) compare(add func(field string, from, to any), after Profile) {
	for _, m := range profileMembers {
		if from, to := *m.at(&p), *m.at(&after); from != to {
			add("profile."+m.name, orNil(from), orNil(to))
		}
	}
}

func (p Profile) write(w *object.Writer) {
	if p != (Profile{}) {
		appendJSON(w, "profile", p)
	}
}

func (p *Profile) read(value string) error { return json.Unmarshal([]byte(value), p) }

// appendJSON writes a member that few contacts have.
func appendJSON(w *object.Writer, name string, value any) {
	b, err := json.Marshal(value, json.Deterministic(true))
	if err != nil {
		panic(err) // strings and times are always JSON
	}
	w.Name(name)
	w.Bytes = append(w.Bytes, b...)
}

// Validation is whether a CRM knows the contact, and which one (C9). The zero
// Validation is that nobody has looked.
type Validation struct {
	State  string          `json:"state"`
	System string          `json:"system"`
	At     instant.Instant `json:"at"`
}

// The states of a Validation.
const (
	Validated    = "validated"
	NotValidated = "notValidated"
)

func (v Validation) compare(add func(field string, from, to any), after Validation) {
	if v.State != after.State {
		add("validation.state", orNil(v.State), orNil(after.State))
	}
	if v.System != after.System {
		add("validation.system", orNil(v.System), orNil(after.System))
	}
}

func (v Validation) write(w *object.Writer) {
	if v != (Validation{}) {
		appendJSON(w, "validation", v)
	}
}

func (v *Validation) read(value string) error { return json.Unmarshal([]byte(value), v) }

// offered are the members whose values a channel gives besides its profile; each
// remembers where its value came from.
var offered = []string{"firstName", "lastName", "email", "phone", "country", "language"}

// Offer is what a channel or a CRM says of a contact. What a hand wrote it never
// replaces.
type Offer struct {
	from    Origin
	texts   []textSet
	profile *Profile
	// managed are the members that a CRM clears where it gives them no more.
	managed []*Member
	state   *Validation
	// keepCountry says that the country is not to be derived; from Resolve, or Without.
	keepCountry bool
}

// ReadProfile takes the body of a channel's profile: what a contact shows there,
// which replaces all that was shown before, and what else the channel knows.
func ReadProfile(form *body.Form) Offer {
	o := Offer{from: Channel, profile: &Profile{}}
	for _, m := range profileMembers {
		*m.at(o.profile), _ = form.Parsed(m.name, m.check)
	}
	for _, name := range offered {
		if s, _ := form.Parsed(name, byName[name].Format); s != "" {
			o.texts = append(o.texts, textSet{byName[name], s})
		}
	}
	return o
}

// ReadValidation takes the body of a CRM's answer: whether it knows the contact,
// the members that it manages, and their values.
func ReadValidation(form *body.Form) Offer {
	o := Offer{from: CRM, state: &Validation{}}
	o.state.State = form.Choice("state", Validated, NotValidated)
	form.Require("state", o.state.State != "" || form.Refused("state"))
	form.Strings("managed", len(members), func(path, name string) {
		m := byName[name]
		if m == nil || m.Text == nil || name == "owner" {
			form.Refuse(path, body.CodeChoice, "Must be a member of a contact with a text for a value, such as email; owner is none that a CRM manages.")
			return
		}
		o.managed = append(o.managed, m)
	})
	if values := form.Object("values"); values != nil {
		for _, given := range values.Members() {
			m := byName[given.Name]
			if m == nil || m.Text == nil || given.Name == "owner" {
				values.Refuse(given.Name, body.CodeUnknown, "A CRM gives members of a contact that have a text for a value, but not its owner.")
				continue
			}
			s, ok := optionalText(values, given.Name, given.Value)
			if !ok || s == "" {
				continue
			}
			s, err := m.Format(s)
			if err != nil {
				refuse(values, given.Name, err)
				continue
			}
			o.texts = append(o.texts, textSet{m, s})
		}
	}
	return o
}

// Resolve says whose the offer is, as Patch.Resolve does: Apply wants it called before
// where the contact's managed members are to be heeded.
func (o *Offer) Resolve(fields *field.Set, integration string) {
	o.keepCountry = managedCountry(fields, integration)
}

// Identities are those that the offer may give.
func (o *Offer) Identities() []Identity {
	p := Patch{texts: o.texts}
	return p.Identities()
}

// Apply returns the contact as the offer leaves it (C8, C9; api.md, "Provenance").
// system is who validates, at is when.
func (o *Offer) Apply(before Contact, system string, at instant.Instant) (Contact, error) {
	c := before.Clone()
	if o.profile != nil {
		c.Profile = *o.profile
	}
	given := map[string]bool{}
	for _, set := range o.texts {
		given[set.member.Name] = true
		if value := set.member.Text(&c); *value == "" || o.replaces(c.Origins[set.member.Name]) {
			*value = set.value
			c.from(set.member.Name, o.from)
		}
	}
	for _, m := range o.managed {
		if !given[m.Name] && c.Origins[m.Name] == CRM {
			*m.Text(&c) = ""
			c.from(m.Name, "")
		}
	}
	if o.state != nil && (c.Validation.State != o.state.State || c.Validation.System != system) {
		c.Validation = Validation{o.state.State, system, at}
	}
	if !o.keepCountry {
		c.deriveCountry(before.Phone)
	}
	return c, c.settle()
}

// replaces tells whether the offer replaces a value of that origin: a CRM's a
// derived one, a channel's and its own; a channel's only a derived one.
func (o *Offer) replaces(origin Origin) bool {
	return origin == Derived || o.from == CRM && (origin == Channel || origin == CRM)
}
