package contact

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/body"
	"rubrica/shared/tag"
)

// Tags are the names or ids of the tags that a patch adds; the ledger says what
// they are.
func (p *Patch) Tags() []string { return p.tags }

// ReadTags takes an array of names or ids of tags, each once, at most
// tag.MaxPerCall of them; null is none.
func ReadTags(form *body.Form, name string, v jsontext.Value) []string {
	if v.Kind() == 'n' || string(v) == `""` {
		return nil
	}
	if v.Kind() != '[' {
		form.Refuse(name, body.CodeType, `Must be an array of names or ids, such as ["vip"].`)
		return nil
	}
	elements := body.Elements(v)
	if len(elements) > tag.MaxPerCall {
		form.Refuse(name, body.CodeTooMany, tooMany(len(elements), tag.MaxPerCall))
		return nil
	}
	var tags []string
	for i, e := range elements {
		s, ok := body.Text(e)
		if !ok {
			form.Refuse(body.Index(name, i), body.CodeType, "Must be a string.")
			continue
		}
		s, err := tag.ParseName(s)
		if err != nil {
			refuse(form, body.Index(name, i), err)
			continue
		}
		if !slices.Contains(tags, s) {
			tags = append(tags, s)
		}
	}
	return tags
}

// WithTags gives the contact tags; those that it has change nothing. Whether it
// has too many of them is looked at by whatever is applied next.
func (c Contact) WithTags(ids []string) Contact {
	for _, id := range ids {
		if !slices.Contains(c.Tags, id) {
			c.Tags = append(slices.Clone(c.Tags), id)
		}
	}
	return c
}

// WithoutTag takes a tag from the contact; one that it has not changes nothing.
func (c Contact) WithoutTag(id string) Contact {
	if !c.Tagged(id) {
		return c
	}
	c.Tags = slices.DeleteFunc(slices.Clone(c.Tags), func(x string) bool { return x == id })
	if len(c.Tags) == 0 {
		c.Tags = nil
	}
	return c
}

// Tagged tells whether the contact carries a tag.
func (c *Contact) Tagged(id string) bool { return slices.Contains(c.Tags, id) }

// Same leaves a contact as it is, and says which limits it breaks: for operations
// whose whole effect are tags.
func Same(c Contact) (Contact, error) {
	c = c.Clone()
	return c, c.settle()
}
