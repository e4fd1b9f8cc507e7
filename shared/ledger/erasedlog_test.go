package ledger_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
)

// TestNothingOfAnErasedPersonIsInAnotherLog: who was merged, came out again and is
// deleted is readable nowhere (W6), in whatever order things happen; what a hand
// wrote into another contact is.
func TestNothingOfAnErasedPersonIsInAnotherLog(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	rapid.Check(t, func(rt *rapid.T) {
		s := s.inNewWorkspace(rt)
		var ids, merges []string
		for n := range 4 {
			ids = append(ids, s.create(rt, personNumber(n)))
		}
		for n := range rapid.IntRange(1, 8).Draw(rt, "steps") {
			pair := rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 2, 2, rapid.ID).Draw(rt, "pair")
			switch rapid.SampledFrom([]string{"merge", "merge", "undo", "undo", "change"}).Draw(rt, "what") {
			case "merge":
				m := ledger.Merging{Survivor: pair[0], Others: pair[1:], Answer: answerMerge}
				if member := rapid.SampledFrom([]string{"", "email", "lastName", "phone", "country"}).Draw(rt, "chosen"); member != "" {
					m.Choose = map[string]string{member: pair[1]}
				}
				if a, err := s.Merge(s.ctx, s.scope(rt), m); err == nil {
					merges = append(merges, a.Location)
				}
				if rapid.Bool().Draw(rt, "reindexed") {
					s.drain(rt)
				}
			case "undo":
				if len(merges) > 0 {
					_, _ = s.Undo(s.ctx, s.scope(rt), ledger.Undoing{
						Merge: rapid.SampledFrom(merges).Draw(rt, "merge"), May: func(audit.Actor) error { return nil },
						Answer: answerUndo,
					})
				}
			case "change":
				s.change(rt, pair[0], fmt.Sprintf(`{"city":"City %d","lastName":"By hand","followers":["hand%d"]}`, n, n))
			}
		}
		s.mustBeAsLogged(rt, ids)
		gone := rapid.IntRange(0, 3).Draw(rt, "deleted")
		s.delete(rt, ids[gone])
		alive := slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
			_, err := s.Find(s.ctx, s.scope(rt), contact.ByID(id))
			return err != nil
		})
		s.drain(rt)
		for _, v := range s.everythingLogged(rt, alive) {
			for _, c := range v.Changes {
				if text := string(c.From) + string(c.To); tellsOf(gone, text) {
					rt.Fatalf("%s of %s, version %d, tells of one who is deleted: %s %s", v.Action, v.ContactID, v.Version, c.Field, text)
				}
				if c.Erased && (c.Field == "city" || c.Field == "description") && slices.Contains(alive, v.ContactID) {
					rt.Fatalf("%s of %s, version %d: %s is erased, which no merge wrote", v.Action, v.ContactID, v.Version, c.Field)
				}
			}
		}
		texts, err := ledger.Opened(s.all(rt, s.main))
		if err != nil {
			rt.Fatal(err)
		}
		for _, text := range texts {
			if tellsOf(gone, text) {
				rt.Fatalf("at rest there is still %s", text)
			}
		}
		s.mustBeClean(rt)
	})
}

// phones are of four countries.
var phones = []string{"+393514117300", "+34612345678", "+33612345678", "+4915112345678"}

// tellsOf tells whether a text has anything of a personNumber.
func tellsOf(n int, text string) bool {
	return strings.Contains(strings.ToLower(text), fmt.Sprint("person", n)) || strings.Contains(text, phones[n])
}

// personNumber has in every member that a merge takes or unites what says whose it is.
func personNumber(n int) string {
	return fmt.Sprintf(`{"lastName":"Person%[1]d","email":"Person%[1]d@example.it","otherEmails":["other.Person%[1]d@example.it"],
		"externalIds":{"sap":"Person%[1]d","system%[1]d":"Person%[1]d"},"followers":["Person%[1]d"],
		"description":"mine","city":"here","phone":"%[3]s"%[2]s}`, n, []string{"", `,"firstName":"Person1"`, `,"website":"https://Person2.example"`, ""}[n], phones[n])
}

// everythingLogged is all that the logs of contacts and the workspace's show.
func (s *system) everythingLogged(t tester, ids []string) (all []audit.View) {
	t.Helper()
	for _, id := range ids {
		page, err := s.History(s.ctx, s.scope(t), contact.ByID(id), nil, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for i := range page.Entries {
			all = append(all, page.Entries[i].View(page.Keys))
		}
	}
	page, err := s.WorkspaceLog(s.ctx, s.scope(t), audit.Filter{}, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for i := range page.Entries {
		all = append(all, page.Entries[i].View(page.Keys))
	}
	return all
}

// TestOnlyWhatIsSharedIsErased: the survivor's log keeps who did what, and all
// values that were its own.
func TestOnlyWhatIsSharedIsErased(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	a := s.create(t, `{"lastName":"Bianchi"}`)
	b := s.create(t, `{"firstName":"Maria","lastName":"Rossi","email":"maria@example.it"}`)
	made := s.merge(t, a, b)
	s.change(t, a, `{"city":"Roma","email":"m@example.it"}`)
	s.undo(t, made)
	tell := func() (told []string) {
		for _, v := range s.entriesOf(t, a) {
			for _, c := range v.Changes {
				told = append(told, fmt.Sprintf("%d %s %s>%s %v", v.Version, c.Field, string(c.From), string(c.To), c.Erased))
			}
		}
		return told
	}
	want := []string{
		`1 lastName >"Bianchi" false`,
		`2 firstName >"Maria" false`, `2 email >"maria@example.it" false`,
		`3 email "maria@example.it">"m@example.it" false`, `3 city >"Roma" false`,
		`4 firstName "Maria"> false`,
	}
	if diff := cmp.Diff(want, tell()); diff != "" {
		t.Errorf("before the deletion\n%s", diff)
	}
	s.delete(t, b)
	want = []string{
		`1 lastName >"Bianchi" false`,
		`2 firstName > true`, `2 email > true`,
		`3 email > true`, `3 city >"Roma" false`,
		`4 firstName > true`,
	}
	if diff := cmp.Diff(want, tell()); diff != "" {
		t.Errorf("after the deletion\n%s", diff)
	}
}
