package email

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// check returns what is wrong with s as an address; "" if nothing.
func check(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return "The @ is missing: write an address as in maria@example.com."
	}
	if len(s) > MaxAddress {
		return tooLong(len(s))
	}
	if detail := checkLocal(s[:at]); detail != "" {
		return detail
	}
	return checkDomain(s[at+1:])
}

func tooLong(n int) string { return fmt.Sprintf("At most %d bytes, not %d.", MaxAddress, n) }

func checkLocal(local string) string {
	switch {
	case local == "":
		return "The part before the @ is missing: write an address as in maria@example.com."
	case len(local) > MaxLocal:
		return fmt.Sprintf("Before the @ at most %d bytes, not %d.", MaxLocal, len(local))
	case local[0] == '"':
		return checkQuoted(local)
	}
	for i, r := range local {
		if r != '.' && !isAtom(local[i:], r) {
			return cannotHold("before the @", r)
		}
	}
	if !dotsFit(local) {
		return "Before the @ a dot may neither begin nor end nor follow another dot; an address that really is so is written in quotes, as in \"a..b\"@example.com."
	}
	return ""
}

// checkQuoted checks a local part in quotes: visible ASCII, a backslash before
// " and \ and nothing else, and something in it that needs the quotes.
func checkQuoted(local string) string {
	const right = "Quotes stand around the whole part before the @ or nowhere; within them only visible characters, \\ before \" and \\ and nothing else."
	if len(local) < 3 || local[len(local)-1] != '"' {
		return right
	}
	inner := local[1 : len(local)-1]
	atoms := true
	for i := 0; i < len(inner); i++ {
		c := inner[i]
		if c <= ' ' || c >= 0x7f || c == '"' {
			return right
		}
		if c == '\\' {
			if i++; i == len(inner) || inner[i] != '"' && inner[i] != '\\' {
				return right
			}
		}
		atoms = atoms && (c == '.' || isAtom(inner[i:], rune(c)))
	}
	if atoms && dotsFit(inner) {
		return "Write it without the quotes: " + inner + " before the @."
	}
	return ""
}

func dotsFit(local string) bool {
	return local[0] != '.' && local[len(local)-1] != '.' && !strings.Contains(local, "..")
}

// isAtom tells whether r, which rest begins with, may stand in a local part
// without quotes.
func isAtom(rest string, r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
	}
	// Nothing that cannot be seen: two addresses must not look the same.
	return isUTF8(rest, r) && unicode.IsGraphic(r) && !unicode.IsSpace(r)
}

func isUTF8(rest string, r rune) bool {
	return r != utf8.RuneError || strings.HasPrefix(rest, "\uFFFD")
}

func checkDomain(domain string) string {
	const right = "as in maria@example.com."
	switch {
	case domain == "":
		return "The part after the @ is missing: write an address " + right
	case strings.HasSuffix(domain, "."):
		return "Leave out the dot at the end."
	case domain[0] == '.' || strings.Contains(domain, ".."):
		return "After the @ there is a dot too many: write an address " + right
	}
	labels, last := 0, ""
	for label := range strings.SplitSeq(domain, ".") {
		if detail := checkLabel(label); detail != "" {
			return detail
		}
		labels, last = labels+1, label
	}
	if labels < 2 {
		return "After the @ the end of the domain is missing (.com, .it): write an address " + right
	}
	if strings.Trim(last, "0123456789") == "" {
		return "After the @ stands a domain, not an IP address: write an address " + right
	}
	return ""
}

func checkLabel(label string) string {
	if len(label) > maxLabel {
		return fmt.Sprintf("Between two dots of a domain at most %d bytes, not %d.", maxLabel, len(label))
	}
	if label[0] == '-' || label[len(label)-1] == '-' {
		return "After the @ a hyphen may neither begin nor end a name between dots."
	}
	for i, r := range label {
		ok := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-'
		if r >= utf8.RuneSelf {
			ok = isUTF8(label[i:], r) && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r))
		}
		if !ok {
			return cannotHold("after the @", r)
		}
	}
	return ""
}

func cannotHold(where string, r rune) string {
	switch {
	case unicode.IsSpace(r):
		return "There is a space " + where + ": write an address without spaces."
	case !unicode.IsGraphic(r) || r == utf8.RuneError:
		return fmt.Sprintf("There is the invisible character %U %s: take it out.", r, where)
	default:
		return fmt.Sprintf("“%c” cannot stand %s: write one address, as in maria@example.com.", r, where)
	}
}
