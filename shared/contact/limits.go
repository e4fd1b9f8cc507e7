package contact

import (
	"slices"

	"rubrica/shared/body"
	"rubrica/shared/field"
	"rubrica/shared/problem"
)

// overLimits are the limits that every contact breaks once the patch is applied.
// Of addresses and numbers it can be one more: the main one does not count.
func (p *Patch) overLimits() []problem.Field {
	given := Contact{}
	spare := map[string]int{"email": 1, "phone": 1}
	for _, s := range p.texts {
		if s.member.Name == "email" || s.member.Name == "phone" {
			*s.member.Text(&given) = s.value
			spare[s.member.Name] = 0
		}
	}
	var over []problem.Field
	check := func(field string, n, most, spare int) {
		if n > most+spare {
			over = append(over, problem.Field{Field: field, Code: body.CodeTooMany, Detail: tooMany(n-spare, most)})
		}
	}
	for _, s := range p.others {
		switch name := s.member.Name; s.member.shape {
		case emailsShape:
			check(name, len(distinct(s.values, given.Email, EmailIdentity)), MaxOthers, spare["email"])
		case phonesShape:
			check(name, len(distinct(s.values, given.Phone, PhoneIdentity)), MaxOthers, spare["phone"])
		case followersShape:
			check(name, len(distinct(s.values, "", userIdentity)), MaxFollowers, 0)
		}
	}
	systems := 0
	for _, s := range p.systems {
		if s.key != "" {
			systems++
		}
	}
	check("externalIds", systems, MaxExternalIDs, 0)
	return over
}

// userIdentity tells followers apart.
func userIdentity(s string) Identity { return Identity{Value: s} }

// settle keeps every identity once, the main one first, lists sorted out, and
// says which limits the contact breaks.
func (c *Contact) settle() error {
	c.OtherEmails = distinct(c.OtherEmails, c.Email, EmailIdentity)
	c.OtherPhones = distinct(c.OtherPhones, c.Phone, PhoneIdentity)
	c.Followers = distinct(c.Followers, "", userIdentity)
	if len(c.ExternalIDs) == 0 {
		c.ExternalIDs = nil
	}
	if c.LostIDs = slices.DeleteFunc(c.LostIDs, func(s string) bool {
		system, key := SplitExternal(s)
		return c.ExternalIDs[system] == key
	}); len(c.LostIDs) == 0 {
		c.LostIDs = nil
	}
	if len(c.Origins) == 0 {
		c.Origins = nil
	}
	if len(c.Fields) == 0 {
		c.Fields = nil
	}
	var over []problem.Field
	if c.valueBytes() > field.MaxValues {
		over = append(over, tooManyValues())
	}
	check := func(field string, n, most int) {
		if n > most {
			over = append(over, problem.Field{Field: field, Code: body.CodeTooMany, Detail: tooMany(n, most)})
		}
	}
	check("otherEmails", len(c.OtherEmails), MaxOthers)
	check("otherPhones", len(c.OtherPhones), MaxOthers)
	check("externalIds", len(c.ExternalIDs), MaxExternalIDs)
	check("followers", len(c.Followers), MaxFollowers)
	check("tags", len(c.Tags), MaxTags)
	return problem.Invalid(over...)
}

// distinct keeps the first of each identity that is not the main one's.
func distinct(values []string, main string, identity func(string) Identity) []string {
	if len(values) == 0 {
		return nil
	}
	seen := make(map[Identity]bool, len(values)+1)
	if main != "" {
		seen[identity(main)] = true
	}
	kept := make([]string, 0, len(values))
	for _, v := range values {
		if id := identity(v); !seen[id] {
			seen[id] = true
			kept = append(kept, v)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}
