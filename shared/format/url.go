package format

import (
	"net/url"
	"strings"
	"unicode"
)

// MaxURL is in Unicode code points.
const MaxURL = 1_000

// URL is an absolute http or https address with a host and without user name
// and password. It is kept as written, and may hold letters beyond ASCII, as
// browsers show them. That anything answers there is not checked.
func URL(s string) (string, error) {
	s, err := Line(s, MaxURL)
	if err != nil {
		return "", &Error{CodeInvalidURL, err.(*Error).Detail}
	}
	for _, r := range s {
		// What RFC 3986 has no place for, and what nobody sees. Some browsers
		// take a backslash for a slash, others don't.
		if unicode.IsSpace(r) || !unicode.IsGraphic(r) || strings.ContainsRune("<>\"\\^`{|}", r) {
			return "", invalidURL("An address cannot hold " + quote(string(r)) + " as it is; written as " + url.PathEscape(string(r)) + " it can.")
		}
	}
	u, err := url.Parse(s)
	switch {
	case err == nil && u.Scheme == "" && looksLikeHost(s):
		return "", invalidURL("Begin it with https://, as in https://" + s + ".")
	case err == nil && u.Scheme != "https" && u.Scheme != "http":
		return "", invalidURL("Write an address that begins with https:// or http://.")
	case err != nil:
		return "", invalidURL("Write an address as in https://example.com/page; % stands before two hexadecimal digits, : in the host before a port.")
	case u.User != nil:
		return "", invalidURL("Leave out the user name and password before the @.")
	case u.Hostname() == "":
		return "", invalidURL("The host is missing: write an address as in https://example.com/page.")
	case u.Host[0] == '.' || strings.Contains(u.Host, ".."):
		return "", invalidURL("In the host there is a dot too many.")
	}
	return s, nil
}

// looksLikeHost tells an address without its scheme (www.example.com/page)
// from other text.
func looksLikeHost(s string) bool {
	host, _, _ := strings.Cut(s, "/")
	return strings.Contains(strings.Trim(host, "."), ".") && !strings.ContainsAny(host, "@?#")
}

func invalidURL(detail string) error { return &Error{CodeInvalidURL, detail} }
