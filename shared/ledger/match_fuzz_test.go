package ledger_test

import (
	"fmt"
	"strings"
	"testing"

	"rubrica/shared/ledger"
	"rubrica/shared/problem"
)

// FuzzIfMatch: a header allows a version only if it has its strong tag, or is *.
func FuzzIfMatch(f *testing.F) {
	for _, s := range []string{"*", `"3"`, `W/"3"`, `"2", "3"`, `"a,b" , "3"`, "", `"`, `"3`, `"3" "4"`, `"03"`, `"-3"`, `"9223372036854775808"`, `*,"3"`, "\"\u00a0\"", `"\"3"`} {
		f.Add(s, int64(3))
	}
	f.Fuzz(func(t *testing.T, header string, version int64) {
		m, err := ledger.ParseIfMatch(header, true)
		if err != nil {
			if !problem.Is(err, problem.Validation) {
				t.Fatalf("%q: %v", header, err)
			}
			return
		}
		if !m.Given() {
			t.Fatalf("%q was not given", header)
		}
		if !m.Allows(version) || strings.TrimSpace(header) == "*" {
			return
		}
		tag := fmt.Sprintf(`"%d"`, version)
		i := strings.Index(header, tag)
		for i >= 0 && strings.HasSuffix(header[:i], "W/") { // a weak one may stand before
			j := strings.Index(header[i+1:], tag)
			if j < 0 {
				i = -1
				break
			}
			i += 1 + j
		}
		if i < 0 {
			t.Fatalf("%q allows version %d", header, version)
		}
	})
}
