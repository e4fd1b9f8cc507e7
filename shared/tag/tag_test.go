package tag_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"rubrica/shared/format"
	"rubrica/shared/tag"
)

func codeOf(err error) string {
	if e, ok := errors.AsType[*format.Error](err); ok {
		return e.Code
	}
	return ""
}

func TestNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", tag.MaxName)
	for given, want := range map[string]string{
		"VIP": "VIP", "  Milano ": "Milano", "two words": "two words", "e\u0301": "é", "👩‍👩‍👧": "👩‍👩‍👧", "مهم": "مهم", long: long,
		strings.Repeat("e\u0301", tag.MaxName): long,
	} {
		if got, err := tag.ParseName(given); err != nil || got != want {
			t.Errorf("%q is kept as %q, %v; want %q", given, got, err, want)
		}
	}
	for given, code := range map[string]string{
		"": "required", " \u00a0": "required", "a\nb": "control_character", "a\u0000": "control_character", "\u2028": "control_character",
		"\xff": "control_character", long + "x": "too_long",
	} {
		if got, err := tag.ParseName(given); codeOf(err) != code || got != "" {
			t.Errorf("%q is kept as %q, %v; want %s", given, got, err, code)
		}
	}
}

// TestNamesOfOneTag: names are one without case, Unicode's full folding, and apart
// by everything else.
func TestNamesOfOneTag(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"VIP", "vip", "Vip"}, {"Straße", "STRASSE", "strasse"}, {"ΣΊΣΥΦΟΣ", "σίσυφος", "Σίσυφοσ"}, {"É", "é", "e\u0301", "E\u0301"}, {"ﬁn", "FIN", "fin"}, {"Ꭰ", "ꭰ"},
	} {
		for _, name := range same {
			parsed, err := tag.ParseName(name)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := tag.Fold(parsed), tag.Fold(same[0]); got != want {
				t.Errorf("%q folds to %q, %q to %q", name, got, same[0], want)
			}
		}
	}
	apart := []string{"a", "a b", "ab", "à", "e", "é", "1", "١"}
	for i, a := range apart {
		for _, b := range apart[:i] {
			if tag.Fold(a) == tag.Fold(b) {
				t.Errorf("%q and %q are one", a, b)
			}
		}
	}
}

func TestAFoldedNameFoldsToItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name, err := tag.ParseName(rapid.String().Draw(t, "name"))
		if err != nil {
			t.Skip("no name")
		}
		if again, err := tag.ParseName(name); err != nil || again != name {
			t.Fatalf("%q is kept as %q, %v", name, again, err)
		}
		folded := tag.Fold(name)
		if !utf8.ValidString(folded) || tag.Fold(folded) != folded {
			t.Fatalf("%q folds to %q, and that to %q", name, folded, tag.Fold(folded))
		}
		if upper := strings.ToUpper(name); isASCII(name) && tag.Fold(upper) != folded {
			t.Fatalf("%q folds to %q, in capitals to %q", name, folded, tag.Fold(upper))
		}
	})
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

func TestColors(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{"#1E90FF": "#1e90ff", " #000000 ": "#000000", "": "", "  ": ""} {
		if got, err := tag.ParseColor(given); err != nil || got != want {
			t.Errorf("%q is kept as %q, %v; want %q", given, got, err, want)
		}
	}
	for _, given := range []string{"red", "#fff", "1e90ff", "#1e90fg", "#1e90ff0", "##1e90f", "#１e90ff"} {
		if got, err := tag.ParseColor(given); codeOf(err) != "invalid_color" || got != "" {
			t.Errorf("%q is kept as %q, %v", given, got, err)
		}
	}
}
