package contact

import (
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/body"
	"rubrica/shared/field"
	"rubrica/shared/problem"
)

// Resolve checks the patch's custom values against the workspace's fields, and
// returns all that is wrong with them. Apply wants it called before.
func (p *Patch) Resolve(fields *field.Set) []problem.Field {
	p.known = fields
	var errs []problem.Field
	for i := range p.customs {
		c := &p.customs[i]
		path := body.Join("fields", c.key)
		d, ok := fields.CustomField(c.key)
		if !ok {
			errs = append(errs, problem.Field{Field: path, Code: "unknown_field", Detail: "The workspace has no custom field with this key."})
			continue
		}
		value, wrong := d.Value(path, c.sent)
		c.id, c.value = d.ID, value
		errs = append(errs, wrong...)
	}
	return errs
}

// NeedsFields tells whether Resolve wants the workspace's fields at all.
func (p *Patch) NeedsFields() bool { return len(p.customs) > 0 }

// applyFields sets custom values, and drops those of fields that are no more.
func (p *Patch) applyFields(c *Contact) {
	if p.noFields {
		c.Fields = nil
	}
	for _, set := range p.customs {
		if set.value == nil {
			delete(c.Fields, set.id)
			continue
		}
		if c.Fields == nil {
			c.Fields = map[string]jsontext.Value{}
		}
		c.Fields[set.id] = set.value
	}
	if p.known == nil {
		return
	}
	for id := range c.Fields {
		if _, ok := p.known.CustomID(id); !ok {
			delete(c.Fields, id)
		}
	}
}

// tooManyValues says whether the custom values are more than a contact can have.
func (c *Contact) tooManyValues() bool {
	n := 0
	for id, v := range c.Fields {
		n += len(id) + len(v)
	}
	return n > field.MaxValues
}

// custom returns the custom values by key, leaving out those of deleted fields.
func (c *Contact) custom(fields *field.Set) map[string]jsontext.Value {
	if len(c.Fields) == 0 || fields == nil {
		return nil
	}
	byKey := make(map[string]jsontext.Value, len(c.Fields))
	for id, v := range c.Fields {
		if d, ok := fields.CustomID(id); ok {
			byKey[d.Key] = v
		}
	}
	return byKey
}
