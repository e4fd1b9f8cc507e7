package phone_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"pgregory.net/rapid"

	"rubrica/shared/phone"
)

// TestAgreesWithTheModule asks both about numbers made from the module's own
// patterns, with digits changed, put in or left out.
func TestAgreesWithTheModule(t *testing.T) {
	t.Parallel()
	given := numbers(t)
	rapid.Check(t, func(t *rapid.T) {
		for range 20 {
			s := given.Draw(t, "given")
			country, valid := ofModule(s)
			if variant := canonical(s); !valid && variant != s {
				country, valid = ofModule(variant)
			}
			n, err := phone.Parse(s)
			if valid != (err == nil) {
				t.Fatalf("%s: valid %v, but %v", s, valid, err)
			}
			if n.Country() != country {
				t.Fatalf("%s: country %q, not %q", s, country, n.Country())
			}
		}
	})
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	given := numbers(t)
	rapid.Check(t, func(t *rapid.T) {
		n, err := phone.Parse(given.Draw(t, "given"))
		if err != nil {
			return
		}
		if n.Canonical() != canonical(n.String()) || n.Canonical() != phone.Canonical(n.String()) {
			t.Fatalf("%s: canonical %s, once stored %s", n, n.Canonical(), phone.Canonical(n.String()))
		}
		if again := canonical(n.Canonical()); again != n.Canonical() {
			t.Fatalf("%s: %s becomes %s", n, n.Canonical(), again)
		}
	})
}

// TestSpellingsMeet holds that the spellings of I4, and they alone, are one number.
func TestSpellingsMeet(t *testing.T) {
	t.Parallel()
	digits := func(first string, n int) *rapid.Generator[string] {
		return rapid.StringMatching(first + `[0-9]{` + strconv.Itoa(n) + `}`)
	}
	for _, c := range []struct {
		name, one, other string
		rest             *rapid.Generator[string]
		same             bool
	}{
		{"Brazilian mobile", "+5511", "+55119", digits("[6-9]", 7), true},
		{"Brazilian landline", "+5511", "+55119", digits("[2-5]", 7), false},
		{"Mexico", "+5255", "+52155", digits("[1-9]", 7), true},
		{"Argentina", "+5411", "+54911", digits("[2-7]", 7), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			met := 0
			rapid.Check(t, func(t *rapid.T) {
				rest := c.rest.Draw(t, "rest")
				one, err := phone.Parse(c.one + rest)
				other, err2 := phone.Parse(c.other + rest)
				if err != nil || err2 != nil {
					return
				}
				met++
				if (one.Canonical() == other.Canonical()) != c.same {
					t.Fatalf("%s and %s: %s and %s", one, other, one.Canonical(), other.Canonical())
				}
			})
			if met == 0 {
				t.Error("no pair was valid")
			}
		})
	}
}

var variants = []struct {
	given *regexp.Regexp
	is    string
}{
	{regexp.MustCompile(`^\+55(\d\d)([6-9]\d{7})$`), "+55${1}9${2}"},
	{regexp.MustCompile(`^\+521(\d{10})$`), "+52${1}"},
	{regexp.MustCompile(`^\+549(\d{10})$`), "+54${1}"},
}

// canonical says in regular expressions what product.md, I4, says in words.
func canonical(s string) string {
	for _, v := range variants {
		if v.given.MatchString(s) {
			return v.given.ReplaceAllString(s, v.is)
		}
	}
	return s
}

// ofModule takes the digits as they are; the module's Parse would take away
// national prefixes.
func ofModule(s string) (country string, valid bool) {
	for i := 2; i <= min(4, len(s)); i++ {
		prefix, _ := strconv.Atoi(s[1:i])
		if s[1] == '0' || len(phonenumbers.GetRegionCodesForCountryCode(prefix)) == 0 {
			continue
		}
		national := s[i:]
		if national == "" {
			return "", false
		}
		significant := strings.TrimLeft(national[:len(national)-1], "0") + national[len(national)-1:]
		value, _ := strconv.ParseUint(significant, 10, 64)
		n := &phonenumbers.PhoneNumber{CountryCode: new(int32(prefix)), NationalNumber: &value}
		if zeros := len(national) - len(significant); zeros > 0 {
			n.ItalianLeadingZero, n.NumberOfLeadingZeros = new(true), new(int32(zeros))
		}
		if !phonenumbers.IsValidNumber(n) {
			return "", false
		}
		country := countries([]string{phonenumbers.GetRegionCodeForNumber(n)})
		return strings.TrimPrefix(country, "ZZ"), true
	}
	return "", false
}

// numbers makes E.164 out of the patterns of every plan, half of them damaged,
// and of the variants' countries more than their share.
func numbers(t *testing.T) *rapid.Generator[string] {
	t.Helper()
	metadata, err := phonenumbers.MetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	all := metadata.GetMetadata()
	var often []*phonenumbers.PhoneMetadata
	for _, m := range all {
		switch m.GetId() {
		case "BR", "MX", "AR", "IT", "US", "GB":
			often = append(often, m)
		}
	}
	return rapid.Custom(func(t *rapid.T) string {
		m := rapid.OneOf(rapid.SampledFrom(all), rapid.SampledFrom(often)).Draw(t, "plan")
		pattern := rapid.SampledFrom([]*phonenumbers.PhoneNumberDesc{
			m.GetGeneralDesc(), m.GetFixedLine(), m.GetMobile(), m.GetTollFree(), m.GetPremiumRate(),
			m.GetSharedCost(), m.GetVoip(), m.GetPersonalNumber(), m.GetPager(), m.GetUan(), m.GetVoicemail(),
		}).Draw(t, "kind").GetNationalNumberPattern()
		if pattern == "" {
			pattern = m.GetGeneralDesc().GetNationalNumberPattern()
		}
		national := []byte(rapid.StringMatching(pattern).Draw(t, "national"))
		digit := byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		at := rapid.IntRange(0, len(national)-1).Draw(t, "at")
		switch rapid.SampledFrom([]string{"", "", "", "change", "insert", "drop"}).Draw(t, "damage") {
		case "change":
			national[at] = digit
		case "insert":
			national = append(national[:at], append([]byte{digit}, national[at:]...)...)
		case "drop":
			national = append(national[:at], national[at+1:]...)
		}
		s := "+" + strconv.Itoa(int(m.GetCountryCode())) + string(national)
		return s[:min(16, len(s))]
	})
}
