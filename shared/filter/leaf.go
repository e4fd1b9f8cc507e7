package filter

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/body"
	"rubrica/shared/contact"
	"rubrica/shared/problem"
)

// op is how a leaf compares.
type op string

// The ops of the contract.
const (
	opEq         op = "eq"
	opNe         op = "ne"
	opIn         op = "in"
	opGt         op = "gt"
	opGte        op = "gte"
	opLt         op = "lt"
	opLte        op = "lte"
	opContains   op = "contains"
	opStartsWith op = "startsWith"
	opExists     op = "exists"
	opBefore     op = "before"
	opAfter      op = "after"
)

// ops are all of them; never changed.
var ops = []op{opEq, opNe, opIn, opGt, opGte, opLt, opLte, opContains, opStartsWith, opExists, opBefore, opAfter}

func (o op) known() bool { return slices.Contains(ops, o) }

// inParts tells whether the op looks for a part of a text.
func (o op) inParts() bool { return o == opContains || o == opStartsWith }

func list(of []op) string {
	words := make([]string, len(of))
	for i, o := range of {
		words[i] = string(o)
	}
	return strings.Join(words, ", ")
}

// leaf is one condition.
type leaf struct {
	path   string // in the body
	field  string
	op     op
	sent   jsontext.Value
	custom string // the key of a custom field, "" for other members

	// What bind adds.
	member  member
	sought  []operand
	fits    func(operand) bool
	negated bool
}

// keeps implements node. A leaf that was not bound keeps nobody.
func (l *leaf) keeps(c *contact.Contact, t *contact.Terms) bool {
	return l.fits != nil && l.member.some(c, t, l.fits) != l.negated
}

// bind has the leaf look at a member, and returns what is wrong with that.
func (l *leaf) bind(m member) []problem.Field {
	refused := func(name, code, detail string) []problem.Field {
		return []problem.Field{{Field: body.Join(l.path, name), Code: code, Detail: detail}}
	}
	if !slices.Contains(m.kind.ops, l.op) {
		return refused("op", body.CodeChoice, l.field+" takes "+list(m.kind.ops)+".")
	}
	if l.op == opExists {
		negated, ok := false, true
		switch l.sent.Kind() {
		case 't', 'n', 0: // null and nothing at all are unset
		case 'f':
			negated = true
		default:
			ok = string(l.sent) == `""`
		}
		if !ok {
			return refused("value", body.CodeType, "Must be true or false; true if it is left out.")
		}
		l.member, l.negated, l.fits = m, negated, func(operand) bool { return true }
		return nil
	}
	path, values := body.Join(l.path, "value"), []jsontext.Value{l.sent}
	if l.op == opIn && !unset(l.sent) {
		if l.sent.Kind() != '[' {
			return refused("value", body.CodeType, "Must be an array of values.")
		}
		values = body.Elements(l.sent)
		switch n := len(values); {
		case n == 0:
			return refused("value", body.CodeRequired, "Must have at least one value.")
		case n > MaxValues:
			return refused("value", body.CodeTooMany, "At most "+strconv.Itoa(MaxValues)+".")
		}
	}
	sought := make([]operand, len(values))
	var wrong []problem.Field
	for i, v := range values {
		at := path
		if l.op == opIn && !unset(l.sent) {
			at = body.Index(path, i)
		}
		if unset(v) {
			wrong = append(wrong, problem.Field{Field: at, Code: body.CodeRequired, Detail: "A value is required; whether there is one at all says exists."})
			continue
		}
		var refused []problem.Field
		sought[i], refused = m.kind.read(at, v, l.op.inParts())
		wrong = append(wrong, refused...)
	}
	if len(wrong) > 0 {
		return wrong
	}
	l.member, l.sought, l.negated, l.fits = m, sought, l.op == opNe, m.kind.fitting(l.op, sought)
	return nil
}

// unset tells whether a value is none, as everywhere in bodies.
func unset(v jsontext.Value) bool { return v == nil || v.Kind() == 'n' || string(v) == `""` }
