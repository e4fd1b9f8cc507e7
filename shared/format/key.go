package format

import (
	"unicode"
	"unicode/utf8"
)

// Limits of names that other systems give, in Unicode code points.
const (
	MaxUserID      = 255
	MaxSystem      = 63
	MaxExternalKey = 255
)

// UserID is the id of a user (owner, follower) as the identity provider names
// it in a token's sub: visible characters without spaces, upper and lower case
// apart. Whether such a user exists is not known here.
func UserID(s string) (string, error) {
	const right = "Write the user's id as in the token's sub: 1 to 255 visible characters without spaces."
	s, err := Line(s, MaxUserID)
	if err != nil || s == "" {
		return "", &Error{CodeInvalidUser, right}
	}
	for _, r := range s {
		if unicode.IsSpace(r) || !unicode.IsGraphic(r) {
			return "", &Error{CodeInvalidUser, right}
		}
	}
	return s, nil
}

// ExternalSystem is the name under which a contact's key in another system is
// kept: [a-z][a-z0-9_-]{0,62}.
func ExternalSystem(s string) (string, error) {
	ok := s != "" && len(s) <= MaxSystem && s[0] >= 'a' && s[0] <= 'z'
	for i := 0; ok && i < len(s); i++ {
		c := s[i]
		ok = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-'
	}
	if !ok {
		return "", &Error{CodeInvalidSystem, "A system's name has 1 to 63 of a-z, 0-9, _ and -, and begins with a letter, as in sap."}
	}
	return s, nil
}

// ExternalKey is a contact's key in another system: one line, 1 to 255
// characters, upper and lower case apart.
func ExternalKey(s string) (string, error) {
	s, err := Line(s, MaxExternalKey)
	if err != nil || s == "" {
		return "", &Error{CodeInvalidKey, "A key has 1 to 255 characters, no control characters among them."}
	}
	return s, nil
}

// quote shortens what was sent, to repeat it in an error.
func quote(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return "“" + s + "”"
}
