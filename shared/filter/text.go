package filter

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/unicode/norm"

	"rubrica/shared/body"
	"rubrica/shared/email"
	"rubrica/shared/format"
	"rubrica/shared/phone"
	"rubrica/shared/problem"
	"rubrica/shared/tag"
)

// The kinds of texts.
var (
	text       = texts(plain(tag.Fold))
	identifier = texts(plain(func(s string) string { return s }))
	emails     = texts(plain(email.Canonical))
	phones     = texts(func(s string) operand { return operand{text: phone.Canonical(s), given: s} })
	users      = userIDs()
	tags       = tagNames()
)

var textOps = []op{opEq, opNe, opIn, opGt, opGte, opLt, opLte, opContains, opStartsWith, opExists}

// plain is a text whose parts are looked for in the form in which it is compared.
func plain(form func(string) string) func(string) operand {
	return func(s string) operand {
		s = form(s)
		return operand{text: s, given: s}
	}
}

func texts(of func(string) operand) *kind {
	return &kind{
		ops: textOps,
		of:  of,
		read: func(path string, v jsontext.Value, part bool) (operand, []problem.Field) {
			s, wrong := readText(path, v, part)
			if wrong != nil {
				return operand{}, wrong
			}
			return of(s), nil
		},
		compare: func(a, b operand) (int, bool) { return strings.Compare(a.text, b.text), true },
	}
}

// readText reads a text as contacts keep theirs, composed and trimmed; a part keeps
// its blanks, which count.
func readText(path string, v jsontext.Value, part bool) (string, []problem.Field) {
	s, ok := body.Text(v)
	if !ok {
		_, wrong := refusal(path, body.CodeType, "Must be a string.")
		return "", wrong
	}
	s = norm.NFC.String(s)
	if part {
		return s, nil
	}
	if s = strings.TrimSpace(s); s == "" {
		_, wrong := refusal(path, body.CodeRequired, "Must not be blank.")
		return "", wrong
	}
	return s, nil
}

// userIDs are ids, without the words that stand for users in queries alone.
func userIDs() *kind {
	k := texts(identifier.of)
	read := k.read
	k.read = func(path string, v jsontext.Value, part bool) (operand, []problem.Field) {
		o, wrong := read(path, v, part)
		if wrong == nil && !part && (o.text == "me" || o.text == "none") {
			return refusal(path, format.CodeInvalidUser, "Must be a user's id; me and none are words of queries, and exists tells who has none.")
		}
		return o, wrong
	}
	return k
}

// tagNames are names of tags, or in their place ids of tags.
func tagNames() *kind {
	k := texts(text.of)
	k.read = func(path string, v jsontext.Value, part bool) (operand, []problem.Field) {
		s, wrong := readText(path, v, part)
		if wrong != nil {
			return operand{}, wrong
		}
		o := text.of(s)
		o.id = s
		return o, nil
	}
	k.compare = func(a, b operand) (int, bool) {
		if a.id == b.id {
			return 0, true
		}
		return strings.Compare(a.text, b.text), true
	}
	return k
}
