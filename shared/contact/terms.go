package contact

import (
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/field"
	"rubrica/shared/tag"
)

// Terms are a workspace's own words for what its contacts carry by ids: fields,
// tags, companies. What they do not know of is not shown.
type Terms struct {
	Fields *field.Set
	// Names are those of tags and companies by id; "" is one that was deleted. There
	// may be more of them in the workspace.
	Names map[string]string
}

// Named are the ids of what the contact carries by a name: its tags, its company.
func (c *Contact) Named() []string {
	if c.CompanyID == "" {
		return c.Tags
	}
	return append(slices.Clone(c.Tags), c.CompanyID)
}

// KnownTo tells whether the fields are new enough to say what each of the
// contact's custom values is.
func (c *Contact) KnownTo(fields *field.Set) bool {
	for id := range c.Fields {
		if !fields.Knows(id) {
			return false
		}
	}
	return true
}

// WithoutDeleted returns the contact without what is no more: values of fields,
// tags, the company. What is newer than the terms stays.
func (c Contact) WithoutDeleted(t *Terms) Contact {
	gone := func(id string, _ jsontext.Value) bool {
		_, there := t.Fields.CustomID(id)
		return !there && t.Fields.Knows(id)
	}
	for id := range c.Fields {
		if gone(id, nil) {
			c.Fields = maps.Clone(c.Fields)
			maps.DeleteFunc(c.Fields, gone)
			break
		}
	}
	if len(c.Fields) == 0 {
		c.Fields = nil
	}
	nameless := func(id string) bool { name, known := t.Names[id]; return known && name == "" }
	if slices.ContainsFunc(c.Tags, nameless) {
		c.Tags = slices.DeleteFunc(slices.Clone(c.Tags), nameless)
	}
	if len(c.Tags) == 0 {
		c.Tags = nil
	}
	if nameless(c.CompanyID) {
		c.CompanyID = ""
	}
	return c
}

// company is the id of the contact's company, "" if it was deleted.
func (c *Contact) company(t *Terms) string {
	if t.Names[c.CompanyID] == "" {
		return ""
	}
	return c.CompanyID
}

// custom returns the custom values by key, leaving out those of deleted fields.
func (c *Contact) custom(t *Terms) map[string]jsontext.Value {
	if len(c.Fields) == 0 || t.Fields == nil {
		return nil
	}
	byKey := make(map[string]jsontext.Value, len(c.Fields))
	for id, v := range c.Fields {
		if d, ok := t.Fields.CustomID(id); ok {
			byKey[d.Key] = v
		}
	}
	return byKey
}

// TagsClash tells whether the terms give two of the contact's tags one name: then
// they are older than the contact, for no two tags have it at one time.
func (c *Contact) TagsClash(t *Terms) bool {
	if len(c.Tags) < 2 {
		return false
	}
	folded := make([]string, 0, len(c.Tags))
	for _, id := range c.Tags {
		if name := t.Names[id]; name != "" {
			folded = append(folded, tag.Fold(name))
		}
	}
	slices.Sort(folded)
	return len(slices.Compact(folded)) < len(folded)
}

// tagNames returns the names of the contact's tags, sorted without case.
func (c *Contact) tagNames(t *Terms) []string {
	names := make([]string, 0, len(c.Tags))
	for _, id := range c.Tags {
		if name := t.Names[id]; name != "" {
			names = append(names, name)
		}
	}
	if len(names) > 1 {
		slices.SortFunc(names, func(a, b string) int { return strings.Compare(tag.Fold(a), tag.Fold(b)) })
	}
	return names
}

// MemberName is how the wire names a member that Value takes; "" if that is a
// value of a field that was deleted.
func (t *Terms) MemberName(name string) string {
	id, custom := strings.CutPrefix(name, FieldPrefix)
	if !custom {
		return name
	}
	if d, ok := t.Fields.CustomID(id); ok {
		return FieldPrefix + d.Key
	}
	return ""
}
