package format_test

import (
	"strings"
	"testing"

	"golang.org/x/text/language"

	"rubrica/shared/format"
)

func TestCountry(t *testing.T) {
	t.Parallel()
	const right = "as in IT for Italy"
	check(t, format.Country, []valid{
		{"IT", ""}, {"AD", ""}, {"ZW", ""}, {"AX", ""}, {"SS", ""}, {"BQ", ""}, {"TW", ""},
	}, []refused{
		{"", format.CodeInvalidCountry, right},
		{"it", format.CodeInvalidCountry, "Write IT."},
		{" It ", format.CodeInvalidCountry, "Write IT."},
		{"UK", format.CodeInvalidCountry, "Write GB"},
		{"el", format.CodeInvalidCountry, "Write GR"},
		{"ITA", format.CodeInvalidCountry, right},
		{"Italy", format.CodeInvalidCountry, right},
		{"380", format.CodeInvalidCountry, right},
		{"XX", format.CodeInvalidCountry, right},
		{"XK", format.CodeInvalidCountry, right},
		{"EU", format.CodeInvalidCountry, right},
		{"D ", format.CodeInvalidCountry, right},
		{"  ", format.CodeInvalidCountry, right},
	})
}

// TestCountries holds the list to another one: what golang.org/x/text takes for
// a country, less what ISO 3166-1 has reserved, withdrawn or left for private use.
func TestCountries(t *testing.T) {
	t.Parallel()
	const others = "AC CP CQ DG EA EZ IC TA UN XK AN CS FQ NT PC SU YU"
	assigned := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string(a) + string(b)
			region, err := language.ParseRegion(code)
			want := err == nil && region.IsCountry() && region.Canonicalize() == region && !strings.Contains(others, code)
			_, err = format.Country(code)
			if (err == nil) != want {
				t.Errorf("%s: %v, want %v", code, err, want)
			}
			if err == nil {
				assigned++
			}
		}
	}
	if assigned != 249 {
		t.Errorf("%d codes, ISO 3166-1 assigns 249", assigned)
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	const right = "as in it, pt-BR or zh-Hant"
	check(t, format.Language, []valid{
		{"it", ""}, {"pt-BR", ""}, {"pt-br", ""}, {"IT", ""}, {"en-GB", ""}, {"zh-Hant-TW", ""}, {"es-419", ""},
		{"ca-valencia", ""}, {"de-CH-1996", ""}, {"yue", ""}, {"tl", ""}, {"fil", ""}, {"sr-Latn-RS", ""},
		{"de-DE-u-co-phonebk", ""}, {"x-klingon", ""}, {"und", ""},
	}, []refused{
		{"", format.CodeInvalidLanguage, right},
		{"xx", format.CodeInvalidLanguage, right},
		{"it-XX1", format.CodeInvalidLanguage, right},
		{"Italiano", format.CodeInvalidLanguage, right},
		{"italian", format.CodeInvalidLanguage, right},
		{"it-", format.CodeInvalidLanguage, right},
		{" it", format.CodeInvalidLanguage, right},
		{"en, it;q=0.5", format.CodeInvalidLanguage, right},
		{"C", format.CodeInvalidLanguage, right},
		{"it\x00", format.CodeInvalidLanguage, right},
		{"en_US", format.CodeInvalidLanguage, "Write en-US."},
		{"iw", format.CodeInvalidLanguage, "Write he."},
		{"ita", format.CodeInvalidLanguage, "Write it."},
		{"en-UK", format.CodeInvalidLanguage, "Write en-GB."},
		{"zh-cmn", format.CodeInvalidLanguage, "Write cmn."},
		{"en-" + strings.Repeat("x-a", 100), format.CodeInvalidLanguage, right},
	})
}
