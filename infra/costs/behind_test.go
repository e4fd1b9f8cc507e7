package main

import (
	"slices"
	"strings"
	"testing"
)

// severalEntries are operations that have more than one: a tag that is made has its
// own.
var severalEntries = map[string]float64{"create with two new tags": 3, "new tag added": 2}

// noEntry are operations of which the log says nothing.
var noEntry = []string{
	"message received", "message received of a blocked contact", "merge suggestion dismissed", "merge suggestion of 200 dismissed",
}

// sharing are words in the names of operations after which a contact may share
// other values than before: each of its values is read for suggestions, at most
// five calls for a contact that has two.
var sharing = []string{"create", "patch of the phone", "identity", "blocked"}

// freeing are words in the names of those after which it shares a value no more: a
// unit more takes the note of it away.
var freeing = []string{"patch of the phone", "identity removed"}

func hasAny(name string, words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(name, word) })
}

// clearing are operations that leave more to do than an entry: what is found where
// it was, or is not found yet where it is. (A merge's entry says whose each value
// is, and may have more than a kilobyte.)
var clearing = []string{"deleteContact", "deleteTag", "deleteCompany", "mergeContacts", "undoMerge"}

// TestWhatIsBehindAnAnswer holds the work that a change leaves behind to the
// architecture: two write units for its entry in the audit log, more only where
// something has to be cleared away, and hardly any calls of its own where much
// comes at once. What answering may cost is held in infra/e2e.
func TestWhatIsBehindAnAnswer(t *testing.T) {
	t.Parallel()
	changes := 0
	for _, m := range everything(t) {
		if m.request.writes == 0 {
			if m.behind != (counts{}) {
				t.Errorf("%s writes nothing and leaves %+v behind", m.name, m.behind)
			}
			continue
		}
		changes++
		if slices.Contains(noEntry, m.name) {
			if m.behind != (counts{}) {
				t.Errorf("%s leaves %+v behind", m.name, m.behind)
			}
			continue
		}
		if strings.HasSuffix(m.id, "Job") { // a job is all behind its answer
			continue
		}
		if slices.Contains(clearing, m.id) || m.name == "patch of all 54 ways to find a contact" {
			continue
		}
		calls := m.behind.calls / 3
		if hasAny(m.name, sharing) {
			calls += 5
		}
		if m.amid.calls > calls || m.amid.invocations > m.behind.invocations/10 || m.amid.queue > m.behind.queue/10 {
			t.Errorf("%s: %+v behind it, among %d of its kind still %+v", m.name, m.behind, busy, m.amid)
		}
		entries := max(1, severalEntries[m.name])
		units := 2 * entries
		if hasAny(m.name, freeing) {
			units++
		}
		if m.behind.writes != units {
			t.Errorf("%s: %v write units behind it, want %v: 2 for each of %v entries", m.name, m.behind.writes, units, entries)
		}
	}
	if changes < 10 {
		t.Errorf("%d operations change something", changes)
	}
}
