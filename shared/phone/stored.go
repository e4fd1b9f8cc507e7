package phone

// Canonical is Number.Canonical for a number that Parse accepted before, and
// that was stored since: nothing is checked again.
func Canonical(stored string) string { return canonical(stored) }
