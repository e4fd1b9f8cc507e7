package filter

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/body"
)

// codeField is what is wrong with a field that nobody has.
const codeField = "unknown_field"

// Parse takes the member of that name, which is a filter; nil if it is unset. What
// is wrong with it is noted in the form, all at once; custom fields are looked up
// by Resolve.
func Parse(form *body.Form, name string) *Filter {
	v, ok := form.Take(name)
	if !ok || v.Kind() == 'n' || string(v) == `""` {
		return nil
	}
	p := parser{form: form, name: name, filter: &Filter{sent: v.Clone()}}
	_ = p.filter.sent.Canonicalize() // the form has checked that it is JSON
	p.filter.root = p.node(name, v, 1)
	return p.filter
}

type parser struct {
	form   *body.Form
	name   string // of the whole filter
	filter *Filter
}

// node reads a part of the filter. What is wrong with it is noted; it stands for
// nothing then.
func (p *parser) node(path string, v jsontext.Value, depth int) node {
	switch {
	case v.Kind() != '{':
		p.form.Refuse(path, body.CodeType, `Must be an object: {"and": […]}, {"or": […]}, {"not": …} or {"field": …, "op": …, "value": …}.`)
		return or{}
	case depth > MaxDepth:
		p.form.Refuse(path, body.CodeDepth, "A filter is nested at most "+strconv.Itoa(MaxDepth)+" deep.")
		return or{}
	}
	members := body.Members(v)
	for i, m := range members {
		switch m.Name {
		case "and", "or", "not":
		default:
			continue
		}
		for j, other := range members {
			if j != i {
				p.form.Refuse(body.Join(path, other.Name), body.CodeUnknown, "Nothing stands beside "+m.Name+" in its object.")
			}
		}
		at := body.Join(path, m.Name)
		switch m.Name {
		case "and":
			return and(p.nodes(at, m.Value, depth+1))
		case "or":
			return or(p.nodes(at, m.Value, depth+1))
		}
		return not{p.node(at, m.Value, depth+1)}
	}
	return p.leaf(path, members)
}

func (p *parser) nodes(path string, v jsontext.Value, depth int) []node {
	if v.Kind() != '[' {
		p.form.Refuse(path, body.CodeType, "Must be an array of filters.")
		return nil
	}
	elements := body.Elements(v)
	if len(elements) == 0 {
		p.form.Refuse(path, body.CodeRequired, "Must have at least one filter.")
	}
	nodes := make([]node, len(elements))
	for i, e := range elements {
		nodes[i] = p.node(body.Index(path, i), e, depth)
	}
	return nodes
}

func (p *parser) leaf(path string, members []body.Member) node {
	l := &leaf{path: path}
	p.filter.leaves = append(p.filter.leaves, l)
	if n := len(p.filter.leaves); n > MaxLeaves {
		if n == MaxLeaves+1 {
			p.form.Refuse(p.name, body.CodeTooMany, "A filter has at most "+strconv.Itoa(MaxLeaves)+" leaves.")
		}
		return l
	}
	given := map[string]jsontext.Value{}
	for _, m := range members {
		switch m.Name {
		case "field", "op", "value":
			given[m.Name] = m.Value
		default:
			p.form.Refuse(body.Join(path, m.Name), body.CodeUnknown, "A leaf has field, op and value; letter case counts.")
		}
	}
	var named, opGiven bool
	l.field, named = p.word(path, "field", given)
	word, opGiven := p.word(path, "op", given)
	if l.op = op(word); opGiven && !l.op.known() {
		p.form.Refuse(body.Join(path, "op"), body.CodeChoice, "Must be one of "+list(ops)+".")
		opGiven = false
	}
	l.sent = given["value"]
	if !named {
		return l
	}
	m, custom, ok := memberOf(l.field)
	switch {
	case !ok:
		p.form.Refuse(body.Join(path, "field"), codeField, "Must be a member of a contact, tag, channel, or fields. and the key of a custom field; letter case counts.")
	case !opGiven:
	case custom != "":
		l.custom = custom
	default:
		for _, wrong := range l.bind(m) {
			p.form.Refuse(wrong.Field, wrong.Code, wrong.Detail)
		}
	}
	return l
}

// word takes a member of a leaf that is required and a string.
func (p *parser) word(path, name string, given map[string]jsontext.Value) (string, bool) {
	v := given[name]
	if v == nil || v.Kind() == 'n' || string(v) == `""` {
		p.form.Refuse(body.Join(path, name), body.CodeRequired, "This member is required.")
		return "", false
	}
	s, ok := body.Text(v)
	if !ok {
		p.form.Refuse(body.Join(path, name), body.CodeType, "Must be a string.")
	}
	return s, ok
}
