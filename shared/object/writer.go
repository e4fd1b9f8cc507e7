package object

import (
	"maps"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/instant"
)

// Writer appends an object to Bytes, member by member, in the order of its calls.
// Those that say so leave an empty member out.
type Writer struct {
	Bytes []byte
	empty bool // nothing stands behind the opening brace yet
}

// Open begins an object behind what is there.
func (w *Writer) Open() {
	w.Bytes = append(w.Bytes, '{')
	w.empty = true
}

// Close ends the object.
func (w *Writer) Close() {
	w.Bytes = append(w.Bytes, '}')
	w.empty = false
}

// Name begins a member whose value the caller appends to Bytes. A name is a word
// of ours: nothing in it wants escaping.
func (w *Writer) Name(name string) {
	if !w.empty {
		w.Bytes = append(w.Bytes, ',')
	}
	w.empty = false
	w.Bytes = append(w.Bytes, '"')
	w.Bytes = append(w.Bytes, name...)
	w.Bytes = append(w.Bytes, '"', ':')
}

// Text writes a string.
func (w *Writer) Text(name, value string) {
	w.Name(name)
	w.Bytes = AppendText(w.Bytes, value)
}

// TextUnlessEmpty leaves "" out.
func (w *Writer) TextUnlessEmpty(name, value string) {
	if value != "" {
		w.Text(name, value)
	}
}

// Int writes a whole number.
func (w *Writer) Int(name string, value int64) {
	w.Name(name)
	w.Bytes = strconv.AppendInt(w.Bytes, value, 10)
}

// Bool writes true or false.
func (w *Writer) Bool(name string, value bool) {
	w.Name(name)
	w.Bytes = strconv.AppendBool(w.Bytes, value)
}

// TrueUnlessFalse leaves false out.
func (w *Writer) TrueUnlessFalse(name string, value bool) {
	if value {
		w.Bool(name, true)
	}
}

// Instant writes a time.
func (w *Writer) Instant(name string, at instant.Instant) {
	w.Name(name)
	w.Bytes = append(at.Append(append(w.Bytes, '"')), '"')
}

// Texts writes an array of strings.
func (w *Writer) Texts(name string, values []string) {
	w.Name(name)
	w.Bytes = append(w.Bytes, '[')
	for i, s := range values {
		if i > 0 {
			w.Bytes = append(w.Bytes, ',')
		}
		w.Bytes = AppendText(w.Bytes, s)
	}
	w.Bytes = append(w.Bytes, ']')
}

// TextsUnlessEmpty leaves an empty array out.
func (w *Writer) TextsUnlessEmpty(name string, values []string) {
	if len(values) > 0 {
		w.Texts(name, values)
	}
}

// Map writes an object in the order of its names, each value as appendValue does.
func Map[V any](w *Writer, name string, values map[string]V, appendValue func([]byte, V) []byte) {
	w.Name(name)
	w.Open()
	if len(values) > 0 {
		for _, k := range slices.Sorted(maps.Keys(values)) {
			if !w.empty {
				w.Bytes = append(w.Bytes, ',')
			}
			w.empty = false
			w.Bytes = append(AppendText(w.Bytes, k), ':')
			w.Bytes = appendValue(w.Bytes, values[k])
		}
	}
	w.Close()
}

// MapUnlessEmpty leaves an empty object out.
func MapUnlessEmpty[V any](w *Writer, name string, values map[string]V, appendValue func([]byte, V) []byte) {
	if len(values) > 0 {
		Map(w, name, values, appendValue)
	}
}

// AppendString is AppendText for a kind of string.
func AppendString[S ~string](b []byte, s S) []byte { return AppendText(b, string(s)) }

// AppendRaw appends a value that is JSON already.
func AppendRaw[R ~[]byte](b []byte, raw R) []byte { return append(b, raw...) }

// AppendText appends a string, escaped as JSON wants it and no further; what is
// no UTF-8 is replaced.
func AppendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7F {
			b, _ = jsontext.AppendQuote(b, s) // fails only on what it has replaced
			return b
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
