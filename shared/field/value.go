package field

import (
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/body"
	"rubrica/shared/email"
	"rubrica/shared/format"
	"rubrica/shared/phone"
	"rubrica/shared/problem"
)

// Value checks a value that a client sent for a custom field, and returns it as
// it is kept: JSON, strings formatted by their type. nil clears the field (null,
// "" and an empty multilist do). path is the member's, for errors, all of which
// say what would be right.
func (d *Definition) Value(path string, v jsontext.Value) (jsontext.Value, []problem.Field) {
	refuse := func(code, detail string) (jsontext.Value, []problem.Field) {
		return nil, []problem.Field{{Field: path, Code: code, Detail: detail}}
	}
	s, isText := body.Text(v)
	if v.Kind() == 'n' || isText && strings.TrimSpace(s) == "" {
		return nil, nil
	}
	switch d.Type {
	case Number:
		if v.Kind() != '0' {
			return refuse(body.CodeType, "Must be a number, such as 12 or 10.5, without quotes.")
		}
		return number(path, v)
	case Boolean:
		if v.Kind() != 't' && v.Kind() != 'f' {
			return refuse(body.CodeType, "Must be true or false.")
		}
		return v, nil
	case MultiList:
		return d.several(path, v)
	case Currency:
		return amount(path, v)
	}
	if !isText {
		return refuse(body.CodeType, "Must be a string: "+d.example()+".")
	}
	s, err := d.text(strings.TrimSpace(s))
	if err != nil {
		if e, ok := err.(*format.Error); ok { //nolint:errorlint // formats return it unwrapped
			return refuse(e.Code, e.Detail)
		}
		return refuse(body.CodeInvalid, "Must be "+d.example()+".")
	}
	b, err := json.Marshal(s)
	if err != nil {
		return refuse(body.CodeInvalid, "Must be "+d.example()+".")
	}
	return b, nil
}

// text checks the value of a type that is kept as a string.
func (d *Definition) text(s string) (string, error) {
	switch d.Type {
	case LongText:
		return format.LongText(s)
	case Date:
		return format.Date(s)
	case DateTime:
		return format.DateTime(s)
	case Time:
		return timeOfDay(s)
	case List:
		return d.option(s)
	case Email:
		a, err := email.Parse(s)
		return a.String(), err
	case Phone:
		n, err := phone.Parse(s)
		return n.String(), err
	case URL:
		return format.URL(s)
	default:
		return format.Text(s)
	}
}

// example says what a value of the type looks like.
func (d *Definition) example() string {
	switch d.Type {
	case Date:
		return "a date, such as 2026-11-20"
	case DateTime:
		return "a time with its date, such as 2026-11-20T09:30:00Z"
	case Time:
		return "a time of day, such as 09:30 or 09:30:15"
	case List, MultiList:
		return "one of " + strings.Join(d.Options, ", ")
	case Email:
		return "an e-mail address"
	case Phone:
		return "a phone number, such as +393514117320"
	case URL:
		return "an address that begins with https://"
	default:
		return "text"
	}
}

// codeOption is the code of a value that is none of a list's options.
const codeOption = "invalid_option"

func (d *Definition) option(s string) (string, error) {
	s, err := format.Text(s)
	if err != nil {
		return "", err
	}
	for _, o := range d.Options {
		if o == s {
			return s, nil
		}
	}
	return "", &format.Error{Code: codeOption, Detail: "Must be " + d.example() + "."}
}

func (d *Definition) several(path string, v jsontext.Value) (jsontext.Value, []problem.Field) {
	if v.Kind() != '[' {
		return nil, []problem.Field{{Field: path, Code: body.CodeType, Detail: "Must be an array of strings, each " + d.example() + "."}}
	}
	var kept []string
	var errs []problem.Field
	for i, e := range body.Elements(v) {
		s, ok := body.Text(e)
		if !ok {
			errs = append(errs, problem.Field{Field: body.Index(path, i), Code: body.CodeType, Detail: "Must be a string."})
			continue
		}
		s, err := d.option(strings.TrimSpace(s))
		if err != nil {
			errs = append(errs, problem.Field{Field: body.Index(path, i), Code: codeOption, Detail: "Must be " + d.example() + "."})
			continue
		}
		kept = append(kept, s)
	}
	if len(errs) > 0 || len(kept) == 0 {
		return nil, errs
	}
	kept = inOrder(kept, d.Options)
	b, err := json.Marshal(kept)
	if err != nil {
		return nil, []problem.Field{{Field: path, Code: body.CodeInvalid, Detail: "Must be an array of strings."}}
	}
	return b, nil
}

// inOrder keeps each value once, in the order of the options, so that equal
// choices are equal values.
func inOrder(values, options []string) []string {
	kept := make([]string, 0, len(values))
	for _, o := range options {
		for _, v := range values {
			if v == o {
				kept = append(kept, o)
				break
			}
		}
	}
	return kept
}

// number keeps a number's text: whole and decimal numbers of up to 15 digits,
// which every JSON reader and DynamoDB keep exactly.
func number(path string, v jsontext.Value) (jsontext.Value, []problem.Field) {
	f, err := strconv.ParseFloat(string(v), 64)
	text := strconv.FormatFloat(f, 'f', -1, 64)
	digits := strings.TrimLeft(strings.NewReplacer("-", "", ".", "").Replace(text), "0")
	if err != nil || len(digits) > 15 || len(text) > 32 {
		return nil, []problem.Field{{Field: path, Code: body.CodeRange, Detail: "Must be a number of at most 15 digits."}}
	}
	if text == "-0" {
		text = "0"
	}
	return jsontext.Value(text), nil
}

// timeOfDay is 09:30 or 09:30:15, kept with seconds only if they were given.
func timeOfDay(s string) (string, error) {
	for _, layout := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil && t.Format(layout) == s {
			return s, nil
		}
	}
	return "", &format.Error{Code: "invalid_time", Detail: "Must be a time of day from 00:00 to 23:59, such as 09:30 or 09:30:15."}
}

// amount is {"amount": "10.50", "currency": "EUR"}: a decimal, exact, kept as it
// was given, and an ISO 4217 code.
func amount(path string, v jsontext.Value) (jsontext.Value, []problem.Field) {
	if v.Kind() != '{' {
		return nil, []problem.Field{{Field: path, Code: body.CodeType, Detail: `Must be an object such as {"amount": "10.50", "currency": "EUR"}.`}}
	}
	var sum, code string
	var errs []problem.Field
	refuse := func(member, code, detail string) {
		errs = append(errs, problem.Field{Field: body.Join(path, member), Code: code, Detail: detail})
	}
	for _, m := range body.Members(v) {
		s, ok := body.Text(m.Value)
		switch {
		case m.Name != "amount" && m.Name != "currency":
			refuse(m.Name, body.CodeUnknown, "There is no member of this name here; letter case counts.")
		case !ok:
			refuse(m.Name, body.CodeType, `Must be a string, such as "10.50" or "EUR".`)
		case m.Name == "amount":
			if !decimal(s) {
				refuse(m.Name, body.CodeInvalid, `Must be a decimal number in a string, such as "10.50" or "-3", of at most 30 digits.`)
			}
			sum = s
		default:
			if !currencyCode(s) {
				refuse(m.Name, "invalid_currency", "Must be an ISO 4217 code in capital letters, such as EUR.")
			}
			code = s
		}
	}
	if len(errs) == 0 && sum == "" {
		refuse("amount", body.CodeRequired, "This member is required.")
	}
	if len(errs) == 0 && code == "" {
		refuse("currency", body.CodeRequired, "This member is required.")
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return jsontext.Value(`{"amount":"` + sum + `","currency":"` + code + `"}`), nil
}

// decimal tells whether s is a decimal number of at most 30 digits, as people
// write one: no exponent, no needless zero in front, a digit on both sides of
// the point.
func decimal(s string) bool {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if !digits(whole) || point && !digits(fraction) || len(whole)+len(fraction) > 30 || len(whole) > 1 && whole[0] == '0' {
		return false
	}
	return true
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// Compare orders two amounts of one currency: for filters.
func compareDecimals(a, b string) int {
	x, ok := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	if !ok || !ok2 {
		return strings.Compare(a, b)
	}
	return x.Cmp(y)
}
