package format_test

import (
	"errors"
	"strings"
	"testing"

	"rubrica/shared/format"
)

// valid is a value and what is stored for it; "" is the value itself.
type valid struct{ given, stored string }

// refused is a value and the words that the error must have.
type refused struct{ given, code, says string }

func check(t *testing.T, f func(string) (string, error), good []valid, bad []refused) {
	t.Helper()
	for _, c := range good {
		want := c.stored
		if want == "" {
			want = c.given
		}
		if got, err := f(c.given); err != nil || got != want {
			t.Errorf("%.60q: %.60q, %v; want %.60q", c.given, got, err, want)
		}
	}
	for _, c := range bad {
		got, err := f(c.given)
		if err == nil || got != "" {
			t.Errorf("%.60q is accepted as %.60q", c.given, got)
			continue
		}
		refusal, ok := errors.AsType[*format.Error](err)
		if !ok || refusal.Code != c.code || !strings.Contains(refusal.Detail, c.says) {
			t.Errorf("%.60q: %v; want %s: …%s…", c.given, err, c.code, c.says)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	long := strings.Repeat
	check(t, format.Text, []valid{
		{"Maria", ""},
		{"  Maria Rossi ", "Maria Rossi"},
		{"\u00a0Nicolò\u3000", "Nicolò"},
		{"Nicolo\u0300", "Nicolò"},
		{"Lê Thị Hồng", ""},
		{"محمد عبد الله", ""},
		{"\u202bمحمد\u202c", ""},
		{"山田 太郎", ""},
		{"👨\u200d👩\u200d👧 🇮🇹", ""},
		{"=1+1", ""},
		{"\ufffd", ""},
		{long("x", 1000), ""},
		{"  " + long("x", 1000) + "  ", long("x", 1000)},
		{long("😀", 1000), ""},
		{long("o\u0300", 1000), long("ò", 1000)}, // 2,000 before composing
	}, []refused{
		{long("x", 1001), format.CodeTooLong, "At most 1000 characters, not 1001."},
		{long("ò", 1001), format.CodeTooLong, "At most 1000 characters, not 1001."},
		{long("\u0958", 501), format.CodeTooLong, "not 1002."}, // composing takes it apart
		{"a\x00b", format.CodeControlCharacter, "U+0000"},
		{"a\tb", format.CodeControlCharacter, "U+0009"},
		{"Maria\n", format.CodeControlCharacter, "U+000A"},
		{"a\x7fb", format.CodeControlCharacter, "U+007F"},
		{"a\u0085b", format.CodeControlCharacter, "U+0085"},
		{"a\u009fb", format.CodeControlCharacter, "U+009F"},
		{"a\u2028b", format.CodeControlCharacter, "U+2028"},
		{"a\u2029b", format.CodeControlCharacter, "U+2029"},
		{"a\xffb", format.CodeControlCharacter, "not UTF-8"},
		{"\xed\xa0\x80", format.CodeControlCharacter, "not UTF-8"},
	})
	if got, err := format.Text(" \u3000 "); got != "" || err != nil {
		t.Errorf("spaces: %q, %v", got, err)
	}
}

func TestLongText(t *testing.T) {
	t.Parallel()
	check(t, format.LongText, []valid{
		{"one\ntwo\n\n\tthree", ""},
		{"one\r\ntwo\r\n", "one\ntwo"},
		{"\n one \n", "one"},
		{"caffe\u0300\r\n☕", "caffè\n☕"},
		{"a\u2028b", ""},
		{strings.Repeat("x\r\n", 5000), strings.Repeat("x\n", 4999) + "x"},
		{strings.Repeat("é", 10_000), ""},
	}, []refused{
		{strings.Repeat("x", 10_001), format.CodeTooLong, "At most 10000 characters, not 10001."},
		{"a\rb", format.CodeControlCharacter, "U+000D"},
		{"a\x00b", format.CodeControlCharacter, "U+0000"},
		{"a\u0085b", format.CodeControlCharacter, "U+0085"},
		{"a\xffb", format.CodeControlCharacter, "not UTF-8"},
	})
}

func TestUserID(t *testing.T) {
	t.Parallel()
	check(t, format.UserID, []valid{
		{"user_7", ""},
		{" user_7 ", "user_7"},
		{"auth0|5f7c8ec7c33c6c004bbafe82", ""},
		{"a1b2/c3#d4", ""},
		{"maria@example.com", ""},
		{"zoë", ""},
		{strings.Repeat("u", 255), ""},
	}, []refused{
		{"", format.CodeInvalidUser, "1 to 255 visible characters"},
		{"   ", format.CodeInvalidUser, "1 to 255 visible characters"},
		{"user 7", format.CodeInvalidUser, "without spaces"},
		{"user\u00a07", format.CodeInvalidUser, "without spaces"},
		{"user\u200b7", format.CodeInvalidUser, "visible"},
		{"user\n", format.CodeInvalidUser, "visible"},
		{strings.Repeat("u", 256), format.CodeInvalidUser, "255"},
	})
}

func TestExternalIDs(t *testing.T) {
	t.Parallel()
	check(t, format.ExternalSystem, []valid{
		{"sap", ""},
		{"s", ""},
		{"sales_force-2", ""},
		{"a" + strings.Repeat("0", 62), ""},
	}, []refused{
		{"", format.CodeInvalidSystem, "begins with a letter"},
		{"SAP", format.CodeInvalidSystem, "a-z"},
		{"2sap", format.CodeInvalidSystem, "begins with a letter"},
		{"-sap", format.CodeInvalidSystem, "begins with a letter"},
		{"sap.de", format.CodeInvalidSystem, "a-z"},
		{"sàp", format.CodeInvalidSystem, "a-z"},
		{" sap", format.CodeInvalidSystem, "a-z"},
		{"a" + strings.Repeat("0", 63), format.CodeInvalidSystem, "1 to 63"},
	})
	check(t, format.ExternalKey, []valid{
		{"K-17", ""},
		{" K 17 ", "K 17"},
		{"Ko\u0308ln/17", "Köln/17"},
		{strings.Repeat("k", 255), ""},
	}, []refused{
		{"", format.CodeInvalidKey, "1 to 255"},
		{" ", format.CodeInvalidKey, "1 to 255"},
		{"K\n17", format.CodeInvalidKey, "control characters"},
		{strings.Repeat("k", 256), format.CodeInvalidKey, "1 to 255"},
	})
}
