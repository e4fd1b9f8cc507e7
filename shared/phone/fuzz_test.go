package phone_test

import (
	"testing"

	"rubrica/shared/phone"
)

// FuzzParse: what is accepted is kept as it is, and has one canonical form, which
// stays what it is.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"+393514117320", "+551187654321", "+5511987654321", "+5215512345678", "+5491123456789", "+80012345678", "+", "", "0", "00", "+0", "+00", "0039351", "+39 351", "+３９351"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := phone.Parse(s)
		if err != nil {
			if !n.IsZero() {
				t.Fatalf("%q is refused, and is %+v", s, n)
			}
			return
		}
		once := n.Canonical()
		if n.String() != s || once == "" || phone.Canonical(s) != once || phone.Canonical(once) != once {
			t.Fatalf("%q: %q, canonical %q, then %q", s, n, once, phone.Canonical(once))
		}
	})
}
