package audit

// GapFound is the message under which a gap is logged, and counted: there is an
// alarm on it.
const GapFound = "audit gap"

// Gaps counts the versions that are missing between entries, newest first, of
// one subject and another: each is a loss. What is older than the last entry, or
// newer than the first, is no gap.
func Gaps(entries []Entry) int {
	missing := int64(0)
	last := map[string]int64{} // version by subject
	for i := range entries {
		e := &entries[i]
		if e.Aside {
			continue
		}
		if newer, ok := last[e.Subject]; ok {
			missing += max(newer-e.Version-1, 0)
		}
		last[e.Subject] = e.Version
	}
	return int(missing)
}
