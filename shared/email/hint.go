package email

import (
	"strings"
	"unicode"

	"rubrica/shared/format"
)

// invalid makes the error for s; where it can be told which address was meant,
// that takes the place of detail.
func invalid(s, detail string) error {
	if len(s) > 4*MaxAddress {
		return &format.Error{Code: CodeInvalid, Detail: detail}
	}
	if several(s) {
		detail = "Write one address; others belong into otherEmails, each by itself."
	} else if meant := stripped(s); meant != s && check(meant) == "" {
		detail = "Write it as " + meant + ", with nothing before or behind it."
	}
	return &format.Error{Code: CodeInvalid, Detail: detail}
}

// several tells whether s lists addresses, as people separate them.
func several(s string) bool {
	addresses := 0
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool {
		return strings.ContainsRune(",;|", r) || unicode.IsSpace(r)
	}) {
		if check(stripped(part)) == "" {
			addresses++
		}
	}
	return addresses > 1
}

// stripped takes away what people and programs put around an address: spaces
// and invisible marks, mailto:, a display name with angle brackets.
func stripped(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) })
	if strings.HasSuffix(s, ">") {
		s = s[strings.LastIndexByte(s, '<')+1 : len(s)-1]
	}
	if len(s) > len("mailto:") && strings.EqualFold(s[:len("mailto:")], "mailto:") {
		s = s[len("mailto:"):]
	}
	return strings.TrimSpace(s)
}
