package contact

import (
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/body"
	"rubrica/shared/field"
	"rubrica/shared/problem"
)

// Resolve checks the patch's custom values against the workspace's fields, and
// returns all that is wrong with them. integration is who calls, "" if it is none.
// Apply wants it called before.
func (p *Patch) Resolve(fields *field.Set, integration string) []problem.Field {
	p.keepCountry = managedCountry(fields, integration)
	var wrong []problem.Field
	size := 0
	for i := range p.customs {
		c := &p.customs[i]
		path := body.Join("fields", c.key)
		d, ok := fields.CustomField(c.key)
		if !ok {
			wrong = append(wrong, problem.Field{Field: path, Code: "unknown_field", Detail: "The workspace has no custom field with this key; letter case counts."})
			continue
		}
		value, errs := d.Value(path, c.sent)
		c.id, c.value = d.ID, value
		size += len(value)
		wrong = append(wrong, errs...)
	}
	if size > field.MaxValues {
		wrong = append(wrong, tooManyValues())
	}
	return wrong
}

// managedCountry tells whether the country is another integration's to set, and so
// not derived from what this caller says of the phone.
func managedCountry(fields *field.Set, integration string) bool {
	by := fields.ManagedBy("country")
	return by != "" && by != integration
}

// applyFields sets custom values.
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
}

// valueBytes is how much the custom values take.
func (c *Contact) valueBytes() int {
	n := 0
	for _, v := range c.Fields {
		n += len(v)
	}
	return n
}

func tooManyValues() problem.Field {
	return problem.Field{Field: "fields", Code: body.CodeTooLong, Detail: "The custom values of a contact have at most 64 KiB together."}
}
