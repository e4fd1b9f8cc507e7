package field

import (
	"errors"
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

// Codes of values, part of the closed list in the OpenAPI document.
const (
	codeOption   = "invalid_option"
	codeTime     = "invalid_time"
	codeCurrency = "invalid_currency"
)

// Value checks a value that a client sent for a custom field, and returns it as
// it is kept: compact JSON in one form, so that equal values are equal bytes, on
// every storage engine. nil clears the field (null, "" and an empty multilist do).
// path is the member's, for errors, all of which say what would be right.
func (d *Definition) Value(path string, v jsontext.Value) (jsontext.Value, []problem.Field) {
	s, isText := body.Text(v)
	if v.Kind() == 'n' || isText && strings.TrimSpace(s) == "" {
		return nil, nil
	}
	switch d.Type {
	case Number:
		if v.Kind() != '0' {
			return refused(path, body.CodeType, d.right())
		}
		return number(path, v)
	case Boolean:
		if v.Kind() != 't' && v.Kind() != 'f' {
			return refused(path, body.CodeType, d.right())
		}
		return v, nil
	case MultiList:
		return d.choices(path, v)
	case Currency:
		return money(path, v)
	}
	if !isText {
		return refused(path, body.CodeType, d.right())
	}
	s, err := d.text(strings.TrimSpace(s))
	if wrong, ok := errors.AsType[*format.Error](err); ok {
		return refused(path, wrong.Code, wrong.Detail)
	} else if err != nil {
		return refused(path, body.CodeInvalid, d.right())
	}
	return kept(s), nil
}

func refused(path, code, detail string) (jsontext.Value, []problem.Field) {
	return nil, []problem.Field{{Field: path, Code: code, Detail: detail}}
}

// kept is a value as it is kept.
func kept(v any) jsontext.Value {
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		panic(err) // texts that were read from JSON are JSON
	}
	return b
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
		return d.choice(s)
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

// right says what a value of the type looks like.
func (d *Definition) right() string {
	switch d.Type {
	case LongText:
		return "Must be a string, of several lines if need be."
	case Number:
		return "Must be a number, such as 12 or 10.5, without quotes."
	case Boolean:
		return "Must be true or false, without quotes."
	case Date:
		return "Must be a string with a date, such as 2026-11-20."
	case DateTime:
		return "Must be a string with date, time and offset, such as 2026-11-20T09:30:00Z."
	case Time:
		return "Must be a string with a time of day, such as 09:30 or 09:30:15."
	case List:
		return "Must be a string that is one of the options: " + d.someOptions() + "."
	case MultiList:
		return "Must be an array of strings, each one of the options: " + d.someOptions() + "."
	case Email:
		return "Must be a string with an e-mail address, such as maria@example.com."
	case Phone:
		return "Must be a string with a phone number, such as +393514117320."
	case URL:
		return "Must be a string with an address that begins with https:// or http://."
	case Currency:
		return `Must be an object such as {"amount": "10.50", "currency": "EUR"}.`
	default:
		return "Must be a string of one line."
	}
}

// timeOfDay is 09:30 or 09:30:15, kept with seconds only if they were given.
func timeOfDay(s string) (string, error) {
	for _, layout := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil && t.Format(layout) == s {
			return s, nil
		}
	}
	return "", &format.Error{Code: codeTime, Detail: "Write a time of day from 00:00 to 23:59, such as 09:30 or 09:30:15."}
}
