// Package object reads and writes JSON objects member by member, by hand. It is
// for the few types that are on the way of every request, contacts and audit
// entries: a page of fifty contacts spent half of its time in reflection.
//
// Reader trusts that a document was encoded by one of our own encoders: it finds
// its way through any JSON object, and does not tell everything that is none.
// What clients send is read by package body. Whoever has a type read or written
// here holds it to encoding by reflection in a test over all of its members.
package object

import (
	"errors"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/instant"
)

// ErrSyntax says that a document is no JSON object, as far as it was looked at.
var ErrSyntax = errors.New("object: not a JSON object")

// Reader walks over the members of an object, or over the elements of an array,
// in their order. Names and values are parts of the text that it was given.
type Reader struct {
	// Name is the member's, "" of an element.
	Name string
	// Value is the member's or the element's, as it stands.
	Value string

	rest  string
	names bool
	begun bool
	ended bool
	err   error
}

// Members walks over the members of an object.
func Members(text string) Reader { return begin(text, '{', true) }

// Elements walks over the elements of an array.
func Elements(text string) Reader { return begin(text, '[', false) }

func begin(text string, opening byte, names bool) Reader {
	r := Reader{rest: text, names: names}
	if r.peek() != opening {
		r.err = ErrSyntax
		return r
	}
	r.rest = r.rest[1:]
	return r
}

// Next goes on to the first or the next one; false at the end or after an error.
func (r *Reader) Next() bool {
	if r.err != nil || r.ended {
		return false
	}
	switch c := r.peek(); {
	case c == '}' && r.names, c == ']' && !r.names:
		r.ended = true
		if r.rest = r.rest[1:]; r.peek() != 0 {
			return r.fail()
		}
		return false
	case c == ',' && r.begun:
		r.rest = r.rest[1:]
	case r.begun:
		return r.fail()
	}
	r.begun = true
	if r.names && !r.name() {
		return r.fail()
	}
	r.peek()
	n := extent(r.rest)
	if n <= 0 {
		return r.fail()
	}
	r.Value, r.rest = r.rest[:n], r.rest[n:]
	return true
}

// Err is what went wrong, nil if nothing did.
func (r *Reader) Err() error { return r.err }

func (r *Reader) fail() bool {
	r.err = ErrSyntax
	return false
}

// name reads a member's name and the colon behind it.
func (r *Reader) name() bool {
	if r.peek() != '"' {
		return false
	}
	n := quoted(r.rest)
	if n == 0 {
		return false
	}
	var err error
	if r.Name, err = Text(r.rest[:n]); err != nil {
		return false
	}
	r.rest = r.rest[n:]
	if r.peek() != ':' {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// peek skips white space and returns the byte behind it, 0 at the end.
func (r *Reader) peek() byte {
	for i := range len(r.rest) {
		switch c := r.rest[i]; c {
		case ' ', '\t', '\n', '\r':
		default:
			r.rest = r.rest[i:]
			return c
		}
	}
	r.rest = ""
	return 0
}

// extent is how long the value is that text begins with; 0 if there is none.
func extent(text string) int {
	if text == "" {
		return 0
	}
	switch text[0] {
	case '"':
		return quoted(text)
	case '{', '[':
		depth := 0
		for i := 0; i < len(text); i++ {
			switch text[i] {
			case '"':
				n := quoted(text[i:])
				if n == 0 {
					return 0
				}
				i += n - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
		return 0
	}
	n := strings.IndexAny(text, ",}] \t\r\n")
	return max(n, 0)
}

// quoted is how long the string is that text begins with, quotes included; 0 if
// it does not end.
func quoted(text string) int {
	for i := 1; ; {
		n := strings.IndexByte(text[i:], '"')
		if n < 0 {
			return 0
		}
		i += n
		backslashes := 0
		for text[i-1-backslashes] == '\\' {
			backslashes++
		}
		i++
		if backslashes%2 == 0 {
			return i
		}
	}
}

// Text is the string that a value is; "" of null.
func Text(value string) (string, error) {
	if value == "null" {
		return "", nil
	}
	if len(value) < 2 || value[0] != '"' {
		return "", ErrSyntax
	}
	if inner := value[1 : len(value)-1]; strings.IndexByte(inner, '\\') < 0 {
		return inner, nil
	}
	b, err := jsontext.AppendUnquote(nil, value)
	return string(b), err
}

// Int is the whole number that a value is.
func Int(value string) (int64, error) { return strconv.ParseInt(value, 10, 64) }

// Bool is the truth value that a value is.
func Bool(value string) (bool, error) {
	if value != "true" && value != "false" {
		return false, ErrSyntax
	}
	return value == "true", nil
}

// Instant is the time that a value is.
func Instant(value string) (at instant.Instant, err error) {
	text, err := Text(value)
	if err != nil {
		return 0, err
	}
	err = at.UnmarshalText([]byte(text))
	return at, err
}

// Texts are the strings of an array.
func Texts(value string) ([]string, error) {
	var texts []string
	r := Elements(value)
	for r.Next() {
		s, err := Text(r.Value)
		if err != nil {
			return nil, err
		}
		texts = append(texts, s)
	}
	return texts, r.Err()
}

// TextMap is an object of strings.
func TextMap[S ~string](value string) (map[string]S, error) {
	texts := map[string]S{}
	r := Members(value)
	for r.Next() {
		s, err := Text(r.Value)
		if err != nil {
			return nil, err
		}
		texts[r.Name] = S(s)
	}
	return texts, r.Err()
}
