package email_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"rubrica/shared/email"
	"rubrica/shared/format"
)

func TestParse(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("d", 63)
	for _, c := range []struct{ given, canonical string }{
		{"maria@example.it", "maria@example.it"},
		{"Maria.Rossi@Example.IT", "maria.rossi@example.it"},
		{"MRCIABRANDO.194@EXAMPLE.COM", "mrciabrando.194@example.com"},
		{"maria+news@example.com", "maria+news@example.com"},
		{"o'brien@example.co.uk", "o'brien@example.co.uk"},
		{"!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"},
		{"-@example.com", "-@example.com"},
		{"1@1.example.com", "1@1.example.com"},
		{"a@b.c", "a@b.c"},
		{"a@x--y.example", "a@x--y.example"},
		{"Jörg@Müller.example", "jörg@müller.example"},
		{"jo\u0308rg@mu\u0308ller.example", "jörg@müller.example"},
		{"JO\u0308RG@example.com", "jörg@example.com"},
		{"Иван@Пример.рф", "иван@пример.рф"},
		{"用户@例え.jp", "用户@例え.jp"},
		{"हिन्दी@उदाहरण.भारत", "हिन्दी@उदाहरण.भारत"},
		{"a@xn--mller-kva.example", "a@xn--mller-kva.example"},
		{"a@\u212aelvin.example", "a@kelvin.example"},
		{`"a..b"@docomo.example`, `"a..b"@docomo.example`},
		{`"A."@docomo.example`, `"a."@docomo.example`},
		{`"a@b"@example.com`, `"a@b"@example.com`},
		{`"a\"b\\"@example.com`, `"a\"b\\"@example.com`},
		{strings.Repeat("a", 64) + "@example.com", strings.Repeat("a", 64) + "@example.com"},
		{strings.Repeat("a", 62) + "@" + label + "." + label + "." + label, strings.Repeat("a", 62) + "@" + label + "." + label + "." + label},
	} {
		a, err := email.Parse(c.given)
		if err != nil {
			t.Errorf("%s: %v", c.given, err)
			continue
		}
		if a.String() != c.given || a.Canonical() != c.canonical || a.IsZero() {
			t.Errorf("%s: %s, canonical %s, want %s", c.given, a, a.Canonical(), c.canonical)
		}
	}
}

func TestParseRefusesAndSaysWhatWouldBeRight(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("d", 63)
	for _, c := range []struct{ given, says string }{
		{"", "The @ is missing"},
		{"no-at-sign", "The @ is missing"},
		{"maria@", "The part after the @ is missing"},
		{"@example.com", "The part before the @ is missing"},
		{"a@b@c.example", "“@” cannot stand before the @"},
		{"maria@example", "the end of the domain is missing"},
		{"maria@example.com.", "Leave out the dot at the end"},
		{"maria@.example.com", "a dot too many"},
		{"maria@example..com", "a dot too many"},
		{"maria@-example.com", "hyphen"},
		{"maria@example-.com", "hyphen"},
		{"maria@exam_ple.com", "“_” cannot stand after the @"},
		{"maria@192.0.2.1", "not an IP address"},
		{"maria@[192.0.2.1]", "“[” cannot stand after the @"},
		{"maria..rossi@example.com", "a dot may neither begin nor end nor follow another dot"},
		{".maria@example.com", "a dot may neither begin"},
		{"maria.@example.com", "a dot may neither begin"},
		{"maria rossi@example.com", "There is a space before the @"},
		{"maria@exa mple.com", "There is a space after the @"},
		{"maria\x00@example.com", "invisible character U+0000 before the @"},
		{"maria\u202e@example.com", "invisible character U+202E before the @"},
		{"maria@exam\u200bple.com", "invisible character U+200B after the @"},
		{"maria\xff@example.com", "invisible character U+FFFD before the @"},
		{"maria@ex\xffample.com", "invisible character U+FFFD after the @"},
		{"a\u037eb@example.com", "“;” cannot stand before the @"}, // a Greek question mark
		{" maria@example.com ", "Write it as maria@example.com"},
		{"maria@example.com\n", "Write it as maria@example.com"},
		{"\ufeffmaria@example.com", "Write it as maria@example.com"},
		{"<maria@example.com>", "Write it as maria@example.com"},
		{"Maria Rossi <maria@example.com>", "Write it as maria@example.com"},
		{`"Rossi, Maria" <maria@example.com>`, "Write it as maria@example.com"},
		{"mailto:maria@example.com", "Write it as maria@example.com"},
		{"two@example.com; three@example.com", "others belong into otherEmails"},
		{"two@example.com,three@example.com", "others belong into otherEmails"},
		{"Two <two@example.com>, Three <three@example.com>", "others belong into otherEmails"},
		{`"maria"@example.com`, "Write it without the quotes: maria before the @."},
		{`"maria rossi"@example.com`, "Quotes stand around"},
		{`"a\b"@example.com`, "Quotes stand around"},
		{`"a..b\"@example.com`, "Quotes stand around"},
		{`"a"b"@example.com`, "Quotes stand around"},
		{`"a..b@example.com`, "Quotes stand around"},
		{`""@example.com`, "Quotes stand around"},
		{`"@example.com`, "Quotes stand around"},
		{"\"a\r\nb\"@example.com", "Quotes stand around"},
		{strings.Repeat("a", 65) + "@example.com", "Before the @ at most 64 bytes, not 65."},
		{strings.Repeat("ö", 33) + "@example.com", "Before the @ at most 64 bytes, not 66."},
		{"a@" + label + "d.com", "Between two dots of a domain at most 63 bytes, not 64."},
		{strings.Repeat("a", 63) + "@" + label + "." + label + "." + label, "At most 254 bytes, not 255."},
		{"a@" + strings.Repeat("u\u0308", 90) + ".com", "Between two dots"},
		{strings.Repeat("u\u0308", 31) + "@" + strings.Repeat(strings.Repeat("u\u0308", 20)+".", 3) + "com", "At most 254 bytes, not 280."},
		{strings.Repeat("a@b.c,", 100_000), "At most 254 bytes, not 600000."},
	} {
		a, err := email.Parse(c.given)
		if err == nil || !a.IsZero() {
			t.Errorf("%.60q is accepted as %v", c.given, a)
			continue
		}
		refusal, ok := errors.AsType[*format.Error](err)
		if !ok || refusal.Code != email.CodeInvalid || !strings.Contains(refusal.Detail, c.says) {
			t.Errorf("%.60q: %v; want %q", c.given, err, c.says)
		}
	}
}

// TestCanonicalIsOne holds that case makes no other address and that the
// canonical form is its own.
func TestCanonicalIsOne(t *testing.T) {
	t.Parallel()
	part := rapid.StringMatching(`[a-zA-Z0-9à-öø-ÿÀ-ÖØ-ÞΑ-Ρα-ωА-я\x{300}\x{308}\x{345}\x{212a}]{1,12}`)
	rapid.Check(t, func(t *rapid.T) {
		s := part.Draw(t, "local") + "@" + part.Draw(t, "domain") + ".x" + part.Draw(t, "end")
		a, err := email.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		if a.String() != s {
			t.Fatalf("%q became %q", s, a)
		}
		if stored := email.Canonical(s); stored != a.Canonical() {
			t.Fatalf("%q: canonical %q, once stored %q", s, a.Canonical(), stored)
		}
		again, err := email.Parse(a.Canonical())
		if err != nil || again.Canonical() != a.Canonical() {
			t.Fatalf("%q: canonical %q, then %q, %v", s, a.Canonical(), again.Canonical(), err)
		}
	})
}

func TestCaseOfASCIIDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-zA-Z0-9+_-]{1,20}@[a-zA-Z0-9]{1,20}\.[a-zA-Z]{2,5}`).Draw(t, "address")
		for _, spelling := range []string{s, strings.ToUpper(s), strings.ToLower(s)} {
			if a, err := email.Parse(spelling); err != nil || a.Canonical() != strings.ToLower(s) {
				t.Fatalf("%s: %s, %v", spelling, a.Canonical(), err)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "@", "maria@example.it", "Jörg@Müller.example", "jo\u0308rg@x.y", `"a..b"@x.y`, `"\`, `"\"@x.y`, "<a@b.c>", ">", "a@b.c,",
		"mailto:", "mailto:a@b.c", "\xff@\xff.x", "a@..", "a@-.b", "\u0130@x.y", "\u212a@x.y", "\u037e@x.y", "<a@b.c>;x@y.z", "a@b.\u0661",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := email.Parse(s)
		if err != nil {
			if refusal, ok := errors.AsType[*format.Error](err); !ok || refusal.Detail == "" || !a.IsZero() {
				t.Fatalf("%q: %v, %#v", s, a, err)
			}
			return
		}
		if a.String() != s || !utf8.ValidString(s) || strings.ContainsAny(s, " \r\n\x00") {
			t.Fatalf("%q is accepted as %q", s, a)
		}
		// Folding may make an address longer than the limit; otherwise its
		// canonical form is an address, and its own canonical form.
		if again, err := email.Parse(a.Canonical()); err == nil && again.Canonical() != a.Canonical() {
			t.Fatalf("%q: canonical %q, then %q", s, a.Canonical(), again.Canonical())
		} else if err != nil && len(a.Canonical()) <= len(s) {
			t.Fatalf("%q: canonical %q: %v", s, a.Canonical(), err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, s := range []string{"maria.rossi@example.it", "Maria.Rossi@Example.IT", "Jörg@Müller.example", "a@b@c.example"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = email.Parse(s)
			}
		})
	}
}
