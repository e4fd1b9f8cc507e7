package format

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits in Unicode code points, counted after trimming and composing.
const (
	MaxText     = 1_000  // a text field
	MaxLongText = 10_000 // description, a note
)

// Text is a value of one line, up to MaxText long.
func Text(s string) (string, error) { return Line(s, MaxText) }

// LongText is text of several lines, up to MaxLongText long; see Lines.
func LongText(s string) (string, error) { return Lines(s, MaxLongText) }

// Line is a value of one line, up to limit code points. Control characters (C0,
// DEL, C1) and Unicode's line and paragraph separators are refused wherever
// they stand, also where trimming would have taken them away. Invisible format
// characters are legal: right-to-left text and composed emoji need them.
func Line(s string, limit int) (string, error) {
	if isASCII(s, "") {
		return bounded(strings.Trim(s, " "), limit)
	}
	highest := rune(0)
	for i, r := range s {
		if isControl(r) || r == '\u2028' || r == '\u2029' {
			return "", controlCharacter(r, "This is one line of text; take it out.")
		}
		if isBroken(s, i, r) {
			return "", brokenUTF8()
		}
		highest = max(highest, r)
	}
	return bounded(compose(strings.TrimSpace(s), highest), limit)
}

// Lines is text of several lines, up to limit code points. Lines end in \n; \r\n
// is turned into it, before counting. The tab is the only other control
// character allowed.
func Lines(s string, limit int) (string, error) {
	if strings.Contains(s, "\r\n") {
		s = strings.ReplaceAll(s, "\r\n", "\n")
	}
	if isASCII(s, "\n\t") {
		return bounded(strings.Trim(s, " \n\t"), limit)
	}
	highest := rune(0)
	for i, r := range s {
		if isControl(r) && r != '\n' && r != '\t' {
			return "", controlCharacter(r, "Lines end in \\n or \\r\\n; of other control characters only the tab is allowed.")
		}
		if isBroken(s, i, r) {
			return "", brokenUTF8()
		}
		highest = max(highest, r)
	}
	return bounded(compose(strings.TrimSpace(s), highest), limit)
}

// isASCII tells whether s is printable ASCII or among the controls, as most
// values are: nothing in it can be wrong but its length, and there is nothing
// to compose.
func isASCII(s, controls string) bool {
	for i := range len(s) {
		if c := s[i]; c-' ' > '~'-' ' && strings.IndexByte(controls, c) < 0 {
			return false
		}
	}
	return true
}

// compose brings s into NFC. Below U+0300, the first combining mark, there is
// nothing to do, which spares most Western text the tables.
func compose(s string, highest rune) string {
	if highest < '\u0300' {
		return s
	}
	return norm.NFC.String(s)
}

// bounded measures what is to be stored: composing changes the length, in both
// directions.
func bounded(s string, limit int) (string, error) {
	if len(s) > limit {
		if n := utf8.RuneCountInString(s); n > limit {
			return "", &Error{CodeTooLong, fmt.Sprintf("At most %d characters, not %d.", limit, n)}
		}
	}
	return s, nil
}

func isControl(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }

// isBroken tells whether r, which range found at s[i:], stands for a byte that
// is no UTF-8. JSON cannot bring one; other sources can.
func isBroken(s string, i int, r rune) bool {
	return r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD")
}

func controlCharacter(r rune, right string) error {
	return &Error{CodeControlCharacter, fmt.Sprintf("The control character %U is not allowed. %s", r, right)}
}

func brokenUTF8() error {
	return &Error{CodeControlCharacter, "Some bytes are not UTF-8. Save the text as UTF-8 and send it again."}
}
