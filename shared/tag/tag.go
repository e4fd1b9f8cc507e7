// Package tag is what a tag of a workspace is, and when two names are one.
// Contacts carry ids of tags, never names: a rename is one write and shows
// everywhere at once. Pure rules; the ledger keeps tags, their hints and counts.
package tag

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"rubrica/shared/format"
)

// Limits of tags.
const (
	MaxPerContact   = 100
	MaxPerCall      = 20 // names or ids in one call
	MaxPerWorkspace = 10_000
	MaxName         = 255 // characters
	MaxDescription  = 1000
)

// Tag is a tag of a workspace.
type Tag struct {
	ID          string `json:"id"`
	Version     int64  `json:"version"`
	Name        string `json:"name"`
	Color       string `json:"color,omitzero"`
	Description string `json:"description,omitzero"`
}

// ParseName returns the name as it is kept: trimmed, NFC, at most MaxName
// characters, no control characters. An error is a *format.Error.
func ParseName(s string) (string, error) {
	s, err := format.Line(s, MaxName)
	if err == nil && s == "" {
		err = &format.Error{Code: "required", Detail: "A tag's name has at least one character."}
	}
	return s, err
}

// Fold returns what names of one tag have in common: Unicode case folding of a
// name that ParseName returned. Names are unique by it.
func Fold(name string) string {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			// Lower case besides, for Cherokee, whose small letters fold to capitals
			// and, in this table, the capitals to small ones.
			return norm.NFC.String(strings.ToLower(cases.Fold().String(name)))
		}
	}
	return strings.ToLower(name)
}

// ParseColor returns the color, #rrggbb in lower case; "" is none.
func ParseColor(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" {
		return "", nil
	}
	if len(s) != 7 || s[0] != '#' || strings.Trim(s[1:], "0123456789abcdef") != "" {
		return "", &format.Error{Code: "invalid_color", Detail: "Must be a color such as #1e90ff."}
	}
	return s, nil
}
