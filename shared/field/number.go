package field

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/body"
	"rubrica/shared/problem"
)

// number checks a number: one that a double holds exactly as it was written, so
// that every JSON reader gets what the client sent, and that has at most 21
// digits before the point and 20 behind it, which DynamoDB keeps. It is kept in
// plain notation without needless zeros.
func number(path string, v jsontext.Value) (jsontext.Value, []problem.Field) {
	f, err := strconv.ParseFloat(string(v), 64)
	plain := strconv.FormatFloat(f, 'f', -1, 64)
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(plain, "-"), ".")
	switch {
	case err != nil || len(whole) > 21 || len(fraction) > 20 || f == 0 && significant(string(v)) != significant("0"):
		return refused(path, body.CodeRange, "Must be a number of at most 21 digits before the point and 20 behind it, such as 12 or 10.5.")
	case significant(string(v)) != significant(plain):
		return refused(path, body.CodeRange, "This has more digits than a number keeps; the nearest that it keeps is "+plain+".")
	case plain == "-0":
		plain = "0"
	}
	return jsontext.Value(plain), nil
}

// decimal is a number as its digits, from the first to the last that is not 0,
// and the place of the point behind the first of them.
type decimal struct {
	negative bool
	digits   string
	point    int
}

// significant reads a JSON number. Equal numbers are equal, but for exponents
// beyond an int, which no double has.
func significant(s string) decimal {
	s, negative := strings.CutPrefix(s, "-")
	mantissa, power := s, ""
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa, power = s[:i], s[i+1:]
	}
	exponent, _ := strconv.Atoi(power)
	whole, fraction, _ := strings.Cut(mantissa, ".")
	all := whole + fraction
	digits := strings.TrimLeft(all, "0")
	point := exponent + len(whole) - (len(all) - len(digits))
	if digits = strings.TrimRight(digits, "0"); digits == "" {
		return decimal{}
	}
	return decimal{negative, digits, point}
}
