// Package filter is the language in which a client says which contacts it means:
// in a search, and in a job that changes many. One evaluator, pure: a contact and
// the workspace's terms in, yes or no out.
//
// A filter is {"and": […]}, {"or": […]}, {"not": …}, or a leaf
// {"field": …, "op": …, "value": …}. What a leaf's field may be is in member.go,
// which ops and values it takes depends on its kind:
//
//	texts, e-mails, phones, ids, tags  eq ne in gt gte lt lte contains startsWith exists
//	numbers, money                     eq ne in gt gte lt lte exists
//	days, times, times of day          the same, and before after
//	true or false                      eq ne in exists
//	what has members of its own        exists
//
// Texts compare by code point after case folding, ids and users to the letter,
// e-mails in lower case, phones by their canonical spelling but for contains and
// startsWith. Where a day meets a time, both are days in UTC; before is lt, after
// gt. Money compares with money of its currency and fits no other. exists takes
// true, which may be left out, or false.
//
// A leaf fits if one of the contact's values does. A contact without a value fits
// only ne and exists false; ne is the opposite of eq, for sets too. A text that no
// contact can have, such as a number that is none, is no error: it is nobody's. A
// JSON number that a custom field would refuse is refused here too: the double
// that stood for it would be another number.
//
// How contacts are found is the ledger's; Keys says under which index to look.
package filter

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/body"
	"rubrica/shared/contact"
	"rubrica/shared/field"
	"rubrica/shared/problem"
)

// Limits of one filter. Over them is 400.
const (
	MaxLeaves = 50
	MaxDepth  = 8    // a leaf alone is 1
	MaxValues = 1000 // of one "in"
)

// Filter is a filter that was read. nil keeps every contact. Once resolved it is
// safe for concurrent use.
type Filter struct {
	root   node
	leaves []*leaf
	sent   jsontext.Value
}

// Read reads a filter once more that Parse has read and JSON has kept. Resolve it
// again too: fields may have been deleted since. An error is a problem.Validation.
func Read(kept jsontext.Value) (*Filter, error) {
	form, err := body.Parse([]byte(`{"filter":` + string(kept) + `}`))
	if err != nil {
		return nil, err
	}
	f := Parse(form, "filter")
	return f, form.Err()
}

// JSON is the filter as it was sent, but for what JSON does not tell apart: members
// are in one order, numbers in one spelling, so that equal filters are equal bytes.
// nil of no filter.
func (f *Filter) JSON() jsontext.Value {
	if f == nil {
		return nil
	}
	return f.sent
}

// Resolve looks up the custom fields that the filter names, and returns all that
// is wrong with them. Match wants it called before. A filter that cannot be
// resolved must not be used: the opposite of nothing is everybody.
func (f *Filter) Resolve(fields *field.Set) []problem.Field {
	if f == nil {
		return nil
	}
	var wrong []problem.Field
	for _, l := range f.leaves {
		if l.custom == "" {
			continue
		}
		l.fits = nil
		d, ok := fields.CustomField(l.custom)
		if !ok {
			wrong = append(wrong, problem.Field{Field: body.Join(l.path, "field"), Code: codeField, Detail: "The workspace has no custom field with this key; letter case counts."})
			continue
		}
		wrong = append(wrong, l.bind(customMember(d))...)
	}
	return wrong
}

// Match tells whether the filter keeps a contact. t has to know the names of what
// the contact carries only if ByName says so, and may else be nil.
func (f *Filter) Match(c *contact.Contact, t *contact.Terms) bool {
	return f == nil || f.root.keeps(c, t)
}

// ByName tells whether Match looks at names of tags or companies.
func (f *Filter) ByName() bool {
	return f != nil && slices.ContainsFunc(f.leaves, func(l *leaf) bool { return l.member.byName })
}

// Custom tells whether the filter names custom fields, which Resolve looks up.
func (f *Filter) Custom() bool {
	return f != nil && slices.ContainsFunc(f.leaves, func(l *leaf) bool { return l.custom != "" })
}

// node is one part of a filter.
type node interface {
	keeps(c *contact.Contact, t *contact.Terms) bool
}

type (
	and []node
	or  []node
	not struct{ of node }
)

func (a and) keeps(c *contact.Contact, t *contact.Terms) bool {
	for _, n := range a {
		if !n.keeps(c, t) {
			return false
		}
	}
	return true
}

func (o or) keeps(c *contact.Contact, t *contact.Terms) bool {
	for _, n := range o {
		if n.keeps(c, t) {
			return true
		}
	}
	return false
}

func (n not) keeps(c *contact.Contact, t *contact.Terms) bool { return !n.of.keeps(c, t) }
