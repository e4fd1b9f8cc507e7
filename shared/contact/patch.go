package contact

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/body"
	"rubrica/shared/format"
	"rubrica/shared/problem"
	"rubrica/shared/ulid"
)

// Patch is a JSON merge patch (RFC 7396) of a contact whose every value has
// been checked by itself. It knows nothing of the contact it will be applied to.
type Patch struct {
	texts    []textSet
	others   []listSet // otherEmails, otherPhones, followers
	systems  []systemSet
	clearExt bool
	inactive *bool
	vip      *bool
	customs  []customSet
	noFields bool // all custom values are cleared
	tags     []string
	company  *string
	// keepCountry says that the country is not the caller's to derive; from Resolve.
	keepCountry bool
}

// customSet is a custom field's value as it was sent, and once Resolve has
// checked it, as it is kept; nil clears.
type customSet struct {
	key   string
	sent  jsontext.Value
	id    string
	value jsontext.Value
}

type textSet struct {
	member *Member
	value  string // "" clears
}

type listSet struct {
	member *Member
	values []string
}

type systemSet struct{ system, key string } // key "" removes

// ParsePatch takes the members of a body. Whatever is wrong with any of them is
// noted in the form; the patch is good only if form.Err is nil. readOnly names
// members that a contact has but this body may not carry.
func ParsePatch(form *body.Form, readOnly ...string) Patch {
	var p Patch
	for _, m := range form.Members() {
		member, ok := byName[m.Name]
		switch {
		case !ok:
			form.Refuse(m.Name, body.CodeUnknown, "A contact has no member of this name; letter case counts.")
		case slices.Contains(readOnly, m.Name):
			refuseReadOnly(form, m.Name)
		default:
			p.read(form, member, m.Value)
		}
	}
	form.Add(p.overLimits()...)
	return p
}

// ParseNew is ParsePatch for the body of a new contact: what it lacks will not be
// there, so that every limit it breaks is told with all else that is wrong.
func ParseNew(form *body.Form) Patch {
	p := ParsePatch(form)
	if _, err := p.Apply(Contact{}); err != nil {
		for _, f := range problem.Of(err).Fields {
			if !form.Refused(f.Field) {
				form.Add(f)
			}
		}
	}
	return p
}

func refuseReadOnly(form *body.Form, name string) {
	form.Refuse(name, body.CodeReadOnly, "This member cannot be set; leave it out.")
}

func (p *Patch) read(form *body.Form, m *Member, v jsontext.Value) {
	cleared := v.Kind() == 'n'
	switch m.shape {
	case readOnlyShape, profileShape, validationShape, dndShape, blockedShape:
		refuseReadOnly(form, m.Name)
	case textShape:
		s, ok := optionalText(form, m.Name, v)
		if !ok {
			return
		}
		if s != "" {
			var err error
			if s, err = m.Format(s); err != nil {
				refuse(form, m.Name, err)
				return
			}
		}
		p.texts = append(p.texts, textSet{m, s})
	case emailsShape:
		p.readList(form, m, v, checkEmail)
	case phonesShape:
		p.readList(form, m, v, checkPhone)
	case followersShape:
		p.readList(form, m, v, checkUser)
	case externalIDsShape:
		p.readSystems(form, m, v)
	case statusShape:
		s, ok := optionalText(form, m.Name, v)
		if ok && s != "" && s != Active && s != Inactive {
			form.Refuse(m.Name, body.CodeChoice, "Must be active or inactive.")
			return
		}
		if ok {
			p.inactive = new(s == Inactive)
		}
	case flagShape:
		s, isText := body.Text(v)
		if k := v.Kind(); k != 't' && k != 'f' && !cleared && !(isText && s == "") {
			form.Refuse(m.Name, body.CodeType, "Must be true or false.")
			return
		}
		p.vip = new(v.Kind() == 't')
	case companyShape:
		switch s, ok := optionalText(form, m.Name, v); {
		case !ok:
		case s != "" && !ulid.Valid(s):
			form.Add(UnknownCompany())
		default:
			p.company = &s
		}
	case tagsShape:
		p.tags = ReadTags(form, m.Name, v)
	case fieldsShape:
		p.readFields(form, m, v)
	}
}

// readFields takes custom values; whether they are right, Resolve says, which
// knows the workspace's fields.
func (p *Patch) readFields(form *body.Form, m *Member, v jsontext.Value) {
	switch {
	case v.Kind() == 'n', string(v) == `""`:
		p.noFields = true
	case v.Kind() == '{':
		for _, f := range body.Members(v) {
			p.customs = append(p.customs, customSet{key: f.Name, sent: f.Value})
		}
	default:
		form.Refuse(m.Name, body.CodeType, `Must be an object such as {"score": 12}, or null.`)
	}
}

// optionalText takes a string, or null for "".
func optionalText(form *body.Form, name string, v jsontext.Value) (string, bool) {
	if v.Kind() == 'n' {
		return "", true
	}
	s, ok := body.Text(v)
	if !ok {
		form.Refuse(name, body.CodeType, "Must be a string, or null.")
		return "", false
	}
	return strings.TrimSpace(s), true
}

// readList takes an array; its limit is checked on the result, because repeats
// count once.
func (p *Patch) readList(form *body.Form, m *Member, v jsontext.Value, check func(string) (string, error)) {
	if v.Kind() == 'n' || string(v) == `""` {
		p.others = append(p.others, listSet{member: m})
		return
	}
	if v.Kind() != '[' {
		form.Refuse(m.Name, body.CodeType, "Must be an array of strings, or null.")
		return
	}
	var values []string
	for i, e := range body.Elements(v) {
		s, ok := body.Text(e)
		if !ok {
			form.Refuse(body.Index(m.Name, i), body.CodeType, "Must be a string.")
			continue
		}
		s, err := check(strings.TrimSpace(s))
		if err != nil {
			refuse(form, body.Index(m.Name, i), err)
			continue
		}
		values = append(values, s)
	}
	p.others = append(p.others, listSet{m, values})
}

func (p *Patch) readSystems(form *body.Form, m *Member, v jsontext.Value) {
	if v.Kind() == 'n' || string(v) == `""` {
		p.clearExt = true
		return
	}
	if v.Kind() != '{' {
		form.Refuse(m.Name, body.CodeType, `Must be an object such as {"sap": "K-17"}, or null.`)
		return
	}
	for _, e := range body.Members(v) {
		path := body.Join(m.Name, e.Name)
		system, err := format.ExternalSystem(e.Name)
		if err != nil {
			refuse(form, path, err)
			continue
		}
		key, ok := optionalText(form, path, e.Value)
		if !ok {
			continue
		}
		if key != "" {
			if key, err = format.ExternalKey(key); err != nil {
				refuse(form, path, err)
				continue
			}
		}
		p.systems = append(p.systems, systemSet{system, key})
	}
}

func refuse(form *body.Form, path string, err error) {
	if f, ok := fieldError(path, err); ok {
		form.Refuse(f.Field, f.Code, f.Detail)
		return
	}
	form.Refuse(path, body.CodeInvalid, "Is not valid.")
}

// Refusal is the problem.Validation that names the member a format error is
// about; any other error it returns as it is.
func Refusal(path string, err error) error {
	if f, ok := fieldError(path, err); ok {
		return problem.Invalid(f)
	}
	return err
}

// fieldError names the member that a format error is about.
func fieldError(path string, err error) (problem.Field, bool) {
	e, ok := errors.AsType[*format.Error](err)
	if !ok {
		return problem.Field{}, false
	}
	return problem.Field{Field: path, Code: e.Code, Detail: e.Detail}, true
}

// Apply returns the contact as the patch, made by hand, leaves it. Only limits
// can be broken here: they are those of the result.
//
// A country that nobody set follows the phone (C4, api.md "Country"): null
// clears it, the next change of the phone derives it again. One that another
// integration manages (C6) stays as it is: the phone can be changed all the same.
func (p Patch) Apply(before Contact) (Contact, error) {
	c := before.Clone()
	creating := !before.Exists()
	for _, set := range p.texts {
		if creating && set.value == "" {
			continue // on creation null and "" mean unset, not cleared
		}
		*set.member.Text(&c) = set.value
		c.from(set.member.Name, "")
	}
	for _, set := range p.others {
		switch set.member.shape {
		case emailsShape:
			c.OtherEmails = set.values
		case phonesShape:
			c.OtherPhones = set.values
		case followersShape:
			c.Followers = set.values
		}
	}
	if p.clearExt {
		c.ExternalIDs = nil
	}
	for _, set := range p.systems {
		if set.key == "" {
			delete(c.ExternalIDs, set.system)
			continue
		}
		if c.ExternalIDs == nil {
			c.ExternalIDs = map[string]string{}
		}
		c.ExternalIDs[set.system] = set.key
	}
	if p.inactive != nil {
		c.Inactive = *p.inactive
	}
	if p.vip != nil {
		c.VIP = *p.vip
	}
	if p.company != nil {
		c.CompanyID = *p.company
	}
	p.applyFields(&c)
	if !p.sets("country", creating) && !p.keepCountry {
		if creating {
			before.Phone = "" // that of WithIdentity is as new as one of the patch
		}
		c.deriveCountry(before.Phone)
	}
	return c, c.settle()
}

// Company is the id of the company that the patch sets, "" if it sets none.
func (p *Patch) Company() string {
	if p.company == nil {
		return ""
	}
	return *p.company
}

// UnknownCompany is what is wrong with the id of a company that does not exist.
func UnknownCompany() problem.Field {
	return problem.Field{Field: "companyId", Code: "unknown_company", Detail: "There is no company with this id."}
}

// sets tells whether the patch says anything of a text member.
func (p *Patch) sets(member string, creating bool) bool {
	return slices.ContainsFunc(p.texts, func(s textSet) bool {
		return s.member.Name == member && !(creating && s.value == "")
	})
}

// Identities are all that the patch gives, each once.
func (p *Patch) Identities() []Identity {
	c := Contact{}
	for _, s := range p.texts {
		if s.member.Name == "email" || s.member.Name == "phone" {
			*s.member.Text(&c) = s.value
		}
	}
	for _, s := range p.others {
		switch s.member.shape {
		case emailsShape:
			c.OtherEmails = s.values
		case phonesShape:
			c.OtherPhones = s.values
		}
	}
	for _, s := range p.systems {
		if s.key != "" {
			if c.ExternalIDs == nil {
				c.ExternalIDs = map[string]string{}
			}
			c.ExternalIDs[s.system] = s.key
		}
	}
	_ = c.settle() // limits are another's to tell
	return c.Identities()
}

// Given returns the value that the patch gives the main member of an identity's
// kind, or the key it gives the identity's system; ok is false if it says
// nothing of it.
func (p *Patch) Given(id Identity) (given Identity, ok bool) {
	switch id.Kind {
	case ByEmail, ByPhone:
		for _, s := range p.texts {
			if s.member.Name != string(id.Kind) {
				continue
			}
			if s.value == "" {
				return Identity{Kind: id.Kind}, true
			}
			if id.Kind == ByEmail {
				return EmailIdentity(s.value), true
			}
			return PhoneIdentity(s.value), true
		}
	case ByExternal:
		system, _, _ := strings.Cut(id.Value, ":")
		for _, s := range p.systems {
			if s.system == system {
				return ExternalIdentity(s.system, s.key), true
			}
		}
		if p.clearExt {
			return Identity{Kind: ByExternal}, true
		}
	}
	return Identity{}, false
}

// deriveCountry lets a country that nobody set follow the phone.
func (c *Contact) deriveCountry(phoneBefore string) {
	if c.Phone == phoneBefore || c.Country != "" && c.Origins["country"] != Derived {
		return
	}
	c.Country = countryOf(c.Phone)
	if c.Country == "" {
		c.from("country", "")
	} else {
		c.from("country", Derived)
	}
}

// CountryFollows tells whether the country is the one that is derived from a phone.
func (c *Contact) CountryFollows(phone string) bool {
	return c.Origins["country"] == Derived && c.Country == countryOf(phone)
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
