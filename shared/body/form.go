package body

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/unicode/norm"

	"rubrica/shared/format"
	"rubrica/shared/instant"
	"rubrica/shared/problem"
)

// Refuse notes something wrong with the member of that name.
func (f *Form) Refuse(name, code, detail string) {
	*f.errs = append(*f.errs, problem.Field{Field: Join(f.path, name), Code: code, Detail: detail})
}

// Refused tells whether something is wrong with the member of that name.
func (f *Form) Refused(name string) bool {
	path := Join(f.path, name)
	return slices.ContainsFunc(*f.errs, func(e problem.Field) bool { return e.Field == path })
}

// RefusedWithin tells whether something is wrong with the member of that name, or with
// anything in it: an array whose elements were refused is not a missing one.
func (f *Form) RefusedWithin(name string) bool {
	path := Join(f.path, name)
	return slices.ContainsFunc(*f.errs, func(e problem.Field) bool {
		rest, in := strings.CutPrefix(e.Field, path)
		return in && (rest == "" || rest[0] == '[' || rest[0] == '.')
	})
}

// Add notes what somebody else found wrong.
func (f *Form) Add(fields ...problem.Field) { *f.errs = append(*f.errs, fields...) }

// Err says all that was found wrong, members that nobody asked for included;
// nil if nothing is. Ask for every member before.
func (f *Form) Err() error {
	f.unknown()
	return problem.Invalid(*f.errs...)
}

func (f *Form) unknown() {
	for i, m := range f.members {
		if i < len(f.taken) && f.taken[i] {
			continue
		}
		f.Refuse(m.Name, CodeUnknown, "There is no member of this name here; letter case counts.")
	}
	f.members, f.taken = nil, nil
}

// Members hands out all members, for bodies whose members are many.
func (f *Form) Members() []Member {
	ms := f.members
	f.members, f.taken = nil, nil
	return ms
}

// Take hands out one member, whatever its type. ok is false if it is not there.
func (f *Form) Take(name string) (v jsontext.Value, ok bool) {
	if f.taken == nil {
		f.taken = make([]bool, len(f.members))
	}
	for i, m := range f.members {
		if m.Name == name {
			f.taken[i] = true
			return m.Value, true
		}
	}
	return nil, false
}

// present hands out a member unless it is missing, null or "", which mean the
// same in every body (api.md, Conventions).
func (f *Form) present(name string) (jsontext.Value, bool) {
	v, ok := f.Take(name)
	return v, ok && v.Kind() != 'n' && string(v) != `""`
}

// Has tells whether the member is there, null included.
func (f *Form) Has(name string) bool {
	_, ok := f.Take(name)
	return ok
}

// Require notes that a member is missing unless present says that it is not.
func (f *Form) Require(name string, present bool) {
	if !present {
		f.Refuse(name, CodeRequired, "This member is required.")
	}
}

// Text takes a string, trimmed and NFC, of at most most characters and without
// control characters; "" if it is unset.
func (f *Form) Text(name string, most int) string {
	v, ok := f.present(name)
	if !ok {
		return ""
	}
	s, ok := Text(v)
	if !ok {
		f.Refuse(name, CodeType, "Must be a string.")
		return ""
	}
	s = strings.TrimSpace(norm.NFC.String(s))
	switch {
	case utf8.RuneCountInString(s) > most:
		f.Refuse(name, CodeTooLong, "At most "+strconv.Itoa(most)+" characters.")
		return ""
	case strings.ContainsFunc(s, isControl):
		f.Refuse(name, "control_character", "Must not have control characters or line breaks.")
		return ""
	}
	return s
}

func isControl(r rune) bool {
	return r < 0x20 || r >= 0x7F && r < 0xA0 || r == '\u2028' || r == '\u2029'
}

// Parsed takes a string and has it read by a parser of its format, whose
// *format.Error becomes what is wrong. null and blanks are "", and not parsed; ok
// is false if the member is not there, or wrong and noted so.
func (f *Form) Parsed(name string, parse func(string) (string, error)) (value string, ok bool) {
	v, there := f.Take(name)
	if !there {
		return "", false
	}
	if v.Kind() == 'n' {
		return "", true
	}
	s, isText := Text(v)
	if !isText {
		f.Refuse(name, CodeType, "Must be a string, or null.")
		return "", false
	}
	if s = strings.TrimSpace(s); s == "" {
		return "", true
	}
	s, err := parse(s)
	if wrong, ok := errors.AsType[*format.Error](err); ok {
		f.Refuse(name, wrong.Code, wrong.Detail)
	} else if err != nil {
		f.Refuse(name, CodeInvalid, "Is not valid.")
	}
	return s, err == nil
}

// ReadOnly refuses members that a body may not set.
func (f *Form) ReadOnly(names ...string) {
	for _, name := range names {
		if f.Has(name) {
			f.Refuse(name, CodeReadOnly, "This member cannot be set; leave it out.")
		}
	}
}

// Choice takes one of several words; "" if it is unset.
func (f *Form) Choice(name string, words ...string) string {
	v, ok := f.present(name)
	if !ok {
		return ""
	}
	s, ok := Text(v)
	if !ok {
		f.Refuse(name, CodeType, "Must be a string.")
		return ""
	}
	for _, w := range words {
		if s == w {
			return s
		}
	}
	f.Refuse(name, CodeChoice, "Must be one of "+strings.Join(words, ", ")+".")
	return ""
}

// Bool takes true or false; given is false if it is unset.
func (f *Form) Bool(name string) (value, given bool) {
	v, ok := f.present(name)
	if !ok {
		return false, false
	}
	switch v.Kind() {
	case 't':
		return true, true
	case 'f':
		return false, true
	}
	f.Refuse(name, CodeType, "Must be true or false.")
	return false, false
}

// Int takes a whole number from low to high, in any spelling (30, 30.0, 3e1);
// given is false if it is unset, null or not one.
func (f *Form) Int(name string, low, high int) (value int, given bool) {
	v, ok := f.present(name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseFloat(string(v), 64)
	if v.Kind() != '0' || err != nil || n != math.Trunc(n) {
		f.Refuse(name, CodeType, "Must be a whole number.")
		return 0, false
	}
	if n < float64(low) || n > float64(high) {
		f.Refuse(name, CodeInvalid, "Must be from "+strconv.Itoa(low)+" to "+strconv.Itoa(high)+".")
		return 0, false
	}
	return int(n), true
}

// Time takes an RFC 3339 time of the years 1970 to 9999; the zero Instant if it is
// unset.
func (f *Form) Time(name string) instant.Instant {
	v, ok := f.present(name)
	if !ok {
		return 0
	}
	s, ok := Text(v)
	if !ok {
		f.Refuse(name, CodeType, "Must be a string.")
		return 0
	}
	var at instant.Instant
	stored, err := format.DateTime(s)
	if err == nil {
		err = at.UnmarshalText([]byte(stored))
	}
	switch wrong, ok := errors.AsType[*format.Error](err); {
	case ok:
		f.Refuse(name, wrong.Code, wrong.Detail)
	case err != nil || at <= 0: // the zero Instant would mean that none was given
		f.Refuse(name, CodeInvalid, "Must be after 1970.")
		return 0
	}
	return at
}

// Strings takes an array of strings, one after the other, each with its path in the
// form; given is false if it is unset. Elements that are none are noted and left out.
func (f *Form) Strings(name string, most int, take func(path, value string)) (given bool) {
	v, ok := f.present(name)
	if !ok {
		return false
	}
	if v.Kind() != '[' {
		f.Refuse(name, CodeType, "Must be an array of strings.")
		return false
	}
	elements := Elements(v)
	if len(elements) > most {
		f.Refuse(name, CodeTooMany, "At most "+strconv.Itoa(most)+".")
		return true
	}
	for i, e := range elements {
		path := Index(name, i)
		if s, ok := Text(e); ok {
			take(path, s)
		} else {
			f.Refuse(path, CodeType, "Must be a string.")
		}
	}
	return true
}

// Object takes an object; its own members and errors belong to this form's, and
// members that nobody asks it for are unknown ones. nil if it is unset.
func (f *Form) Object(name string) *Form {
	v, ok := f.present(name)
	if !ok {
		return nil
	}
	if v.Kind() != '{' {
		f.Refuse(name, CodeType, "Must be an object.")
		return nil
	}
	return &Form{path: Join(f.path, name), members: Members(v), errs: f.errs}
}

// Close notes the members of an inner object that nobody asked for.
func (f *Form) Close() {
	if f != nil {
		f.unknown()
	}
}
