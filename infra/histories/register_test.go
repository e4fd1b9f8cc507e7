package histories

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// What clients do to one address, and to the contacts that have it or had it.
// The policy is reject: at most one contact has the address at any moment.
const (
	opCreate  = "create"  // with the address
	opUpsert  = "upsert"  // by the address
	opPatch   = "patch"   // one member, by id
	opRelease = "release" // takes the address away, by id
	opClaim   = "claim"   // gives the address back, by id
	opDelete  = "delete"  // by id
	opGet     = "get"     // by id
	opFind    = "find"    // by the address
	opList    = "list"    // by the address
)

// input is what a client asked.
type input struct {
	op    string
	id    string
	field int    // which member it writes
	value string // to what; no two calls write the same
	match int    // If-Match; 0 is none
	// made is the contact that was created though nobody was told: what the log
	// says of a call without an answer.
	made string
}

// output is what it was told; lost says nothing.
type output struct {
	status  int
	contact person // of 200 and 201, or of a list with one
	holder  string // of a 409
	lost    bool
}

// person is a contact. It is comparable.
type person struct {
	id      string
	version int
	fields  [2]string
	holds   bool // the address
	gone    bool
}

// people is a state: contacts by id, never changed in place.
type people []person

func (p people) find(id string) int {
	return slices.IndexFunc(p, func(c person) bool { return c.id == id })
}

func (p people) holder() int {
	return slices.IndexFunc(p, func(c person) bool { return c.holds && !c.gone })
}

func (p people) with(c person) people {
	next := slices.Clone(p)
	if i := next.find(c.id); i >= 0 {
		next[i] = c
	} else {
		next = append(next, c)
		slices.SortFunc(next, func(a, b person) int { return strings.Compare(a.id, b.id) })
	}
	return next
}

// register is the sequential specification.
func register() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return people(nil) },
		Step: func(state, in, out any) (bool, any) { return step(state.(people), in.(input), out.(output)) },
		Equal: func(a, b any) bool {
			return slices.Equal(a.(people), b.(people))
		},
		Hash: func(state any) uint64 {
			h := fnv.New64a()
			for _, c := range state.(people) {
				fmt.Fprintf(h, "%s %d %t %t %s %s;", c.id, c.version, c.holds, c.gone, c.fields[0], c.fields[1])
			}
			return h.Sum64()
		},
		DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v -> %+v", in, out) },
		DescribeState:     func(state any) string { return fmt.Sprintf("%+v", state) },
	}
}

// step says whether a call may have this answer in this state, and what comes
// next. A call without an answer may do nothing at all: it is given until the end
// of the history, when nobody looks any more.
func step(state people, in input, out output) (bool, any) {
	next, want := expected(state, in, out)
	if out.lost {
		return true, next
	}
	return want == out, next
}

func expected(state people, in input, out output) (next people, want output) {
	held := state.holder()
	switch in.op {
	case opCreate, opUpsert:
		id := in.made
		if !out.lost {
			id = out.contact.id
		}
		switch {
		case held < 0 && (id == "" || state.find(id) >= 0): // nobody was made, or somebody from before
			return state, output{status: -1}
		case held < 0:
			c := person{id: id, version: 1, holds: true}
			c.fields[in.field] = in.value
			return state.with(c), output{status: 201, contact: c}
		case in.op == opCreate:
			return state, output{status: 409, holder: state[held].id}
		}
		c := state[held].write(in)
		return state.with(c), output{status: 200, contact: c}
	case opFind, opList:
		empty := map[string]int{opFind: 404, opList: 200}[in.op]
		if held < 0 {
			return state, output{status: empty}
		}
		return state, output{status: 200, contact: state[held]}
	}
	i := state.find(in.id)
	if i < 0 { // a contact whose making is still to come
		return state, output{status: -1}
	}
	c := state[i]
	switch {
	case c.gone:
		return state, output{status: 410}
	case in.op == opGet:
		return state, output{status: 200, contact: c}
	case in.match != 0 && in.match != c.version:
		return state, output{status: 412}
	case in.op == opDelete:
		c.gone = true
		return state.with(c), output{status: 204}
	case in.op == opClaim && held >= 0 && held != i:
		return state, output{status: 409, holder: state[held].id}
	case in.op == opClaim && held == i, in.op == opRelease && !c.holds:
		return state, output{status: 200, contact: c}
	case in.op == opClaim, in.op == opRelease:
		c.holds = in.op == opClaim
		c.version++
		return state.with(c), output{status: 200, contact: c}
	}
	c = c.write(in)
	return state.with(c), output{status: 200, contact: c}
}

func (c person) write(in input) person {
	c.fields[in.field] = in.value
	c.version++
	return c
}
