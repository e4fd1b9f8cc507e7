package filter

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/body"
	"rubrica/shared/consent"
	"rubrica/shared/contact"
	"rubrica/shared/field"
	"rubrica/shared/format"
	"rubrica/shared/instant"
)

// member is what a leaf looks at.
type member struct {
	kind *kind
	// some tells whether one of the contact's values fits; of a contact without
	// any, none does.
	some func(c *contact.Contact, t *contact.Terms, fits func(operand) bool) bool
	// byName says that it needs to know names of tags or companies.
	byName bool
}

// one is a member with one text, "" for none.
func one(k *kind, of func(*contact.Contact) string) member {
	return member{kind: k, some: func(c *contact.Contact, _ *contact.Terms, fits func(operand) bool) bool {
		s := of(c)
		return s != "" && fits(k.of(s))
	}}
}

// set is a member with several texts.
func set(k *kind, of func(*contact.Contact) []string) member {
	return member{kind: k, some: func(c *contact.Contact, _ *contact.Terms, fits func(operand) bool) bool {
		for _, s := range of(c) {
			if fits(k.of(s)) {
				return true
			}
		}
		return false
	}}
}

// truth is a member that is always true or false.
func truth(of func(*contact.Contact) bool) member {
	return member{kind: flag, some: func(c *contact.Contact, _ *contact.Terms, fits func(operand) bool) bool {
		return fits(truthOf(of(c)))
	}}
}

func truthOf(is bool) operand {
	if is {
		return operand{number: 1}
	}
	return operand{}
}

// at is a member with a time, zero for none.
func at(of func(*contact.Contact) instant.Instant) member {
	return member{kind: days, some: func(c *contact.Contact, _ *contact.Terms, fits func(operand) bool) bool {
		i := of(c)
		return i != 0 && fits(operand{at: moment{Instant: i}})
	}}
}

// there is a member that only is there or not.
func there(is func(*contact.Contact) bool) member {
	return member{kind: presence, some: func(c *contact.Contact, _ *contact.Terms, fits func(operand) bool) bool {
		return is(c) && fits(operand{})
	}}
}

// standard are the members of a contact by the names of the contract, and those of
// their own members that are worth asking for; never changed.
var standard = map[string]member{
	"id":             one(identifier, func(c *contact.Contact) string { return c.ID }),
	"version":        {kind: number, some: version},
	"firstName":      one(text, func(c *contact.Contact) string { return c.FirstName }),
	"lastName":       one(text, func(c *contact.Contact) string { return c.LastName }),
	"name":           one(text, (*contact.Contact).Name),
	"email":          one(emails, func(c *contact.Contact) string { return c.Email }),
	"phone":          one(phones, func(c *contact.Contact) string { return c.Phone }),
	"otherEmails":    set(emails, func(c *contact.Contact) []string { return c.OtherEmails }),
	"otherPhones":    set(phones, func(c *contact.Contact) []string { return c.OtherPhones }),
	"externalIds":    {kind: identifier, some: externalKeys},
	"dateOfBirth":    {kind: days, some: born},
	"source":         one(text, func(c *contact.Contact) string { return c.Source }),
	"type":           one(text, func(c *contact.Contact) string { return c.Type }),
	"businessName":   one(text, func(c *contact.Contact) string { return c.BusinessName }),
	"streetAddress":  one(text, func(c *contact.Contact) string { return c.StreetAddress }),
	"city":           one(text, func(c *contact.Contact) string { return c.City }),
	"state":          one(text, func(c *contact.Contact) string { return c.State }),
	"postalCode":     one(text, func(c *contact.Contact) string { return c.PostalCode }),
	"country":        one(text, func(c *contact.Contact) string { return c.Country }),
	"website":        one(text, func(c *contact.Contact) string { return c.Website }),
	"timezone":       one(text, func(c *contact.Contact) string { return c.Timezone }),
	"language":       one(text, func(c *contact.Contact) string { return c.Language }),
	"department":     one(text, func(c *contact.Contact) string { return c.Department }),
	"description":    one(text, func(c *contact.Contact) string { return c.Description }),
	"companyId":      {kind: identifier, some: company, byName: true},
	"owner":          one(users, func(c *contact.Contact) string { return c.Owner }),
	"followers":      set(users, func(c *contact.Contact) []string { return c.Followers }),
	"status":         one(text, (*contact.Contact).Status),
	"vip":            truth(func(c *contact.Contact) bool { return c.VIP }),
	"tag":            {kind: tags, some: tagged, byName: true},
	"tags":           {kind: tags, some: tagged, byName: true},
	"channel":        set(text, channels),
	"blocked":        truth((*contact.Contact).IsBlocked),
	"blockedAt":      at(func(c *contact.Contact) instant.Instant { return c.Block.At }),
	"mergedIds":      set(identifier, func(c *contact.Contact) []string { return c.MergedIDs }),
	"createdAt":      at(func(c *contact.Contact) instant.Instant { return c.CreatedAt }),
	"updatedAt":      at(func(c *contact.Contact) instant.Instant { return c.UpdatedAt }),
	"firstCreatedAt": at(func(c *contact.Contact) instant.Instant { return c.FirstCreatedAt }),

	"validation":        there(func(c *contact.Contact) bool { return c.Validation != contact.Validation{} }),
	"validation.state":  one(text, func(c *contact.Contact) string { return c.Validation.State }),
	"validation.system": one(text, func(c *contact.Contact) string { return c.Validation.System }),
	"validation.at":     at(func(c *contact.Contact) instant.Instant { return c.Validation.At }),

	"profile":             there(func(c *contact.Contact) bool { return c.Profile != contact.Profile{} }),
	"profile.displayName": one(text, func(c *contact.Contact) string { return c.Profile.DisplayName }),
	"profile.avatarUrl":   one(text, func(c *contact.Contact) string { return c.Profile.AvatarURL }),
	"profile.network":     one(text, func(c *contact.Contact) string { return c.Profile.Network }),
	"profile.handle":      one(text, func(c *contact.Contact) string { return c.Profile.Handle }),
	"profile.url":         one(text, func(c *contact.Contact) string { return c.Profile.URL }),

	"conversation":        there(spoken),
	"conversation.status": one(text, func(c *contact.Contact) string { return c.Conversation.Status }),
	"conversation.unread": {kind: flag, some: func(c *contact.Contact, _ *contact.Terms, fits func(operand) bool) bool {
		return spoken(c) && fits(truthOf(c.Conversation.Unread))
	}},

	"dnd":          there(func(c *contact.Contact) bool { return switchedOff(c, consent.Flags...) }),
	"dnd.all":      truth(func(c *contact.Contact) bool { return switchedOff(c, consent.All) }),
	"dnd.email":    truth(func(c *contact.Contact) bool { return switchedOff(c, consent.Email) }),
	"dnd.messages": truth(func(c *contact.Contact) bool { return switchedOff(c, consent.Messages) }),
	"dnd.calls":    truth(func(c *contact.Contact) bool { return switchedOff(c, consent.Calls) }),
	"dnd.inbound":  truth(func(c *contact.Contact) bool { return switchedOff(c, consent.Inbound) }),
}

// memberOf finds the member that a leaf names. custom is the key of a custom
// field, whose member is only known with the workspace's definitions.
func memberOf(name string) (m member, custom string, ok bool) {
	if m, ok = standard[name]; ok {
		return m, "", true
	}
	switch of, key, _ := strings.Cut(name, "."); of {
	case "fields":
		return m, key, key != ""
	case "externalIds":
		system, err := format.ExternalSystem(key)
		return one(identifier, func(c *contact.Contact) string { return c.ExternalIDs[system] }), "", err == nil && system == key
	}
	return m, "", false
}

// channels are the kinds and the accounts of a contact's channels.
func channels(c *contact.Contact) []string {
	all := make([]string, 0, 2*len(c.Connections))
	for _, x := range c.Connections {
		all = append(all, string(x.Channel), x.Account)
	}
	return all
}

func version(c *contact.Contact, _ *contact.Terms, fits func(operand) bool) bool {
	return fits(operand{number: float64(c.Version)})
}

func externalKeys(c *contact.Contact, _ *contact.Terms, fits func(operand) bool) bool {
	for _, key := range c.ExternalIDs {
		if fits(identifier.of(key)) {
			return true
		}
	}
	return false
}

func born(c *contact.Contact, _ *contact.Terms, fits func(operand) bool) bool {
	day, ok := parseMoment(c.DateOfBirth)
	return ok && fits(operand{at: day})
}

// company is the contact's company; one that was deleted is none.
func company(c *contact.Contact, t *contact.Terms, fits func(operand) bool) bool {
	return t.Names[c.CompanyID] != "" && fits(identifier.of(c.CompanyID))
}

// tagged are the contact's tags, without those that were deleted.
func tagged(c *contact.Contact, t *contact.Terms, fits func(operand) bool) bool {
	for _, id := range c.Tags {
		name := t.Names[id]
		if name == "" {
			continue
		}
		o := tags.of(name)
		o.id = id
		if fits(o) {
			return true
		}
	}
	return false
}

func spoken(c *contact.Contact) bool { return c.Conversation != contact.Conversation{} }

func switchedOff(c *contact.Contact, flags ...consent.Flag) bool {
	for _, f := range flags {
		if c.DND[f].On {
			return true
		}
	}
	return false
}

// kinds are those of custom fields, by type; never changed.
var kinds = map[field.Type]*kind{
	field.Text: text, field.LongText: text, field.List: text, field.MultiList: text, field.URL: text,
	field.Number: number, field.Boolean: flag, field.Date: days, field.DateTime: days, field.Time: clock,
	field.Email: emails, field.Phone: phones, field.Currency: currency,
}

// customMember is a custom field.
func customMember(d *field.Definition) member {
	k, id, several := kinds[d.Type], d.ID, d.Type == field.MultiList
	return member{kind: k, some: func(c *contact.Contact, _ *contact.Terms, fits func(operand) bool) bool {
		kept, ok := c.Fields[id]
		if !ok {
			return false
		}
		values := []jsontext.Value{kept}
		if several {
			values = body.Elements(kept)
		}
		for _, v := range values {
			if o, wrong := k.readKept(v); wrong == nil && fits(o) {
				return true
			}
		}
		return false
	}}
}
