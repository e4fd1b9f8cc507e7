package email

import "strings"

// Canonical is Address.Canonical for an address that Parse accepted before, and
// that was stored since: nothing is checked again.
func Canonical(stored string) string { return compose(strings.ToLower(compose(stored))) }
