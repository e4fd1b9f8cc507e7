package phone_test

import (
	"errors"
	"strings"
	"testing"

	"rubrica/shared/format"
	"rubrica/shared/phone"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, given, canonical, country string }{
		{"Italian mobile", "+393514117320", "+393514117320", "IT"},
		{"Italian landline keeps its 0", "+39061234567", "+39061234567", "IT"},
		{"Vatican", "+390669812345", "+390669812345", "VA"},
		{"Brazilian mobile", "+5511969152520", "+5511969152520", "BR"},
		{"Brazilian mobile without the ninth digit", "+551168057104", "+5511968057104", "BR"},
		{"Brazilian mobile without the ninth digit, not valid as given", "+551187654321", "+5511987654321", "BR"},
		{"Brazilian mobile that looks like a landline behind its 9", "+5511941234567", "+5511941234567", "BR"},
		{"Brazilian landline", "+551141234567", "+551141234567", "BR"},
		{"Brazilian toll-free", "+558007234567", "+558007234567", "BR"},
		{"Brazilian mobile that was without the ninth digit for long", "+551170123456", "+5511970123456", "BR"},
		{"Mexican", "+522222859465", "+522222859465", "MX"},
		{"Mexican with the 1", "+5212222859465", "+522222859465", "MX"},
		{"Mexican with the 1, Mexico City", "+5215512345678", "+525512345678", "MX"},
		{"Argentinian mobile", "+5491126091723", "+541126091723", "AR"},
		{"Argentinian mobile without the 9", "+541126091723", "+541126091723", "AR"},
		{"Argentinian mobile of the interior", "+5493514123456", "+543514123456", "AR"},
		{"Argentinian toll-free", "+548001234567", "+548001234567", "AR"},
		{"United States", "+12015546938", "+12015546938", "US"},
		{"Canada", "+14165550123", "+14165550123", "CA"},
		{"Jamaica", "+18765551234", "+18765551234", "JM"},
		{"toll-free of North America", "+18002345678", "+18002345678", "US"},
		{"British mobile", "+447403282226", "+447403282226", "GB"},
		{"Jersey", "+441534456789", "+441534456789", "JE"},
		{"German mobile", "+4915129859293", "+4915129859293", "DE"},
		{"Berlin", "+4930123456", "+4930123456", "DE"},
		{"Japanese mobile", "+819019582741", "+819019582741", "JP"},
		{"Saudi mobile", "+966517334203", "+966517334203", "SA"},
		{"Kazakhstan", "+77012345678", "+77012345678", "KZ"},
		{"Russia", "+79161234567", "+79161234567", "RU"},
		{"Åland", "+35818123456", "+35818123456", "AX"},
		{"Ascension belongs to Saint Helena", "+24740123", "+24740123", "SH"},
		{"Kosovo has no code", "+38343201234", "+38343201234", ""},
		{"toll-free of no country", "+80012345678", "+80012345678", ""},
		{"satellite", "+870773111632", "+870773111632", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n, err := phone.Parse(c.given)
			if err != nil {
				t.Fatal(err)
			}
			if n.String() != c.given || n.Canonical() != c.canonical || n.Country() != c.country || n.IsZero() {
				t.Errorf("%s: canonical %s of %q, want %s of %q", n, n.Canonical(), n.Country(), c.canonical, c.country)
			}
			if n.Country() != "" {
				if _, err := format.Country(n.Country()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestParseRefusesAndSaysWhatWouldBeRight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ given, says string }{
		{"", "Write + and the country's prefix"},
		{"+", "Write + and the country's prefix"},
		{"+3", "Write + and the country's prefix"},
		{"abc", "Write + and the country's prefix"},
		{"+39 FLOWERS", "Write + and the country's prefix"},
		{"+39333+1234567", "Write + and the country's prefix"},
		{"+39 312 583 9724", "Write it as +393125839724"},
		{"+54 9 11 2299-5860", "Write it as +5491122995860"},
		{"+55 (11) 96301.2005", "Write it as +5511963012005"},
		{"+393125839724 ", "Write it as +393125839724"},
		{"\u202a+39 312 5839724\u202c", "Write it as +393125839724"},
		{"＋３９３１２５８３９７２４", "Write it as +393125839724"},
		{"+٩٦٦٥١٧٣٣٤٢٠٣", "Write it as +966517334203"},
		{"+४४७४०३२८२२२६", "Write it as +447403282226"},
		{"+44 (0)7403 282226", "Write it as +447403282226"},
		{"+4407403282226", "Leave out the 0 behind +44: write it as +447403282226"},
		{"+112015546938", "Leave out the 1 behind +1: write it as +12015546938"},
		{"+789161234567", "Leave out the 8 behind +7: write it as +79161234567"},
		{"00393125839724", "Write it as +393125839724: + in place of 00"},
		{"+00393125839724", "Write it as +393125839724: the + stands for the 00"},
		{"393125839724", "if the number has it, write it as +393125839724"},
		{"333 123 4567", "The country's prefix is missing: write + and the prefix"},
		{"+999123456789", "No country has the prefix +999"},
		{"+0393125839724", "No country has the prefix +039"},
		{"+0123456", "No country has the prefix +012"},
		{"+39", "Too short: numbers of +39 (IT and others) have 6 to 12 digits behind the prefix, not 0."},
		{"+39312", "Too short: numbers of +39 (IT and others) have 6 to 12 digits behind the prefix, not 3."},
		{"+3312345678901", "Too long: numbers of +33 (FR) have 9 digits behind the prefix, not 11."},
		{"+1201554693", "It has a wrong number of digits: numbers of +1 (US and others) have 7 or 10 digits behind the prefix, not 9."},
		{"+442", "Too short: numbers of +44 (GB and others) have 7, 9 or 10 digits behind the prefix, not 1."},
		{"+8001234", "Too short: numbers of +800 have 8 digits behind the prefix, not 4."},
		{"+11234567890", "+1 (US and others) has no such number: check the digits."},
		{"+551131234567890", "Too long"},
		{"+3931258397241234", "Too long"},
		{"+39312583972412345678", "Too long: a number has at most 15 digits"},
		{strings.Repeat("1", 1_000_000), "Write + and the country's prefix"},
	} {
		n, err := phone.Parse(c.given)
		if err == nil || !n.IsZero() {
			t.Errorf("%.50q is accepted as %v", c.given, n)
			continue
		}
		refusal, ok := errors.AsType[*format.Error](err)
		if !ok || refusal.Code != phone.CodeInvalid || !strings.Contains(refusal.Detail, c.says) {
			t.Errorf("%.50q: %v; want %q", c.given, err, c.says)
		}
	}
}
