package ledger_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rubrica/shared/ledger"
	"rubrica/shared/table"
)

// shared are the rows of values that several contacts share.
func (s *system) shared(t tester) (rows []table.Row) {
	t.Helper()
	for _, row := range s.all(t, s.main) {
		if row.Key.Partition() == table.In(s.ws, "suggestions") {
			rows = append(rows, row)
		}
	}
	return rows
}

// TestSharedValuesAreListedAsTheyFollow: whatever is wrong with the list of shared
// values is found, and both ways of mending it make it what the consumer would.
func TestSharedValuesAreListedAsTheyFollow(t *testing.T) {
	t.Parallel()
	mends := map[string]func(t *testing.T, s *system, wrong int){
		"Repair": func(t *testing.T, s *system, wrong int) {
			r, err := s.Repair(s.ctx, s.ws)
			if err != nil || !r.Left.Clean() || r.Mended[ledger.SuggestionWrong] != wrong {
				t.Errorf("%+v, %v", r, err)
			}
		},
		"Rebuild": func(t *testing.T, s *system, wrong int) {
			if n, err := s.RebuildSuggestions(s.ctx, s.ws); err != nil || n != wrong {
				t.Errorf("%d, %v; want %d", n, err, wrong)
			}
		},
	}
	for name, mend := range mends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSystem(t)
			s.create(t, `{"email":"twin@example.it","phone":"+390612345678"}`)
			twin := s.create(t, `{"otherEmails":["TWIN@example.it"],"otherPhones":["+390612345678"]}`)
			s.create(t, `{"email":"single@example.it","externalIds":{"sap":"1"}}`)
			s.drain(t)
			s.mustBeClean(t)
			listed := s.shared(t)
			if len(listed) != 2 {
				t.Fatalf("%d shared values, want 2", len(listed))
			}
			for _, row := range listed {
				if text := row.Key.String() + string(row.Doc); strings.Contains(text, "twin") || strings.Contains(text, "0612345678") {
					t.Errorf("it shows the value: %s", text)
				}
			}
			s.remove(t, s.main, listed[0].Key, listed[1].Key)
			expectKinds(t, "Verify", s.mustVerify(t, ledger.Idle()), kinds(ledger.SuggestionWrong))
			if r := s.mustVerify(t); !r.Clean() || r.Pending != 2 {
				t.Errorf("beside its consumer: %+v", r)
			}
			mend(t, s, 2)
			s.mustBeClean(t)
			if again := s.shared(t); len(again) != 2 || again[0].Key != listed[0].Key || again[1].Key != listed[1].Key {
				t.Errorf("mended: %v, want %v", again, listed)
			}
			mend(t, s, 0)

			s.change(t, twin, `{"otherEmails":null,"otherPhones":null}`)
			s.drain(t)
			s.mustBeClean(t)
			if rows := s.shared(t); len(rows) > 0 {
				t.Fatalf("nobody shares anything: %v", rows)
			}
			s.put(t, s.main, table.Row{Key: listed[0].Key, Schema: listed[0].Schema, Doc: listed[0].Doc})
			expectKinds(t, "Verify", s.mustVerify(t, ledger.Idle()), kinds(ledger.SuggestionWrong))
			mend(t, s, 1)
			s.mustBeClean(t)

			// What is none of ours is nobody's to mend.
			s.put(t, s.main, table.Row{Key: listed[0].Key, Schema: listed[0].Schema, Doc: listed[1].Doc})
			r := s.mustVerify(t)
			if diff := cmp.Diff(map[ledger.FindingKind]int{ledger.UnreadableRow: 1}, r.Found); diff != "" {
				t.Errorf("another's value (-want +got):\n%s", diff)
			}
		})
	}
}
