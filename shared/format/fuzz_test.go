package format_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"rubrica/shared/format"
)

// holds is what every format promises whatever it is given: no panic, an error
// with code and detail, or a value in valid UTF-8 that is accepted unchanged.
func holds(f *testing.F, parse func(string) (string, error), seeds ...string) {
	f.Helper()
	for _, s := range append(seeds, "", " ", "\x00", "\xff", "\u202e", "\u2028", "👨\u200d👩", "\ufeff", "o"+strings.Repeat("\u0300", 100)) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		stored, err := parse(s)
		if err != nil {
			refusal, ok := errors.AsType[*format.Error](err)
			if !ok || refusal.Code == "" || refusal.Detail == "" || stored != "" {
				t.Fatalf("%q: %q, %#v", s, stored, err)
			}
			return
		}
		if !utf8.ValidString(stored) {
			t.Fatalf("%q: %q is not UTF-8", s, stored)
		}
		if again, err := parse(stored); err != nil || again != stored {
			t.Fatalf("%q: %q, then %q, %v", s, stored, again, err)
		}
	})
}

func FuzzText(f *testing.F) {
	holds(f, format.Text, "Maria Rossi", " Nicolo\u0300 ", "\u0958", "\u2000x\u2001")
}

func FuzzLongText(f *testing.F) {
	holds(f, format.LongText, "a\r\nb", "\r\r\n\n", "\t\nx\n", "a\r")
}

func FuzzDate(f *testing.F) {
	holds(f, format.Date, "1990-04-01", "2000-02-29", "1990-02-31", "0000-00-00")
}

func FuzzDateTime(f *testing.F) {
	holds(f, format.DateTime, "2026-11-20T09:30:00.123Z", "2026-11-20T10:30:00+01:00", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59.9999-01:00")
}

func FuzzCountry(f *testing.F) { holds(f, format.Country, "IT", "it", "UK", "D ") }

func FuzzLanguage(f *testing.F) {
	holds(f, format.Language, "it", "zh-Hant-TW", "i-klingon", "de-DE-u-co-phonebk", "en-a-bbb-x-y", "sl-rozaj-biske-1994", "en_US")
}

func FuzzTimezone(f *testing.F) {
	holds(f, format.Timezone, "Europe/Rome", "europe/rome", "Local", "Africa/Abidjan\nAfrica/Accra")
}

func FuzzURL(f *testing.F) {
	holds(f, format.URL, "https://rossi.example/a?b#c", "http://[::1%25eth0]:80", "https://a@b", "https://\u037e", "www.x.example")
}

func FuzzUserID(f *testing.F) { holds(f, format.UserID, "user_7", " auth0|x ", "a\u00a0b") }

func FuzzExternalSystem(f *testing.F) { holds(f, format.ExternalSystem, "sap", "Sap", "s-_9") }

func FuzzExternalKey(f *testing.F) { holds(f, format.ExternalKey, "K-17", " K 17 ") }
