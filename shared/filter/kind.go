package filter

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/problem"
)

// kind is a sort of values: which ops it takes, how a value is read, and how two
// of them compare.
type kind struct {
	ops []op
	// read takes a value that a client sent, or that a custom field keeps.
	read reader
	// kept takes what a custom field keeps, which was checked when it was written;
	// nil if that is no cheaper than read.
	kept reader
	// of is a text that a contact has; nil if the kind is not one of texts.
	of func(string) operand
	// compare returns the order of two values; ok is false where they have none.
	compare func(a, b operand) (order int, ok bool)
}

// reader takes a value; part says that it need be no whole one, but may be a part.
type reader func(path string, v jsontext.Value, part bool) (operand, []problem.Field)

// readKept reads a value that a custom field keeps.
func (k *kind) readKept(v jsontext.Value) (operand, []problem.Field) {
	if k.kept != nil {
		return k.kept("", v, false)
	}
	return k.read("", v, false)
}

// operand is a value in the form in which its kind compares it.
type operand struct {
	// text is what is compared, given what parts are looked for in; id is a tag's.
	text, given, id string
	number          float64 // true is 1; of a time of day the seconds
	at              moment
	money           money
}

// fitting is the test of an op against the values that are sought.
func (k *kind) fitting(o op, sought []operand) func(operand) bool {
	first := sought[0]
	ordered := func(as func(order int) bool) func(operand) bool {
		return func(v operand) bool {
			order, ok := k.compare(v, first)
			return ok && as(order)
		}
	}
	switch o {
	case opContains:
		return func(v operand) bool { return strings.Contains(v.given, first.given) }
	case opStartsWith:
		return func(v operand) bool { return strings.HasPrefix(v.given, first.given) }
	case opGt, opAfter:
		return ordered(func(order int) bool { return order > 0 })
	case opGte:
		return ordered(func(order int) bool { return order >= 0 })
	case opLt, opBefore:
		return ordered(func(order int) bool { return order < 0 })
	case opLte:
		return ordered(func(order int) bool { return order <= 0 })
	}
	return func(v operand) bool {
		return slices.ContainsFunc(sought, func(s operand) bool {
			order, ok := k.compare(v, s)
			return ok && order == 0
		})
	}
}

func refusal(path, code, detail string) (operand, []problem.Field) {
	return operand{}, []problem.Field{{Field: path, Code: code, Detail: detail}}
}
