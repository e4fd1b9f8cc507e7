package phone

import (
	"fmt"
	"math/bits"
	"strings"
	"unicode"
)

// explain makes the error for s, which is no number. It looks for the number
// that was meant, and names it only if there is one.
func explain(s string) error {
	if !isE164(s) {
		return explainForm(s)
	}
	p, national := planOf(s[1:])
	if p == nil {
		if strings.HasPrefix(s, "+00") && meant("+"+s[3:]) != "" {
			return invalid("Write it as " + meant("+"+s[3:]) + ": the + stands for the 00.")
		}
		return invalid("No country has the prefix " + s[:min(4, len(s))] + ": write + and the country's prefix, as in +39 for Italy.")
	}
	return explainNational(s, p, national)
}

// explainForm is explain for what is not + and 2 to 15 digits.
func explainForm(s string) error {
	const (
		right = "Write + and the country's prefix, then the number, digits alone, as in +393122377966."
		long  = "Too long: a number has at most 15 digits with the country's prefix."
	)
	digits, plus := reduce(s)
	switch {
	case digits == "":
		return invalid(right)
	case len(digits) > len("00")+15:
		return invalid(long)
	case plus && meant("+"+digits) != "":
		return invalid("Write it as " + meant("+"+digits) + ": + and digits alone.")
	case plus && len(digits) > 15:
		return invalid(long)
	case plus:
		return invalid(right)
	case strings.HasPrefix(digits, "00") && meant("+"+digits[2:]) != "":
		return invalid("Write it as " + meant("+"+digits[2:]) + ": + in place of 00, and digits alone.")
	case meant("+"+digits) != "":
		return invalid("The country's prefix is missing, as in +39 for Italy; if the number has it, write it as " + meant("+"+digits) + ".")
	default:
		return invalid("The country's prefix is missing: write + and the prefix before the number, as in +393122377966.")
	}
}

// explainNational is explain for a number that its plan does not know.
func explainNational(s string, p *plan, national string) error {
	if m := meant(s); m != "" {
		return invalid(fmt.Sprintf("Leave out the %c behind +%d: write it as %s.", national[0], p.prefix, m))
	}
	n := len(national)
	if p.lengths&(1<<n) != 0 {
		return invalid(fmt.Sprintf("%s has no such number: check the digits.", p))
	}
	problem := "It has a wrong number of digits"
	if n < bits.TrailingZeros32(p.lengths) {
		problem = "Too short"
	} else if n >= bits.Len32(p.lengths) {
		problem = "Too long"
	}
	return invalid(fmt.Sprintf("%s: numbers of %s have %s digits behind the prefix, not %d.", problem, p, lengths(p.lengths), n))
}

// String names the plan for a person: "+39 (IT)".
func (p *plan) String() string {
	first := p.countries[:2]
	switch {
	case first == "ZZ":
		return fmt.Sprintf("+%d", p.prefix)
	case len(p.countries) > 2:
		return fmt.Sprintf("+%d (%s and others)", p.prefix, first)
	default:
		return fmt.Sprintf("+%d (%s)", p.prefix, first)
	}
}

// lengths writes a set of lengths as "6 to 11" or "8, 10 or 11".
func lengths(set uint32) string {
	low, high := bits.TrailingZeros32(set), bits.Len32(set)-1
	if bits.OnesCount32(set) == high-low+1 && high-low >= 2 {
		return fmt.Sprintf("%d to %d", low, high)
	}
	var b strings.Builder
	for n := low; n <= high; n++ {
		if set&(1<<n) == 0 {
			continue
		}
		switch {
		case n == low:
		case n == high:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		fmt.Fprint(&b, n)
	}
	return b.String()
}

// reduce takes out of s what people put between digits, turns the digits of
// other scripts into ASCII, and tells whether a + came first. It returns no
// digits if there are letters: then it is not known what was meant.
func reduce(s string) (digits string, plus bool) {
	if len(s) > 100 {
		return "", false
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.IsDigit(r):
			b.WriteByte(asciiDigit(r))
		case r == '+' || r == '＋':
			if plus || b.Len() > 0 {
				return "", false
			}
			plus = true
		case unicode.IsLetter(r):
			return "", false
		}
	}
	return b.String(), plus
}

// asciiDigit returns the ASCII digit for a decimal digit of any script: Unicode
// keeps the ten of a script together, 0 first, in unbroken rows.
func asciiDigit(r rune) byte {
	n := 0
	for unicode.IsDigit(r - 1) {
		r--
		n++
	}
	return byte('0' + n%10)
}

// meant returns s, or s without a national prefix behind the country's, if that
// is a number; else "". The national prefix is 1 in North America, 8 in Russia
// and Kazakhstan, 0 nearly everywhere else. s is + and digits.
func meant(s string) string {
	if _, ok := find(s); ok {
		return s
	}
	p, national := planOf(s[1:])
	if p == nil || national == "" {
		return ""
	}
	trunk := byte('0')
	switch p.prefix {
	case 1:
		trunk = '1'
	case 7:
		trunk = '8'
	}
	if national[0] == trunk {
		without := s[:len(s)-len(national)] + national[1:]
		if _, ok := find(without); ok {
			return without
		}
	}
	return ""
}
