// Package phone holds what a phone number is: when it is valid, which country
// it is of, and when two spellings are one number. How numbers are shown to
// people, and whether anybody answers, does not belong here.
//
// Numbers are written in E.164, and checked with the numbering plans of
// libphonenumber as the module github.com/nyaruka/phonenumbers carries them. Only the
// tests import that module. It reads all its metadata when a process starts,
// and matches regular expressions: 9 ms and 2.5 MB before main, 6.4 MB of
// binary, 30 µs a number, measured with version 1.8.1. Here the same plans are
// a table of states (see plan.go), made and checked by TestPlan: 110 KB, nothing to
// load, a fifth of a microsecond, an allocation only for a variant.
package phone

import "rubrica/shared/format"

// CodeInvalid is the code of every error, part of the closed list in the
// OpenAPI document.
const CodeInvalid = "invalid_phone"

// Number is a phone number that some numbering plan knows. The zero value is
// none. Compare numbers by Canonical, not by ==.
type Number struct{ given, canonical, country string }

// Parse reads a number in strict E.164: + and 2 to 15 digits, the country's
// prefix first. It accepts what is valid as given or in its canonical variant,
// since people have numbers in spellings that plans no longer know. A national
// prefix behind the country's (+44 0…) is no part of a number. An error is a
// *format.Error and says what would be right.
func Parse(s string) (Number, error) {
	if n, ok := find(s); ok {
		return n, nil
	}
	return Number{}, explain(s)
}

func find(s string) (Number, bool) {
	if !isE164(s) {
		return Number{}, false
	}
	p, national := planOf(s[1:])
	if p == nil {
		return Number{}, false
	}
	canonical := canonical(s)
	country, ok := p.match(national)
	if !ok && canonical != s {
		// A variant has the same prefix.
		country, ok = p.match(canonical[len(s)-len(national):])
	}
	return Number{given: s, canonical: canonical, country: country}, ok
}

// String returns the number as it was given.
func (n Number) String() string { return n.given }

// Canonical returns the string under which all spellings of the number meet,
// E.164 too, though not always one that the plans know.
func (n Number) Canonical() string { return n.canonical }

// Country returns the ISO 3166-1 code of the number's country, one that
// format.Country accepts; "" for numbers of no country (+800) and of countries
// without such a code (Kosovo). Numbers that several countries share, as +1 800,
// count for the first of them in the plans.
func (n Number) Country() string { return n.country }

// IsZero tells whether n is no number.
func (n Number) IsZero() bool { return n.given == "" }

func isE164(s string) bool {
	if len(s) < 3 || len(s) > 16 || s[0] != '+' {
		return false
	}
	return isDigits(s[1:])
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return true
}

func invalid(detail string) error {
	return &format.Error{Code: CodeInvalid, Detail: detail}
}
