package ledger_test

import (
	"context"
	"testing"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/table"
)

var dpo = audit.Actor{Type: audit.System, ID: "admin", OnBehalfOf: "dpo"}

// TestEraseReturned puts a contact back that was deleted, in the ways in which it
// can be there, and has it erased again.
func TestEraseReturned(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		// damage begins where the contact has been deleted, and the row it had.
		damage func(*testing.T, *scene, table.Row, map[string]table.Partition)
		// versions are those of its entries then, newest first.
		versions []int64
	}{
		"WithoutItsDeletion": {func(t *testing.T, s *scene, row table.Row, hints map[string]table.Partition) {
			s.remove(t, s.main, table.In(s.ws, "former", s.maria).Row("-"))
			s.put(t, s.main, row)
			for _, p := range hints {
				s.put(t, s.main, table.Row{Key: p.Row(s.maria)})
			}
		}, []int64{5, 4, 3, 2, 1}},
		"BesideItsDeletion": {func(t *testing.T, s *scene, row table.Row, _ map[string]table.Partition) {
			s.put(t, s.main, row)
		}, []int64{5, 4, 3, 2, 1}},
		"AndWasChangedSince": {func(t *testing.T, s *scene, row table.Row, _ map[string]table.Partition) {
			s.remove(t, s.main, table.In(s.ws, "former", s.maria).Row("-"))
			s.put(t, s.main, row)
			s.change(t, s.maria, `{"city":"Bari"}`)
			s.change(t, s.maria, `{"city":"Pisa"}`)
			s.drain(t)
		}, []int64{6, 5, 4, 4, 3, 2, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			row, hints := s.contactRow(t), s.places()
			s.delete(t, s.maria)
			s.drain(t)
			c.damage(t, s, row, hints)

			r, err := s.Repair(context.Background(), s.ws, ledger.EraseReturned(dpo, "request-1"))
			if err != nil || r.Mended[ledger.Returned] != 1 || r.Left.Found[ledger.Returned] != 0 {
				t.Fatalf("%+v %v", r, err)
			}
			if again, err := s.Repair(context.Background(), s.ws, ledger.EraseReturned(dpo, "request-2")); err != nil || len(again.Mended) != 0 {
				t.Errorf("again: %+v %v", again, err)
			}
			s.drain(t)
			if _, err := s.Find(s.ctx, s.scope(t), contact.ByID(s.maria)); !problem.Is(err, problem.Gone) {
				t.Errorf("it is %v", err)
			}
			for _, p := range hints {
				if left, err := s.main.GetOne(s.ctx, p.Row(s.maria)); err != nil || left.Exists() {
					t.Errorf("left: %s (%v)", left.Key, err)
				}
			}
			page, err := s.History(s.ctx, s.scope(t), contact.ByID(s.maria), nil, 10)
			if err != nil || len(page.Entries) != len(c.versions) || len(page.Keys) > 0 {
				t.Fatalf("%+v %v", page, err)
			}
			for i, e := range page.Entries {
				if e.Version != c.versions[i] {
					t.Errorf("entry %d is of version %d, want %d", i, e.Version, c.versions[i])
				}
			}
			if e := page.Entries[0]; e.Action != audit.ContactDeleted || e.Actor != dpo || e.RequestID != "request-1" {
				t.Errorf("the newest entry is %+v", e)
			}
			if len(c.versions) == 5 { // else one version is told of twice, for ever
				s.mustBeClean(t)
			}
		})
	}
}
