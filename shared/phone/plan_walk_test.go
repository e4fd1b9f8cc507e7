package phone_test

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"

	"github.com/nyaruka/phonenumbers"
)

// walk is the compilation of one plan: all its regular expressions are followed
// side by side, digit by digit.
type walk struct {
	*compiler
	patterns []pattern
	areas    []area // in the order in which libphonenumber asks them
	seen     map[string]uint16
}

// area is what the metadata says of one country, as indexes of patterns.
type area struct {
	leading    int // -1 if none
	general    int
	kinds      []int // fixed, mobile, toll-free, …
	possible   [][]int32
	generalLen []int32
}

type pattern struct {
	program *syntax.Prog
	prefix  bool // matches once its beginning does
}

// position is where the expressions are after some digits: the instructions
// they wait at, and whether those digits match.
type position struct {
	waiting [][]uint32
	matched []bool
}

func (w *walk) add(m *phonenumbers.PhoneMetadata, several bool) {
	a := area{leading: -1}
	if several && m.GetLeadingDigits() != "" {
		a.leading = w.pattern(m.GetLeadingDigits(), true)
	}
	a.general = w.pattern(m.GetGeneralDesc().GetNationalNumberPattern(), false)
	a.generalLen = m.GetGeneralDesc().GetPossibleLength()
	for _, kind := range []*phonenumbers.PhoneNumberDesc{
		m.GetFixedLine(), m.GetMobile(), m.GetTollFree(), m.GetPremiumRate(), m.GetSharedCost(),
		m.GetVoip(), m.GetPersonalNumber(), m.GetPager(), m.GetUan(), m.GetVoicemail(),
	} {
		if kind.GetNationalNumberPattern() != "" {
			a.kinds = append(a.kinds, w.pattern(kind.GetNationalNumberPattern(), false))
			a.possible = append(a.possible, kind.GetPossibleLength())
		}
	}
	w.areas = append(w.areas, a)
}

func (w *walk) pattern(expression string, prefix bool) int {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		panic(err)
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		panic(err)
	}
	w.patterns = append(w.patterns, pattern{program, prefix})
	return len(w.patterns) - 1
}

func (w *walk) start() position {
	var p position
	for _, pattern := range w.patterns {
		waiting, matched := closure(pattern.program, []uint32{uint32(pattern.program.Start)})
		p.waiting = append(p.waiting, waiting)
		p.matched = append(p.matched, matched)
	}
	return p
}

// from returns the state that stands for p after so many digits.
func (w *walk) from(p position, digits int32) uint16 {
	key := p.key(digits)
	if n, ok := w.seen[key]; ok {
		return n
	}
	s := state{country: w.country(p, digits)}
	if w.alive(p) {
		for d := range s.next {
			s.next[d] = w.from(w.step(p, rune('0'+d)), digits+1)
		}
	}
	n := w.number(s)
	w.seen[key] = n
	return n
}

func (w *walk) alive(p position) bool {
	for _, a := range w.areas {
		if len(p.waiting[a.general]) > 0 {
			return true
		}
	}
	return false
}

func (w *walk) step(p position, digit rune) position {
	next := position{make([][]uint32, len(p.waiting)), make([]bool, len(p.waiting))}
	for i, waiting := range p.waiting {
		if w.patterns[i].prefix && p.matched[i] {
			next.matched[i] = true
			continue
		}
		program := w.patterns[i].program
		var out []uint32
		for _, at := range waiting {
			if instruction := &program.Inst[at]; instruction.MatchRune(digit) {
				out = append(out, instruction.Out)
			}
		}
		next.waiting[i], next.matched[i] = closure(program, out)
	}
	return next
}

// country follows libphonenumber's getRegionCodeForNumber and isValidNumber:
// the first country whose leading digits match, or, without such, which has
// the number; it must then have it.
func (w *walk) country(p position, digits int32) uint16 {
	for i, a := range w.areas {
		has := a.has(p, digits)
		if has && (a.leading < 0 || p.matched[a.leading]) {
			return uint16(i + 1)
		}
		if a.leading >= 0 && p.matched[a.leading] {
			return 0
		}
	}
	return 0
}

func (a area) has(p position, digits int32) bool {
	if !p.matched[a.general] || !possible(a.generalLen, digits) {
		return false
	}
	for i, kind := range a.kinds {
		if p.matched[kind] && possible(a.possible[i], digits) {
			return true
		}
	}
	return false
}

func possible(lengths []int32, n int32) bool {
	return len(lengths) == 0 || slices.Contains(lengths, n)
}

func (p position) key(digits int32) string {
	key := binary.AppendUvarint(nil, uint64(digits))
	for i, waiting := range p.waiting {
		if p.matched[i] {
			key = append(key, 1)
		} else {
			key = append(key, 0)
		}
		key = binary.AppendUvarint(key, uint64(len(waiting)))
		for _, at := range waiting {
			key = binary.AppendUvarint(key, uint64(at))
		}
	}
	return string(key)
}

// closure follows what needs no digit, and returns the instructions that do, in
// order, and whether the expression is at its end.
func closure(program *syntax.Prog, from []uint32) (waiting []uint32, matched bool) {
	seen := map[uint32]bool{}
	for len(from) > 0 {
		at := from[len(from)-1]
		from = from[:len(from)-1]
		if seen[at] {
			continue
		}
		seen[at] = true
		switch instruction := &program.Inst[at]; instruction.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			from = append(from, instruction.Out, instruction.Arg)
		case syntax.InstCapture, syntax.InstNop:
			from = append(from, instruction.Out)
		case syntax.InstMatch:
			matched = true
		case syntax.InstFail:
		case syntax.InstEmptyWidth:
			panic("numbering plans have no anchors")
		default:
			waiting = append(waiting, at)
		}
	}
	slices.Sort(waiting)
	return waiting, matched
}
