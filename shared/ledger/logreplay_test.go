package ledger_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
)

// entriesOf are the entries of a contact's own, oldest first, as they are shown.
func (s *system) entriesOf(t tester, id string) (own []audit.View) {
	t.Helper()
	var after ledger.Places
	for {
		page, err := s.History(s.ctx, s.scope(t), contact.ByID(id), after, 100)
		if err != nil {
			t.Fatal(err)
		}
		for i := range page.Entries {
			if e := &page.Entries[i]; e.Subject == id && !e.Aside {
				own = append(own, e.View(page.Keys))
			}
		}
		if after = page.Next; after == nil {
			slices.Reverse(own)
			return own
		}
	}
}

// mustBeAsLogged replays the log of those contacts that stand for themselves: each
// change begins with what the one before it ended with, and the last ones make the
// contact. Of what is erased nothing is known until it is set again.
func (s *system) mustBeAsLogged(t tester, ids []string) {
	t.Helper()
	for _, id := range ids {
		c, err := s.Find(s.ctx, s.scope(t), contact.ByID(id))
		if err != nil || c.ID != id {
			continue
		}
		terms, err := s.Terms(s.ctx, s.scope(t), *c)
		if err != nil {
			t.Fatal(err)
		}
		now := map[string]string{}
		for _, change := range contact.Compare(&contact.Contact{}, c, terms) {
			to, err := json.Marshal(change.To, json.Deterministic(true))
			if err != nil {
				t.Fatal(err)
			}
			now[change.Field] = canonical(t, to)
		}
		told, erased := map[string]string{}, map[string]bool{}
		for _, e := range s.entriesOf(t, id) {
			for _, change := range e.Changes {
				if change.Erased {
					erased[change.Field] = true
					continue
				}
				if from := canonical(t, change.From); !erased[change.Field] && from != told[change.Field] && !usual(change.Field, from) {
					t.Fatalf("%s, version %d: %s changes from %s, but was %s", id, e.Version, change.Field, from, told[change.Field])
				}
				told[change.Field] = canonical(t, change.To)
				delete(erased, change.Field)
			}
		}
		for _, all := range []map[string]string{now, told} {
			maps.DeleteFunc(all, func(field, value string) bool { return erased[field] || usual(field, value) })
		}
		if diff := cmp.Diff(now, told); diff != "" {
			t.Fatalf("%s is not as its log says (-is +log)\n%s", id, diff)
		}
	}
}

// canonical is a value without what JSON leaves open; "" of none.
func canonical(t tester, v jsontext.Value) string {
	t.Helper()
	if v == nil {
		return ""
	}
	v = v.Clone()
	if err := v.Canonicalize(); err != nil {
		t.Fatal(err)
	}
	return string(v)
}

// usual tells whether a value is what every contact has at first.
func usual(field, value string) bool {
	return value == "" || value == "false" && (field == "vip" || strings.HasPrefix(field, "dnd.")) || value == `"active"` && field == "status"
}

// TestAnUndoBelowIsInTheLogOfWhoLostByIt: what a contact has lost while it was
// absorbed itself stands in its own log when it comes back.
func TestAnUndoBelowIsInTheLogOfWhoLostByIt(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	x := s.create(t, `{"city":"Roma","followers":["fx"],"email":"x@example.it"}`)
	a := s.create(t, `{"firstName":"A","email":"a@example.it"}`)
	e := s.create(t, `{"city":"Torino"}`)
	below, above := s.merge(t, a, x), s.merge(t, e, a)
	s.undo(t, below)
	s.undo(t, above)
	own := s.entriesOf(t, a)
	var lost []string
	for _, v := range own {
		if v.Action != audit.ContactUnmerged {
			continue
		}
		for _, c := range v.Changes {
			lost = append(lost, c.Field+" "+string(c.From))
		}
	}
	want := []string{`otherEmails ["x@example.it"]`, `city "Roma"`, `followers ["fx"]`}
	if diff := cmp.Diff(want, lost); diff != "" {
		t.Error(diff)
	}
	s.mustBeAsLogged(t, []string{x, a, e})
	s.drain(t)
	s.mustBeClean(t)
}
