package format_test

import (
	"strings"
	"testing"

	"rubrica/shared/format"
)

func TestURL(t *testing.T) {
	t.Parallel()
	check(t, format.URL, []valid{
		{"https://rossi.example", ""},
		{"http://rossi.example:8080/a/b?c=d&e=f#g", ""},
		{" https://site.example.com/chi-siamo ", "https://site.example.com/chi-siamo"},
		{"HTTPS://Example.COM/Path", ""},
		{"https://mu\u0308ller.example/straße", "https://müller.example/straße"},
		{"https://xn--mller-kva.example/%C3%9F", ""},
		{"https://例え.jp/", ""},
		{"http://192.0.2.1/", ""},
		{"http://[2001:db8::1]:80/", ""},
		{"https://intranet/x", ""},
		{"https://x.example/?q=https://y.example/@z", ""},
		{"https://x.example/" + strings.Repeat("a", 982), ""},
	}, []refused{
		{"", format.CodeInvalidURL, "begins with https://"},
		{"Rossi srl", format.CodeInvalidURL, "written as %20 it can"},
		{"www.rossi.example/page", format.CodeInvalidURL, "as in https://www.rossi.example/page"},
		{"ftp://rossi.example", format.CodeInvalidURL, "begins with https://"},
		{"javascript:alert(1)", format.CodeInvalidURL, "begins with https://"},
		{"data:text/html,x", format.CodeInvalidURL, "begins with https://"},
		{"//rossi.example", format.CodeInvalidURL, "begins with https://"},
		{"maria@example.com", format.CodeInvalidURL, "begins with https://"},
		{"https:rossi.example", format.CodeInvalidURL, "host is missing"},
		{"https://", format.CodeInvalidURL, "host is missing"},
		{"https:///path", format.CodeInvalidURL, "host is missing"},
		{"https://:443/", format.CodeInvalidURL, "host is missing"},
		{"https://maria:secret@rossi.example", format.CodeInvalidURL, "user name and password"},
		{"https://maria@rossi.example", format.CodeInvalidURL, "user name and password"},
		{"https://rossi.example\\@evil.example", format.CodeInvalidURL, "written as %5C"},
		{"https://rossi.example/<script>", format.CodeInvalidURL, "written as %3C"},
		{"https://rossi.example/\u202egpj", format.CodeInvalidURL, "written as %E2%80%AE"},
		{"https://rossi.example/a b", format.CodeInvalidURL, "written as %20"},
		{"https://rossi.example/%zz", format.CodeInvalidURL, "hexadecimal"},
		{"https://rossi.example:http/", format.CodeInvalidURL, "port"},
		{"https://rossi..example/", format.CodeInvalidURL, "a dot too many"},
		{"https://.example/", format.CodeInvalidURL, "a dot too many"},
		{"https://rossi.example/\n", format.CodeInvalidURL, "U+000A"},
		{"https://x.example/" + strings.Repeat("a", 983), format.CodeInvalidURL, "At most 1000 characters, not 1001."},
	})
}
