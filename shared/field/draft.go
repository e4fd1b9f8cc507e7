package field

import (
	"slices"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/body"
	"rubrica/shared/format"
	"rubrica/shared/problem"
)

// Draft is what a body says of a field: of a new one, or what to change in one.
// Members that it says nothing of are nil. One that is cleared is the zero value,
// a position lastPlace: it gets its default again.
type Draft struct {
	Key       string
	Type      Type
	Label     *string
	Folder    *string
	Position  *int
	ManagedBy *string
	Shown     *bool
	Options   *[]string
}

// lastPlace is the default position of a custom field: behind all others.
const lastPlace = -1

// Limits of a definition's members.
const (
	maxKey      = 63
	maxLabel    = 100
	maxOption   = 255
	maxPosition = 10_000
	// An integration's name has as many bytes in a caller's token.
	maxManager = 64
)

// ReadDraft takes the members of a field from a body; what is wrong is noted.
func ReadDraft(f *body.Form, creating bool) Draft {
	var d Draft
	if creating {
		d.Key = f.Text("key", maxKey)
		f.Require("key", d.Key != "" || f.Refused("key"))
		if d.Key != "" && !validKey(d.Key) {
			f.Refuse("key", format.CodeInvalidKey, "Must be 1 to 63 of A-Z, a-z, 0-9 and _, beginning with one of a-z, as in customer_id.")
		}
		names := make([]string, len(Types))
		for i, t := range Types {
			names[i] = string(t)
		}
		d.Type = Type(f.Choice("type", names...))
		f.Require("type", d.Type != "" || f.Refused("type"))
	} else {
		for _, fixed := range []string{"key", "type"} {
			if f.Has(fixed) {
				f.Refuse(fixed, body.CodeReadOnly, "This never changes; make another field instead.")
			}
		}
	}
	if f.Has("standard") {
		f.Refuse("standard", body.CodeReadOnly, "This member cannot be set; leave it out.")
	}
	if f.Has("label") {
		d.Label = new(f.Text("label", maxLabel))
	}
	if f.Has("folder") {
		d.Folder = new(f.Text("folder", 64))
	}
	d.Position = ReadPosition(f)
	if f.Has("managedBy") {
		name := f.Text("managedBy", maxManager)
		if len(name) > maxManager || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
			f.Refuse("managedBy", body.CodeInvalid, "Must be an integration's name, 1 to 64 bytes of printable characters.")
		}
		d.ManagedBy = &name
	}
	if f.Has("shown") {
		shown, given := f.Bool("shown")
		d.Shown = new(shown || !given)
	}
	d.readOptions(f, creating)
	return d
}

// ReadPosition takes a position among others, lastPlace if it is cleared, nil if
// the body says nothing of it.
func ReadPosition(f *body.Form) *int {
	if !f.Has("position") {
		return nil
	}
	n, given := f.Int("position", 0, maxPosition)
	if !given {
		n = lastPlace
	}
	return &n
}

func (d *Draft) readOptions(f *body.Form, creating bool) {
	options := readOptions(f)
	switch {
	case len(options) == 0 && f.RefusedWithin("options"):
	case creating && d.Type.hasOptions() && len(options) == 0:
		f.Refuse("options", body.CodeRequired, "A list has at least one option.")
	case creating && d.Type != "" && !d.Type.hasOptions() && len(options) > 0:
		f.Refuse("options", body.CodeInvalid, "Only fields of the types list and multilist have options.")
	case f.Has("options"):
		d.Options = &options
	}
}

func readOptions(f *body.Form) []string {
	options := []string{}
	f.Strings("options", MaxOptions, func(path, o string) {
		// As values are formatted, so that there is one that is the option.
		o, err := format.Line(strings.TrimSpace(o), maxOption)
		switch wrong, ok := err.(*format.Error); { //nolint:errorlint // formats return it unwrapped
		case ok:
			f.Refuse(path, wrong.Code, wrong.Detail)
		case o == "":
			f.Refuse(path, body.CodeInvalid, "An option has at least one character.")
		case slices.Contains(options, o):
			f.Refuse(path, body.CodeInvalid, "This option stands there already.")
		}
		options = append(options, o)
	})
	return options
}

func (t Type) hasOptions() bool { return t == List || t == MultiList }

func validKey(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (i == 0 || (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_') {
			return false
		}
	}
	return s != "" && len(s) <= maxKey
}

// Wrong lists what is wrong with a draft as only the workspace's own fields and
// folders tell. key is that of the field to change, "" for a new one. A standard
// field's options are no matter of right and wrong: see Update.
func (s *Set) Wrong(key string, d Draft) []problem.Field {
	var wrong []problem.Field
	if d.Folder != nil && *d.Folder != "" {
		if _, ok := s.Folder(*d.Folder); !ok {
			wrong = append(wrong, problem.Field{Field: "folder", Code: "unknown_folder", Detail: "Must be the id of a folder, as GET /v1/folders lists them."})
		}
	}
	before, there := s.Field(key)
	if d.Options == nil || before.Standard || key != "" && !there {
		return wrong
	}
	options := func(code, detail string) {
		wrong = append(wrong, problem.Field{Field: "options", Code: code, Detail: detail})
	}
	switch t := before.Type; {
	case key != "" && t.hasOptions() && len(*d.Options) == 0:
		options(body.CodeRequired, "A list has at least one option.")
	case key != "" && !t.hasOptions() && len(*d.Options) > 0:
		options(body.CodeInvalid, "Only fields of the types list and multilist have options.")
	case s.optionBytes(key)+bytesOf(*d.Options) > MaxOptionBytes:
		options(body.CodeTooLong, "The options of all fields together have at most 150 KiB.")
	}
	return wrong
}

// optionBytes is how much the options of all fields but one take.
func (s *Set) optionBytes(except string) int {
	n := 0
	for i := range s.Custom {
		if s.Custom[i].Key != except {
			n += bytesOf(s.Custom[i].Options)
		}
	}
	return n
}

// bytesOf is how many bytes texts take in JSON.
func bytesOf(texts []string) int {
	n := 0
	var quoted []byte
	for _, t := range texts {
		quoted, _ = jsontext.AppendQuote(quoted[:0], t) // it was read from JSON
		n += len(quoted) + len(",")
	}
	return n
}
