package ledger

import (
	"slices"
	"strconv"
	"strings"

	"rubrica/shared/problem"
)

// IfMatch is the If-Match of a request (RFC 9110, section 13.1.1). The zero
// value is none and allows everything.
type IfMatch struct {
	given    bool
	any      bool
	versions []int64
}

// ParseIfMatch reads the header: "*", or strong and weak entity tags with commas
// between. A weak tag never matches.
func ParseIfMatch(header string, given bool) (IfMatch, error) {
	m := IfMatch{given: given}
	if !given {
		return m, nil
	}
	header = strings.TrimSpace(header)
	if header == "*" {
		m.any = true
		return m, nil
	}
	for more := true; more; { // not split at commas: a tag may hold some
		opaque, weak := strings.CutPrefix(header, "W/")
		opaque, opens := strings.CutPrefix(opaque, `"`)
		inner, rest, closes := strings.Cut(opaque, `"`)
		header, more = strings.CutPrefix(strings.TrimSpace(rest), ",")
		if !opens || !closes || !more && header != "" || strings.ContainsFunc(inner, func(r rune) bool { return r <= ' ' || r == 0x7F }) {
			return m, problem.InvalidField("If-Match", "invalid_if_match", `Must be * or entity tags such as "3", in double quotes.`)
		}
		if v, err := strconv.ParseInt(inner, 10, 64); err == nil && !weak && strconv.FormatInt(v, 10) == inner {
			m.versions = append(m.versions, v)
		}
		header = strings.TrimSpace(header)
	}
	return m, nil
}

// Given tells whether the request had the header.
func (m IfMatch) Given() bool { return m.given }

// Allows tells whether a subject that exists at this version is meant.
func (m IfMatch) Allows(version int64) bool {
	return !m.given || m.any || slices.Contains(m.versions, version)
}
