package e2e

import (
	"strings"
	"testing"
)

func TestFormats(t *testing.T) {
	t.Parallel()
	owner := Owner(t)
	long := strings.Repeat

	for _, c := range []struct {
		member, code string
		good, bad    []string
	}{
		{
			"phone", "invalid_phone",
			[]string{
				"+393514117320", "+390612345678", "+14155552671", "+447403282226", "+5511987654321", "+551187654321", "+5215512345678",
				"+525512345678", "+5491123456789", "+541123456789", "+80012345678", "+33612345678",
			},
			[]string{
				"393514117320", "00393514117320", "+39 351 411 7320", "+39-351-4117320", "+39351411732a", "+999123456789", "+39", "+",
				"12", "+3935141173201234567", "+4407403282226", "tel:+393514117320", "+３９３５１４１１７３２０", "+1415555",
			},
		},
		{
			"email", "invalid_email",
			[]string{
				"maria@example.it", "Maria.Rossi+news@Example.co.uk", "o'brien@example.com", "müller@bücher.example", "\"a..b\"@example.com",
				"a@" + long("d", 63) + ".com", long("l", 64) + "@example.com", "用户@例え.jp",
			},
			[]string{
				"maria", "maria@", "@example.it", "maria@example", "maria@@example.it", "a b@example.com", "a@b@example.com", "maria@example.it.",
				"maria@-example.it", "maria@exa_mple.it", ".maria@example.it", "ma..ria@example.it", "Maria <maria@example.it>",
				"a@example.com, b@example.com", "mailto:maria@example.it", "maria@1.2.3.4", long("l", 65) + "@example.com",
				"a@" + long(long("d", 60)+".", 5) + "com", "a\u200b@example.com", "maria@example.it\u0000",
			},
		},
		{
			"country", "invalid_country",
			[]string{"IT", "BR", "US", "GB", "AX"},
			[]string{"it", "ITA", "Italy", "UK", "XX", "EU", "38", "I"},
		},
		{
			"language", "invalid_language",
			[]string{"it", "pt-BR", "zh-Hant", "es-419", "en-GB"},
			[]string{"italiano", "it_IT", "xx", "en, it", "i"},
		},
		{
			"timezone", "invalid_timezone",
			[]string{"Europe/Rome", "America/Argentina/Buenos_Aires", "UTC", "Asia/Kolkata"},
			[]string{"Rome", "europe/rome", "CET+1", "+01:00", "Europe/Atlantis", "Local"},
		},
		{
			"dateOfBirth", "invalid_date",
			[]string{"1990-04-01", "2000-02-29", "1900-12-31"},
			[]string{"1990-02-31", "1900-02-29", "1990-4-1", "01/04/1990", "19900401", "1990-04-01T00:00:00Z", "0000-01-01", "1990-13-01"},
		},
		{
			"website", "invalid_url",
			[]string{"https://rossi.example", "http://rossi.example:8080/a?b=c#d", "HTTPS://Rossi.Example/", "https://bücher.example/ß"},
			[]string{
				"rossi.example", "www.rossi.example", "ftp://rossi.example", "javascript:alert(1)", "https://", "//rossi.example",
				"https://a b.example", "https://user:pass@rossi.example", "mailto:a@example.com", "https://rossi.example/<script>",
			},
		},
		{
			"owner", "invalid_user",
			[]string{"user_7", "auth0|5f7c8ec7", "maria@example.com", long("u", 255)},
			[]string{"a b", long("u", 256), "a\u200bb", "me", "none"},
		},
	} {
		t.Run(c.member, func(t *testing.T) {
			t.Parallel()
			for _, good := range c.good {
				owner.Post(t, "/v1/contacts", Object{c.member: good}).Is(201).Has(Object{c.member: good})
				owner.Post(t, "/v1/contacts", Object{c.member: " " + good + "  "}).Is(201).Has(Object{c.member: good})
			}
			before := owner.Create(t, Object{c.member: c.good[0]})
			for _, bad := range c.bad {
				owner.Post(t, "/v1/contacts", Object{c.member: bad}).Invalid(c.member + " " + c.code)
				owner.Patch(t, "/v1/contacts/"+before.ID(), Object{c.member: bad}).Invalid(c.member + " " + c.code)
			}
			if after := owner.Contact(t, before.ID()); after.Version() != 1 || after[c.member] != before[c.member] {
				t.Errorf("refused patches have changed the contact: %v", after)
			}
		})
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	owner := Owner(t)
	long := strings.Repeat
	oneLine := []string{
		"firstName", "lastName", "source", "type", "businessName", "city", "state", "postalCode", "department",
	}

	t.Run("IsTrimmedAndComposed", func(t *testing.T) {
		t.Parallel()
		for _, member := range append([]string{"streetAddress", "description"}, oneLine...) {
			for given, kept := range map[string]string{
				"  Nicolo\u0300 \u00a0": "Nicolò", "محمد": "محمد", "山田 太郎": "山田 太郎", "👨\u200d👩\u200d👧": "👨\u200d👩\u200d👧",
				"=1+1": "=1+1", "a  b": "a  b", "<b>&amp;\"'\\": "<b>&amp;\"'\\",
			} {
				owner.Post(t, "/v1/contacts", Object{member: given}).Is(201).Has(Object{member: kept})
			}
			owner.Post(t, "/v1/contacts", Object{member: "   "}).Is(201).Has(Object{member: nil})
		}
	})

	t.Run("HasAThousandCharactersAtMost", func(t *testing.T) {
		t.Parallel()
		for _, member := range append([]string{"streetAddress"}, oneLine...) {
			owner.Post(t, "/v1/contacts", Object{member: long("é", 1000)}).Is(201).Has(Object{member: long("é", 1000)})
			owner.Post(t, "/v1/contacts", Object{member: long("x", 1001)}).Invalid(member + " too_long")
		}
		owner.Post(t, "/v1/contacts", Object{"firstName": " " + long("😀", 1000) + " "}).Is(201)
		owner.Post(t, "/v1/contacts", Object{"firstName": long("o\u0300", 1000)}).Is(201).Has(Object{"firstName": long("ò", 1000)})
	})

	t.Run("HasTenThousandInADescription", func(t *testing.T) {
		t.Parallel()
		owner.Post(t, "/v1/contacts", Object{"description": long("é", 10_000)}).Is(201)
		owner.Post(t, "/v1/contacts", Object{"description": long("x", 10_001)}).Invalid("description too_long")
		owner.Post(t, "/v1/contacts", Object{"description": "one\r\ntwo\n\nthree"}).Is(201).Has(Object{"description": "one\ntwo\n\nthree"})
	})

	t.Run("HasNoControlCharacters", func(t *testing.T) {
		t.Parallel()
		for _, control := range []string{"\x00", "\x07", "\x1b", "\x7f", "\u0085", "\u009f"} {
			for _, member := range append([]string{"streetAddress", "description"}, oneLine...) {
				owner.Post(t, "/v1/contacts", Object{member: "a" + control + "b"}).Invalid(member + " control_character")
			}
		}
		for _, member := range oneLine {
			owner.Post(t, "/v1/contacts", Object{member: "a\nb"}).Invalid(member + " control_character")
		}
	})
}
