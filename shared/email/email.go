// Package email holds what an e-mail address is: its syntax, its spelling, and
// when two spellings are one address. Whether mail arrives there is not known
// here, nor to whom the address belongs.
//
// The syntax is that of RFC 5321 and 6531 for one address alone, without what
// only machines write: no comments, no domains that are IP addresses, no
// trailing dot. Letters beyond ASCII may stand on both sides of the @. Quotes
// are accepted only where the local part cannot do without them, so that one
// address has one spelling apart from case; such addresses exist, from times
// when Japanese networks gave out names with two dots in a row.
package email

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// CodeInvalid is the code of every error, part of the closed list in the
// OpenAPI document.
const CodeInvalid = "invalid_email"

// Limits in bytes, as mail servers count (RFC 5321, 4.5.3.1).
const (
	MaxLocal   = 64
	MaxAddress = 254
	maxLabel   = 63
)

// Address is one e-mail address. The zero value is none. Compare addresses by
// Canonical, not by ==.
type Address struct{ given, canonical string }

// Parse reads one address. It must be written exactly: nothing around it, no
// display name. An error is a *format.Error and says what would be right.
func Parse(s string) (Address, error) {
	composed := compose(s)
	if detail := check(composed); detail != "" {
		return Address{}, invalid(s, detail)
	}
	if len(s) > MaxAddress { // composed it may be shorter
		return Address{}, invalid(s, tooLong(len(s)))
	}
	return Address{given: s, canonical: compose(strings.ToLower(composed))}, nil
}

// String returns the address as it was given.
func (a Address) String() string { return a.given }

// Canonical returns the string under which all spellings of the address meet:
// lower case, composed (NFC). A domain in Unicode and the same in Punycode stay
// two: to join them takes the tables of IDNA (65 KB) for what hardly an address needs.
func (a Address) Canonical() string { return a.canonical }

// IsZero tells whether a is no address.
func (a Address) IsZero() bool { return a.given == "" }

// compose comes before everything else, since it may bring forth capital
// letters (the Kelvin sign) and marks (a Greek semicolon), and again after
// folding. It returns ASCII at once, and without it being copied.
func compose(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return norm.NFC.String(s)
		}
	}
	return s
}
