// Package body reads JSON request bodies strictly, and collects everything that
// is wrong with one instead of stopping at the first.
//
// Parse refuses what no client should ever send (see Parse). The Form it returns
// hands out members one by one, typed; Err then says all that was wrong, unknown
// members included. What the members mean is not known here.
package body

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/problem"
)

// MaxDepth is how deep objects and arrays may be nested.
const MaxDepth = 32

// Codes of what can be wrong with a body, whatever its members mean.
const (
	CodeMalformed  = "malformed_json"
	CodeDuplicate  = "duplicate_member"
	CodeUTF8       = "invalid_utf8"
	CodeDepth      = "too_deep"
	CodeRange      = "number_out_of_range"
	CodeUnknown    = "unknown_member"
	CodeType       = "wrong_type"
	CodeRequired   = "required"
	CodeChoice     = "invalid_choice"
	CodeReadOnly   = "read_only"
	CodeTooLong    = "too_long"
	CodeTooMany    = "too_many"
	CodeInvalid    = "invalid_value"
	CodeIdentity   = "identity_mismatch"
	CodeNotAnEmpty = "not_empty"
)

// Member is one member of an object, in the order of the body.
type Member struct {
	Name  string
	Value jsontext.Value
}

// Kind is the first character of the value: '{', '[', '"', '0', 't', 'f', 'n'.
func (m Member) Kind() jsontext.Kind { return m.Value.Kind() }

// Form is a body that is a JSON object, with what is wrong with it so far.
type Form struct {
	path    string // of the object within the body, "" for the body itself
	members []Member
	taken   []bool
	errs    *[]problem.Field
}

// Parse takes a body that must be one JSON object: valid UTF-8 without a byte
// order mark or half a surrogate pair, no member twice at any depth, nothing
// behind it, at most MaxDepth deep, no number beyond a double. The error is a
// problem.Validation that names the member.
func Parse(raw []byte) (*Form, error) {
	members, err := check(raw)
	if err != nil {
		return nil, err
	}
	return &Form{members: members, errs: new([]problem.Field)}, nil
}

// check walks the whole body once, and returns the members of the object that it
// is; their values are parts of raw.
func check(raw []byte) ([]Member, error) {
	d := jsontext.NewDecoder(byteReader(raw))
	var members []Member
	var name string // of the member whose value is being read
	begin := int64(0)
	whole, object := false, false
	for {
		tok, err := d.ReadToken()
		switch {
		case errors.Is(err, io.EOF) && !whole:
			return nil, problem.InvalidField("", CodeMalformed, "The body is empty; it must be a JSON object.")
		case errors.Is(err, io.EOF) && !object:
			return nil, problem.InvalidField("", CodeType, "The body must be a JSON object.")
		case errors.Is(err, io.EOF):
			return members, nil
		case err != nil:
			return nil, malformed(raw, err)
		case whole:
			return nil, problem.InvalidField("", CodeMalformed, "There is something behind the JSON object.")
		}
		if tok.Kind() == '0' {
			if _, err := strconv.ParseFloat(tok.String(), 64); err != nil {
				return nil, problem.InvalidField(pathOf(d.StackPointer()), CodeRange, "The number is beyond what a double can hold.")
			}
		}
		switch depth := d.StackDepth(); {
		case depth > MaxDepth:
			return nil, problem.InvalidField(pathOf(d.StackPointer()), CodeDepth, "Nested deeper than %d levels.", MaxDepth)
		case depth == 0:
			whole = true
		case depth == 1:
			// Names and values count alike: behind an odd one its value begins.
			kind, n := d.StackIndex(1)
			object = kind == '{'
			if n%2 == 1 {
				name, begin = tok.String(), d.InputOffset()
			} else if n > 0 {
				value := bytes.TrimLeft(raw[begin:d.InputOffset()], " \t\r\n:")
				members = append(members, Member{Name: name, Value: value})
			}
		}
	}
}

// byteReader lets the decoder read from raw itself; it does not write to it.
func byteReader(raw []byte) io.Reader { return bytes.NewBuffer(raw) }

func malformed(raw []byte, err error) error {
	if !utf8.Valid(raw) {
		return problem.InvalidField("", CodeUTF8, "The body must be valid UTF-8.")
	}
	if strings.HasPrefix(string(raw), "\uFEFF") {
		return problem.InvalidField("", CodeMalformed, "The body must not begin with a byte order mark.")
	}
	at, where := "", ""
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		at = pathOf(syntax.JSONPointer)
		where = " at byte " + strconv.FormatInt(syntax.ByteOffset, 10)
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return problem.InvalidField(at, CodeDuplicate, "The member stands twice in its object.")
		}
	}
	return problem.InvalidField(at, CodeMalformed, "The body is not valid JSON%s.", where)
}

// pathOf turns a JSON pointer (/otherEmails/2) into a member's path
// (otherEmails[2]).
func pathOf(pointer jsontext.Pointer) string {
	path := ""
	for tok := range pointer.Tokens() {
		if _, err := strconv.Atoi(tok); err == nil && path != "" {
			path += "[" + tok + "]"
		} else {
			path = Join(path, tok)
		}
	}
	return path
}

// Join is the path of a member of the object at path.
func Join(path, name string) string {
	if len(name) > 80 {
		name = strings.ToValidUTF8(name[:80], "") + "…"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// Index is the path of an element of the array at path.
func Index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// Members returns the members of a value that Parse has checked and that is an
// object.
func Members(object jsontext.Value) []Member {
	d := jsontext.NewDecoder(byteReader(object), jsontext.AllowDuplicateNames(true))
	_, _ = d.ReadToken()
	var ms []Member
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return ms // cannot be: it was checked
		}
		m := Member{Name: name.String()}
		if m.Value, err = d.ReadValue(); err != nil {
			return ms
		}
		m.Value = m.Value.Clone()
		ms = append(ms, m)
	}
	return ms
}

// Elements returns the elements of a value that Parse has checked and that is
// an array.
func Elements(array jsontext.Value) []jsontext.Value {
	d := jsontext.NewDecoder(byteReader(array), jsontext.AllowDuplicateNames(true))
	_, _ = d.ReadToken()
	var es []jsontext.Value
	for d.PeekKind() != ']' {
		v, err := d.ReadValue()
		if err != nil {
			return es
		}
		es = append(es, v.Clone())
	}
	return es
}

// Text returns the string that a value is.
func Text(v jsontext.Value) (string, bool) {
	if v.Kind() != '"' {
		return "", false
	}
	// Without escapes, which is nearly always, the text is between the quotes.
	if s := v[1 : len(v)-1]; !slices.Contains(s, '\\') {
		return string(s), true
	}
	s, err := jsontext.AppendUnquote(nil, v)
	return string(s), err == nil
}
