package field_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rubrica/shared/field"
)

// colors are the options of lists in tests, not in the order of the alphabet.
var colors = []string{"red", "green", "blue", "Große Fläche"}

func of(t field.Type) *field.Definition {
	return &field.Definition{ID: "1", Key: "k", Type: t, Options: colors}
}

func TestGoodValues(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1000)
	for kind, values := range map[field.Type]map[string]string{ // as sent: as kept
		field.Text: {
			`"Rossi"`: `"Rossi"`, `"  Rossi "`: `"Rossi"`, `"12"`: `"12"`, `"true"`: `"true"`, `"Privè"`: `"Privè"`, `"Prive\u0300"`: `"Privè"`,
			`"\u0041\/B"`: `"A/B"`, `"\"<&>\\"`: `"\"<&>\\"`, `"👩‍👩‍👧 مرحبا"`: `"👩‍👩‍👧 مرحبا"`, `"` + long + `"`: `"` + long + `"`,
		},
		field.LongText: {`"One\r\nTwo\tthree\n"`: `"One\nTwo\tthree"`, `"` + strings.Repeat("x", 10_000) + `"`: `"` + strings.Repeat("x", 10_000) + `"`},
		field.Number: {
			`0`: `0`, `-0`: `0`, `0.0`: `0`, `-0e5`: `0`, `12`: `12`, `12.0`: `12`, `12.50`: `12.5`, `-3`: `-3`, `1e3`: `1000`, `1.5E+2`: `150`, `125e-2`: `1.25`,
			`0.1`: `0.1`, `0.30000000000000004`: `0.30000000000000004`, `3.141592653589793`: `3.141592653589793`, `9007199254740992`: `9007199254740992`,
			`1e20`: `100000000000000000000`, `1e-20`: `0.00000000000000000001`, `1000000000000000000000e-21`: `1`, `0.000000000000000000001e21`: `1`,
		},
		field.Boolean:  {`true`: `true`, `false`: `false`},
		field.Date:     {`"2026-11-20"`: `"2026-11-20"`, `" 2024-02-29 "`: `"2024-02-29"`},
		field.DateTime: {`"2026-11-20T09:30:00Z"`: `"2026-11-20T09:30:00.000Z"`, `"2026-11-20T10:30:00.1239+01:00"`: `"2026-11-20T09:30:00.123Z"`},
		field.Time:     {`"09:30"`: `"09:30"`, `"00:00"`: `"00:00"`, `"23:59:59"`: `"23:59:59"`, `"09:30:00"`: `"09:30:00"`},
		field.List:     {`"red"`: `"red"`, `" blue "`: `"blue"`, `"Gro\u00dfe Fla\u0308che"`: `"Große Fläche"`},
		field.MultiList: {
			`["blue","red"]`: `["red","blue"]`, `["red", "red",  "Große Fläche"]`: `["red","Große Fläche"]`, `["green"]`: `["green"]`,
		},
		field.Email: {`"Maria@Example.IT"`: `"Maria@Example.IT"`, `" a@b.example "`: `"a@b.example"`},
		field.Phone: {`"+393514117320"`: `"+393514117320"`, `"+5215512345678"`: `"+5215512345678"`},
		field.URL:   {`"https://rossi.example/a?b=c&d#e"`: `"https://rossi.example/a?b=c&d#e"`, `"HTTP://rossi.example"`: `"HTTP://rossi.example"`},
		field.Currency: {
			`{"amount":"10.50","currency":"EUR"}`:                                    `{"amount":"10.50","currency":"EUR"}`,
			`{ "currency": "JPY", "amount": "-3" }`:                                  `{"amount":"-3","currency":"JPY"}`,
			`{"amount":"0.10","currency":" USD "}`:                                   `{"amount":"0.10","currency":"USD"}`,
			`{"amount":"12345678901234567890.1234567890","currency":"BHD"}`:          `{"amount":"12345678901234567890.1234567890","currency":"BHD"}`,
			`{"amount":"999999999999999999999999999999","currency":"\u0045\u0055R"}`: `{"amount":"999999999999999999999999999999","currency":"EUR"}`,
		},
	} {
		for sent, want := range values {
			got, wrong := of(kind).Value("fields.k", jsontext.Value(sent))
			if len(wrong) > 0 || string(got) != want {
				t.Errorf("%s %.60s: kept as %.60s, %v; want %.60s", kind, sent, got, wrong, want)
				continue
			}
			if again, wrong := of(kind).Value("fields.k", got); len(wrong) > 0 || string(again) != want {
				t.Errorf("%s %.60s: when sent again %.60s, %v", kind, want, again, wrong)
			}
		}
		for _, cleared := range []string{`null`, `""`, `"  \n"`} {
			if got, wrong := of(kind).Value("fields.k", jsontext.Value(cleared)); got != nil || len(wrong) > 0 {
				t.Errorf("%s: %s is %s, %v; want it to clear", kind, cleared, got, wrong)
			}
		}
	}
	if got, wrong := of(field.MultiList).Value("fields.k", jsontext.Value(`[]`)); got != nil || len(wrong) > 0 {
		t.Errorf("an empty multilist is %s, %v; want it to clear", got, wrong)
	}
}

// TestBadValues has what is told of bad values: where, which code, and what would
// be right.
func TestBadValues(t *testing.T) {
	t.Parallel()
	type told = []string // field, code, part of the detail
	for kind, values := range map[field.Type]map[string]told{
		field.Text: {
			`12`:                                  {"", "wrong_type", "Must be a string"},
			`true`:                                {"", "wrong_type", "Must be a string"},
			`["a"]`:                               {"", "wrong_type", "Must be a string"},
			`{}`:                                  {"", "wrong_type", "Must be a string"},
			`"One\nTwo"`:                          {"", "control_character", "one line"},
			`"a\u0000"`:                           {"", "control_character", "U+0000"},
			`"` + strings.Repeat("é", 1001) + `"`: {"", "too_long", "At most 1000 characters"},
		},
		field.LongText: {
			`1`:                                     {"", "wrong_type", "Must be a string, of several lines"},
			`"a\u0007"`:                             {"", "control_character", "tab"},
			`"` + strings.Repeat("x", 10_001) + `"`: {"", "too_long", "At most 10000"},
		},
		field.Number: {
			`"12"`:                     {"", "wrong_type", "such as 12 or 10.5, without quotes"},
			`true`:                     {"", "wrong_type", "such as 12"},
			`[12]`:                     {"", "wrong_type", "such as 12"},
			`9007199254740993`:         {"", "number_out_of_range", "the nearest that it keeps is 9007199254740992."},
			`0.1000000000000000001`:    {"", "number_out_of_range", "the nearest that it keeps is 0.1."},
			`1e21`:                     {"", "number_out_of_range", "21 digits before the point and 20 behind it"},
			`1e300`:                    {"", "number_out_of_range", "21 digits"},
			`-1e300`:                   {"", "number_out_of_range", "21 digits"},
			`1e-21`:                    {"", "number_out_of_range", "20 behind it"},
			`1e-400`:                   {"", "number_out_of_range", "20 behind it"},
			`1e-999999999999999999999`: {"", "number_out_of_range", "20 behind it"},
		},
		field.Boolean: {
			`"true"`: {"", "wrong_type", "true or false, without quotes"},
			`1`:      {"", "wrong_type", "true or false"},
			`[]`:     {"", "wrong_type", "true or false"},
		},
		field.Date: {
			`20261120`:               {"", "wrong_type", "2026-11-20"},
			`"20.11.2026"`:           {"", "invalid_date", "year-month-day"},
			`"2026-02-29"`:           {"", "invalid_date", "01 to 28"},
			`"2026-13-01"`:           {"", "invalid_date", "year-month-day"},
			`"2026-11-20T09:30:00Z"`: {"", "invalid_date", "year-month-day"},
		},
		field.DateTime: {
			`1795339800`:            {"", "wrong_type", "2026-11-20T09:30:00Z"},
			`"2026-11-20"`:          {"", "invalid_datetime", "2026-11-20T09:30:00Z"},
			`"2026-11-20T09:30:00"`: {"", "invalid_datetime", "offset"},
			`"2026-11-20 09:30Z"`:   {"", "invalid_datetime", "offset"},
		},
		field.Time: {
			`930`:          {"", "wrong_type", "09:30"},
			`"9:30"`:       {"", "invalid_time", "09:30"},
			`"24:00"`:      {"", "invalid_time", "00:00 to 23:59"},
			`"23:60"`:      {"", "invalid_time", "00:00 to 23:59"},
			`"09:30:60"`:   {"", "invalid_time", "09:30:15"},
			`"09:30:15.5"`: {"", "invalid_time", "09:30:15"},
			`"09:30Z"`:     {"", "invalid_time", "09:30"},
			`"half past"`:  {"", "invalid_time", "09:30"},
		},
		field.List: {
			`"yellow"`:   {"", "invalid_option", "red, green, blue, Große Fläche."},
			`"Red"`:      {"", "invalid_option", "red, green"},
			`["red"]`:    {"", "wrong_type", "red, green"},
			`1`:          {"", "wrong_type", "red, green"},
			`"red\n\nx"`: {"", "invalid_option", "red, green"},
		},
		field.MultiList: {
			`"red"`:             {"", "wrong_type", "an array of strings, each one of the options: red, green"},
			`{"red":true}`:      {"", "wrong_type", "an array"},
			`["red","yellow"]`:  {"[1]", "invalid_option", "red, green"},
			`["",1]`:            {"[0]", "invalid_option", "red", "[1]", "wrong_type", "a string"},
			`["red",null,"x "]`: {"[1]", "wrong_type", "a string", "[2]", "invalid_option", "blue"},
			`[` + strings.Repeat(`"red",`, 200) + `"red"]`: {"", "too_many", "once"},
		},
		field.Email: {`"maria"`: {"", "invalid_email", "@"}, `1`: {"", "wrong_type", "maria@example.com"}, `"a@b.example, c@d.example"`: {"", "invalid_email", ""}},
		field.Phone: {`"3514117320"`: {"", "invalid_phone", "+"}, `3514117320`: {"", "wrong_type", "+393514117320"}, `"+39000"`: {"", "invalid_phone", ""}, `"+39 351 411-7320"`: {"", "invalid_phone", "+393514117320"}},
		field.URL:   {`"rossi.example"`: {"", "invalid_url", "https://rossi.example"}, `"ftp://x.example"`: {"", "invalid_url", "https://"}, `1`: {"", "wrong_type", "https://"}},
		field.Currency: {
			`10.5`:                            {"", "wrong_type", `{"amount": "10.50", "currency": "EUR"}`},
			`"10 €"`:                          {"", "wrong_type", `{"amount": "10.50", "currency": "EUR"}`},
			`["EUR"]`:                         {"", "wrong_type", `"amount"`},
			`{}`:                              {".amount", "required", "required", ".currency", "required", "required"},
			`{"amount":"1"}`:                  {".currency", "required", "required"},
			`{"currency":"EUR"}`:              {".amount", "required", "required"},
			`{"amount":1,"currency":"EUR"}`:   {".amount", "wrong_type", `"10.50"`},
			`{"amount":"1","currency":null}`:  {".currency", "wrong_type", `"EUR"`},
			`{"amount":"1,5","currency":"€"}`: {".amount", "invalid_value", `"10.50"`, ".currency", "invalid_currency", "EUR"},
			`{"amount":"x"}`:                  {".amount", "invalid_value", `"10.50"`, ".currency", "required", "required"},
			`{"amount":"1","currency":"EUR","rate":1}`: {".rate", "unknown_member", "letter case"},
			`{"Amount":"1","currency":"EUR"}`:          {".Amount", "unknown_member", "letter case", ".amount", "required", "required"},
		},
	} {
		for sent, want := range values {
			got, wrong := of(kind).Value("fields.k", jsontext.Value(sent))
			if got != nil || len(wrong) != len(want)/3 {
				t.Errorf("%s %.60s: kept as %s, %v", kind, sent, got, wrong)
				continue
			}
			for i, w := range wrong {
				if w.Field != "fields.k"+want[3*i] || w.Code != want[3*i+1] || !strings.Contains(w.Detail, want[3*i+2]) || w.Detail == "" {
					t.Errorf("%s %.60s: told %+v, want %q", kind, sent, w, want[3*i:3*i+3])
				}
			}
		}
	}
	for _, amount := range []string{"", "-", "+5", ".5", "5.", "05", "00", "-05", "1e3", "1 000", "0x1", "١", strings.Repeat("1", 31), "1." + strings.Repeat("0", 30)} {
		if got, wrong := of(field.Currency).Value("k", jsontext.Value(fmt.Sprintf(`{"amount":%q,"currency":"EUR"}`, amount))); len(wrong) != 1 || wrong[0].Code != "invalid_value" {
			t.Errorf("the amount %q: kept as %s, %v", amount, got, wrong)
		}
	}
	for _, code := range []string{"", "eur", "Eur", "EURO", "XXX", "XTS", "ZZZ", "978"} {
		if got, wrong := of(field.Currency).Value("k", jsontext.Value(fmt.Sprintf(`{"amount":"1","currency":%q}`, code))); len(wrong) != 1 || wrong[0].Code != "invalid_currency" {
			t.Errorf("the currency %q: kept as %s, %v", code, got, wrong)
		}
	}
}

// TestDetailsStaySmall: a body can have hundreds of wrong choices, and a list
// hundreds of long options.
func TestDetailsStaySmall(t *testing.T) {
	t.Parallel()
	d := &field.Definition{Type: field.MultiList}
	for i := range field.MaxOptions {
		d.Options = append(d.Options, fmt.Sprint(strings.Repeat("o", 250), i))
	}
	_, wrong := d.Value("k", jsontext.Value(`["x"`+strings.Repeat(`,"x"`, field.MaxOptions-1)+`]`))
	if len(wrong) != field.MaxOptions {
		t.Fatalf("%d errors, want %d", len(wrong), field.MaxOptions)
	}
	for _, w := range wrong {
		if len(w.Detail) > 700 || !strings.HasSuffix(w.Detail, ", ….") {
			t.Fatalf("%d bytes: %s", len(w.Detail), w.Detail)
		}
	}
}

// value draws something that a client may send for a field of a type.
func value(kind field.Type) *rapid.Generator[string] {
	quoted := func(s string) string {
		b, err := json.Marshal(s)
		if err != nil {
			panic(err)
		}
		return string(b)
	}
	pattern := map[field.Type]string{
		field.Date: `20[0-9]{2}-[01][0-9]-[0-3][0-9]`, field.Time: `[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?`, field.Phone: `\+3935[0-9]{8}`,
		field.DateTime: `20[0-9]{2}-0[1-9]-[0-2][0-9]T[0-2][0-9]:[0-5][0-9]:00(\.[0-9]{1,9})?(Z|\+0[0-9]:00)`,
		field.URL:      `https?://[a-z]{1,5}\.example/[a-z%éü ]{0,5}`, field.Email: `[a-zA-Z.]{1,8}@[a-z]{1,5}\.example`,
	}[kind]
	if pattern == "" {
		pattern = `[ a-zà-ù\n"\\]{0,20}`
	}
	some := rapid.Map(rapid.OneOf(rapid.String(), rapid.StringMatching(pattern), rapid.StringMatching(pattern)), quoted)
	number := rapid.OneOf(
		rapid.Map(rapid.Float64(), func(f float64) string { return string(jsontext.Value(fmt.Sprint(f))) }),
		rapid.StringMatching(`-?(0|[1-9][0-9]{0,22})(\.[0-9]{1,22})?([eE][+-]?[0-9]{1,3})?`),
	)
	option := rapid.Map(rapid.SampledFrom(append([]string{"x", " red "}, colors...)), quoted)
	switch kind {
	case field.Number:
		return number
	case field.Boolean:
		return rapid.SampledFrom([]string{"true", "false"})
	case field.List:
		return option
	case field.MultiList:
		return rapid.Map(rapid.SliceOfN(option, 0, 6), func(all []string) string { return "[" + strings.Join(all, ", ") + "]" })
	case field.Currency:
		return rapid.Map(rapid.StringMatching(`-?[0-9]{1,31}(\.[0-9]{0,3})?`), func(s string) string { return `{"currency": "EUR", "amount": "` + s + `"}` })
	}
	return some
}

// TestAnAcceptedValueIsAcceptedUnchanged: what is kept can be sent back.
func TestAnAcceptedValueIsAcceptedUnchanged(t *testing.T) {
	t.Parallel()
	accepted := map[field.Type]int{}
	rapid.Check(t, func(t *rapid.T) {
		for _, kind := range field.Types {
			sent := value(kind).Draw(t, string(kind))
			if !jsontext.Value(sent).IsValid() {
				continue
			}
			kept, wrong := of(kind).Value("k", jsontext.Value(sent))
			if (kept != nil) && len(wrong) > 0 {
				t.Fatalf("%s is kept as %s and wrong: %v", sent, kept, wrong)
			}
			for _, w := range wrong {
				if w.Code == "" || w.Detail == "" || !strings.HasPrefix(w.Field, "k") {
					t.Fatalf("%s: %+v", sent, w)
				}
			}
			if kept == nil {
				continue
			}
			accepted[kind]++
			if canonical := kept.Clone(); canonical.Canonicalize() != nil || kind != field.Number && string(canonical) != string(kept) {
				t.Fatalf("%s is kept as %s, canonical is %s", sent, kept, canonical)
			}
			again, wrong := of(kind).Value("k", kept)
			if diff := cmp.Diff(string(kept), string(again)); diff != "" || len(wrong) > 0 {
				t.Fatalf("%s is kept as %s, and that as %s, %v", sent, kept, again, wrong)
			}
		}
	})
	for _, kind := range field.Types {
		if accepted[kind] == 0 {
			t.Errorf("no %s was ever accepted", kind)
		}
	}
}
