package phone

import (
	_ "embed"
	"slices"
)

// plan is what numbers of one country prefix look like. Most prefixes belong to
// one country; +1 and some others to several, told apart by the digits.
type plan struct {
	prefix uint16
	// root is the state in which the national digits begin.
	root uint16
	// lengths has the bit n set if there are numbers of n national digits.
	lengths uint32
	// countries are ISO codes of two letters each, in the order in which the
	// states number them; "ZZ" stands for no country.
	countries string
}

// states is an automaton that reads the national digits of a number, shared
// by all plans. A state is eleven words of 16 bits, low byte first: which of its
// plan's countries a number that ends here is of, from 1, or 0 if there is no
// such number; then the next state for each digit. State 0 leads nowhere.
//
//go:embed states.bin
var states string

const stateSize = 2 * (1 + 10)

// planOf finds the plan of a number without its +. No prefix begins another.
// It returns nil if nobody has the prefix.
func planOf(digits string) (p *plan, national string) {
	if digits == "" || digits[0] == '0' { // or +0039… would be read as +39…
		return nil, ""
	}
	prefix := uint16(0)
	for n := 1; n <= min(3, len(digits)); n++ {
		prefix = prefix*10 + uint16(digits[n-1]-'0')
		i, found := slices.BinarySearchFunc(plans[:], prefix, func(p plan, prefix uint16) int {
			return int(p.prefix) - int(prefix)
		})
		if found {
			return &plans[i], digits[n:]
		}
	}
	return nil, ""
}

// match returns the country whose number the national digits are, "" for no
// country, and whether they are a number at all.
func (p *plan) match(national string) (country string, ok bool) {
	state := p.root
	for i := range len(national) {
		state = word(state, 1+int(national[i]-'0'))
	}
	n := int(word(state, 0))
	if n == 0 {
		return "", false
	}
	country = p.countries[2*(n-1) : 2*n]
	if country == "ZZ" {
		country = ""
	}
	return country, true
}

func word(state uint16, i int) uint16 {
	at := int(state)*stateSize + 2*i
	return uint16(states[at]) | uint16(states[at+1])<<8
}
