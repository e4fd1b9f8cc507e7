package contact

import (
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Value is what a contact has of a member with one value, with where it came
// from. The zero Value is unset. It is comparable.
type Value struct {
	// Text is a text as it is kept, and JSON of all else.
	Text   string `json:"text,omitzero"`
	Origin Origin `json:"origin,omitzero"`
}

// Names of members with one value that are no texts, as Value takes them.
const (
	StatusMember     = "status"
	VIPMember        = "vip"
	CompanyMember    = "companyId"
	ProfileMember    = "profile"
	ValidationMember = "validation"
	// FieldPrefix begins the name of a custom value, before its definition's id.
	FieldPrefix = "fields."
)

// Single tells whether a member of this name, of those that a body may carry, has
// one value: a text, the company, the status, VIP. Custom fields are for their
// definitions to say.
func Single(name string) bool {
	m := byName[name]
	return m != nil && (m.Text != nil || m.shape == companyShape || m.shape == statusShape || m.shape == flagShape)
}

// Values returns what the contact has of every member with one value: texts, the
// company, profile, validation, custom values by the ids of their definitions.
// What is unset is left out; so are status and VIP, which always have a value.
func (c *Contact) Values() map[string]Value {
	values := map[string]Value{}
	add := func(name string) {
		if v := c.Value(name); v.Text != "" {
			values[name] = v
		}
	}
	for i := range members {
		if members[i].Text != nil {
			add(members[i].Name)
		}
	}
	add(CompanyMember)
	add(ProfileMember)
	add(ValidationMember)
	for id := range c.Fields {
		add(FieldPrefix + id)
	}
	return values
}

// Value returns what the contact has of one such member, of status or VIP too.
func (c *Contact) Value(name string) Value {
	v := Value{Origin: c.Origins[name]}
	if m := byName[name]; m != nil && m.Text != nil {
		v.Text = *m.Text(c)
		return v
	}
	switch id, custom := strings.CutPrefix(name, FieldPrefix); {
	case custom:
		v.Text = string(c.Fields[id])
	case name == CompanyMember:
		v.Text = c.CompanyID
	case name == StatusMember:
		v.Text = c.Status()
	case name == VIPMember:
		v.Text = flagText(c.VIP)
	case name == ProfileMember && c.Profile != (Profile{}):
		v.Text = jsonText(c.Profile)
	case name == ValidationMember && c.Validation != (Validation{}):
		v.Text = jsonText(c.Validation)
	}
	return v
}

// With returns the contact with other values of such members; a zero Value unsets.
// Its identities are put in order by Settled.
func (c Contact) With(values map[string]Value) Contact {
	c = c.Clone()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		c.set(name, values[name])
	}
	return c
}

func (c *Contact) set(name string, v Value) {
	c.from(name, v.Origin)
	if m := byName[name]; m != nil && m.Text != nil {
		*m.Text(c) = v.Text
		return
	}
	switch id, custom := strings.CutPrefix(name, FieldPrefix); {
	case custom && v.Text == "":
		delete(c.Fields, id)
	case custom:
		if c.Fields == nil {
			c.Fields = map[string]jsontext.Value{}
		}
		c.Fields[id] = jsontext.Value(v.Text)
	case name == CompanyMember:
		c.CompanyID = v.Text
	case name == StatusMember:
		c.Inactive = v.Text == Inactive
	case name == VIPMember:
		c.VIP = v.Text == flagText(true)
	case name == ProfileMember:
		if c.Profile = (Profile{}); v.Text != "" {
			_ = readJSON(v.Text, &c.Profile) // written by jsonText
		}
	case name == ValidationMember:
		if c.Validation = (Validation{}); v.Text != "" {
			_ = readJSON(v.Text, &c.Validation)
		}
	}
}

// Settled returns the contact with every identity once, the main one first, and a
// derived country that follows the phone, which was another one before. The error
// names each limit that it breaks.
func (c Contact) Settled(phoneBefore string) (Contact, error) {
	c.deriveCountry(phoneBefore)
	return c, c.settle()
}

func flagText(on bool) string {
	if on {
		return "true"
	}
	return "false"
}

func jsonText(value any) string {
	b, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings and times are always JSON
	}
	return string(b)
}
