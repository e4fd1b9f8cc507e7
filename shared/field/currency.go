package field

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/currency"

	"rubrica/shared/body"
	"rubrica/shared/problem"
)

// money checks {"amount": "10.50", "currency": "EUR"}: a decimal, exact, kept as
// it was given, and an ISO 4217 code. The two are one value: an object with one
// of them alone is no change of that one.
func money(path string, v jsontext.Value) (jsontext.Value, []problem.Field) {
	if v.Kind() != '{' {
		return refused(path, body.CodeType, (&Definition{Type: Currency}).right())
	}
	given := map[string]string{}
	var wrong []problem.Field
	refuse := func(member, code, detail string) {
		wrong = append(wrong, problem.Field{Field: body.Join(path, member), Code: code, Detail: detail})
	}
	for _, m := range body.Members(v) {
		s, ok := body.Text(m.Value)
		s = strings.TrimSpace(s)
		switch {
		case m.Name != "amount" && m.Name != "currency":
			refuse(m.Name, body.CodeUnknown, "There is no member of this name here; letter case counts.")
			continue
		case !ok:
			refuse(m.Name, body.CodeType, `Must be a string, such as "10.50" or "EUR".`)
		case m.Name == "amount" && !isAmount(s):
			refuse(m.Name, body.CodeInvalid, `Must be a decimal number in a string, such as "10.50" or "-3", of at most 30 digits.`)
		case m.Name == "currency" && !isCurrency(s):
			refuse(m.Name, codeCurrency, "Must be an ISO 4217 code in capital letters, such as EUR.")
		}
		given[m.Name] = s
	}
	for _, member := range []string{"amount", "currency"} {
		if _, ok := given[member]; !ok {
			refuse(member, body.CodeRequired, "This member is required.")
		}
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	return kept(given), nil
}

// isAmount tells whether s is a decimal number of at most 30 digits, as people
// write one: no exponent, no needless zero in front, a digit on both sides of
// the point.
func isAmount(s string) bool {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	return isDigits(whole) && (!point || isDigits(fraction)) && len(whole)+len(fraction) <= 30 && (whole == "0" || whole[0] != '0')
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// isCurrency tells whether s is an ISO 4217 code of money, in capital letters.
func isCurrency(s string) bool {
	unit, err := currency.ParseISO(s)
	return err == nil && unit.String() == s && !slices.Contains([]string{"XXX", "XTS"}, s) // none, and one for tests
}
