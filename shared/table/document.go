package table

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how deep the objects and arrays of a document may nest, itself
// included: DynamoDB keeps 32 levels.
const maxDepth = 32

var errSyntax = errors.New("a row's document is not JSON")

// docSize walks a JSON object. The outermost names and values are attributes;
// inside them every element costs one byte more and every container three. It
// is on the way of every write, hence by hand; duplicate names are let through,
// whoever encoded the document sees to that.
func docSize(doc []byte) (int, error) {
	if doc[0] != '{' {
		return 0, errors.New("a row's document is a JSON object")
	}
	w := walker{rest: doc}
	n, err := w.object(1)
	if err != nil {
		return 0, err
	}
	if w.next(); len(w.rest) > 0 {
		return 0, errSyntax
	}
	return n, nil
}

// walker measures a document; rest is what it has not seen yet.
type walker struct {
	rest    []byte
	scratch []byte // of a string with escapes, decoded
}

// next skips white space and returns the byte behind it, 0 at the end.
func (w *walker) next() byte {
	for len(w.rest) > 0 {
		switch c := w.rest[0]; c {
		case ' ', '\t', '\n', '\r':
			w.rest = w.rest[1:]
		default:
			return c
		}
	}
	return 0
}

// take skips one byte if it is c.
func (w *walker) take(c byte) bool {
	if w.next() != c {
		return false
	}
	w.rest = w.rest[1:]
	return true
}

// object measures names and values of an object that begins here.
func (w *walker) object(depth int) (n int, err error) {
	if depth > maxDepth {
		return 0, fmt.Errorf("a row's document nests deeper than %d levels", maxDepth)
	}
	w.take('{')
	if w.take('}') {
		return 0, nil
	}
	for {
		if w.next() != '"' {
			return 0, errSyntax
		}
		name, err := w.text()
		if err != nil {
			return 0, err
		}
		if depth == 1 && (strings.HasPrefix(string(name), "_") || string(name) == AttrPK || string(name) == AttrSK) {
			return 0, fmt.Errorf("a row's document: member %q is storage's own", name)
		}
		n += len(name)
		if !w.take(':') {
			return 0, errSyntax
		}
		value, err := w.value(depth)
		if err != nil {
			return 0, err
		}
		if n += value; depth > 1 {
			n++
		}
		if w.take('}') {
			return n, nil
		}
		if !w.take(',') {
			return 0, errSyntax
		}
	}
}

// array measures the elements of an array that begins here.
func (w *walker) array(depth int) (n int, err error) {
	if depth > maxDepth {
		return 0, fmt.Errorf("a row's document nests deeper than %d levels", maxDepth)
	}
	w.take('[')
	if w.take(']') {
		return 0, nil
	}
	for {
		value, err := w.value(depth)
		if err != nil {
			return 0, err
		}
		n += value + 1
		if w.take(']') {
			return n, nil
		}
		if !w.take(',') {
			return 0, errSyntax
		}
	}
}

// value measures whatever begins here, within depth levels.
func (w *walker) value(depth int) (n int, err error) {
	switch c := w.next(); {
	case c == '"':
		s, err := w.text()
		return len(s), err
	case c == '{':
		n, err = w.object(depth + 1)
		return n + 3, err
	case c == '[':
		n, err = w.array(depth + 1)
		return n + 3, err
	case c == '-' || '0' <= c && c <= '9':
		return w.number()
	}
	for _, literal := range [...]string{"true", "false", "null"} {
		if rest, ok := bytes.CutPrefix(w.rest, []byte(literal)); ok {
			w.rest = rest
			return 1, nil
		}
	}
	return 0, errSyntax
}

// text returns the string that begins here as it is stored, good until the next.
func (w *walker) text() ([]byte, error) {
	plain := true
	for i := 1; i < len(w.rest); i++ {
		switch c := w.rest[i]; {
		case c == '"':
			quoted := w.rest[:i+1]
			w.rest = w.rest[i+1:]
			if plain || bytes.IndexByte(quoted, '\\') < 0 && utf8.Valid(quoted) {
				return quoted[1:i], nil
			}
			var err error
			if w.scratch, err = jsontext.AppendUnquote(w.scratch[:0], quoted); err != nil {
				return nil, fmt.Errorf("%w: %w", errSyntax, err)
			}
			return w.scratch, nil
		case c == '\\':
			i++
			plain = false
		case c < ' ':
			return nil, errSyntax
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	return nil, errSyntax
}

// number measures a number: at most a byte for two digits, and two.
func (w *walker) number() (int, error) {
	i := 0
	digits := func() bool {
		from := i
		for i < len(w.rest) && '0' <= w.rest[i] && w.rest[i] <= '9' {
			i++
		}
		return i > from
	}
	if w.rest[0] == '-' {
		i++
	}
	whole := i
	if !digits() || w.rest[whole] == '0' && i > whole+1 {
		return 0, errSyntax
	}
	if i < len(w.rest) && w.rest[i] == '.' {
		i++
		if !digits() {
			return 0, errSyntax
		}
	}
	if i < len(w.rest) && w.rest[i]|0x20 == 'e' {
		i++
		if i < len(w.rest) && (w.rest[i] == '+' || w.rest[i] == '-') {
			i++
		}
		if !digits() {
			return 0, errSyntax
		}
	}
	w.rest = w.rest[i:]
	return numberSize(i), nil
}
