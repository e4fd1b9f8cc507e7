package contact

import (
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Change is one member that differs between two states of a contact. Absent
// values are nil; text is a string, lists are []string, flags bool.
type Change struct {
	Field string `json:"field"`
	From  any    `json:"from,omitempty"`
	To    any    `json:"to,omitempty"`
}

// Compare lists what differs, in the order of the contract's example. A created
// contact is compared with the zero Contact, a deleted one the other way round.
// Version, times and origins are no members and never listed: when they alone
// differ the user sees no change. Custom values and tags go by the terms; those of
// deleted fields and tags are none.
func Compare(before, after *Contact, terms *Terms) []Change {
	var changes []Change
	add := func(field string, from, to any) { changes = append(changes, Change{field, from, to}) }
	for i := range members {
		m := &members[i]
		switch {
		case m.Text != nil:
			if from, to := *m.Text(before), *m.Text(after); from != to {
				add(m.Name, orNil(from), orNil(to))
			}
		case m.shape == emailsShape:
			addList(add, m.Name, before.OtherEmails, after.OtherEmails)
		case m.shape == phonesShape:
			addList(add, m.Name, before.OtherPhones, after.OtherPhones)
		case m.shape == followersShape:
			addList(add, m.Name, before.Followers, after.Followers)
		case m.shape == externalIDsShape:
			addSystems(add, before.ExternalIDs, after.ExternalIDs)
		case m.shape == companyShape:
			if from, to := before.company(terms), after.company(terms); from != to {
				add(m.Name, orNil(from), orNil(to))
			}
		case m.shape == profileShape:
			before.Profile.compare(add, after.Profile)
		case m.shape == validationShape:
			before.Validation.compare(add, after.Validation)
		case m.shape == dndShape:
			before.compareConsent(add, after)
		case m.shape == blockedShape:
			before.compareBlock(add, after)
		case m.shape == tagsShape:
			addList(add, m.Name, before.tagNames(terms), after.tagNames(terms))
		case m.shape == fieldsShape:
			addFields(add, before.custom(terms), after.custom(terms))
		case m.shape == statusShape:
			if before.Inactive != after.Inactive {
				add(m.Name, before.orNothing(before.Status()), after.Status())
			}
		case m.shape == flagShape:
			if before.VIP != after.VIP {
				add(m.Name, before.orNothing(before.VIP), after.VIP)
			}
		}
	}
	return changes
}

// orNothing is the value, nil of a contact that is not there: what was created
// has no from.
func (c *Contact) orNothing(value any) any {
	if !c.Exists() {
		return nil
	}
	return value
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func addList(add func(string, any, any), field string, from, to []string) {
	if slices.Equal(from, to) {
		return
	}
	value := func(list []string) any {
		if len(list) == 0 {
			return nil
		}
		return list
	}
	add(field, value(from), value(to))
}

// addSystems makes one change of all external ids.
func addSystems(add func(string, any, any), from, to map[string]string) {
	if maps.Equal(from, to) {
		return
	}
	value := func(ids map[string]string) any {
		if len(ids) == 0 {
			return nil
		}
		return ids
	}
	add("externalIds", value(from), value(to))
}

func addFields(add func(string, any, any), from, to map[string]jsontext.Value) {
	keys := maps.Clone(from)
	if keys == nil {
		keys = map[string]jsontext.Value{}
	}
	maps.Copy(keys, to)
	value := func(v jsontext.Value) any {
		if v == nil {
			return nil
		}
		return v
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if string(from[key]) != string(to[key]) {
			add("fields."+key, value(from[key]), value(to[key]))
		}
	}
}

// SplitExternal splits "system:key".
func SplitExternal(s string) (system, key string) {
	system, key, _ = strings.Cut(s, ":")
	return system, key
}
