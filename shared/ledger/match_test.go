package ledger_test

import (
	"testing"

	"rubrica/shared/ledger"
)

// TestIfMatch: what is malformed is refused; of what is not, only strong tags of
// the version match, whatever else they stand among (RFC 9110, section 8.8.3: a
// tag may hold commas).
func TestIfMatch(t *testing.T) {
	t.Parallel()
	const none, three, all = "refuses", "allows 3", "allows all"
	for header, want := range map[string]string{
		`*`: all, `"3"`: three, `"3", "4"`: three, `"2","3"`: three, `"a,b", "3"`: three, `W/"y,B" ,  "3"`: three, ` "3" `: three,
		`W/"3"`: "", `"4"`: "", `""`: "", `"a,3"`: "", `"03"`: "", `"+3"`: "", `"3,"`: "",
		``: none, `3`: none, `"3`: none, `3"`: none, `"3" "4"`: none, `"3",`: none, `,"3"`: none, `"3",,"4"`: none, `*,"3"`: none, `"3",*`: none,
		`"a b"`: none, `w/"3"`: none, `W/3`: none, "\"a\tb\"": none,
	} {
		m, err := ledger.ParseIfMatch(header, true)
		got := ""
		switch {
		case err != nil:
			got = none
		case m.Allows(3) && m.Allows(77):
			got = all
		case m.Allows(3):
			got = three
		}
		if got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
	if m, err := ledger.ParseIfMatch("", false); err != nil || m.Given() || !m.Allows(3) {
		t.Errorf("without the header: %+v, %v", m, err)
	}
}
