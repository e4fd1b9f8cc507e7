package ledger_test

import (
	"context"
	"sync/atomic"
	"testing"

	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/table/fault"
	"rubrica/shared/workspace"
)

// wreck damages a scene in every way that Repair mends.
func wreck(t *testing.T, s *scene) {
	t.Helper()
	own, log := s.entry(t, s.maria, 2)
	s.remove(t, s.audit, own.Key, log.Key)
	_, log = s.entry(t, s.maria, 3)
	s.remove(t, s.audit, log.Key)
	s.remove(t, s.main, s.places()["email"].Row(s.maria), s.places()["owner"].Row(s.maria))
	s.put(t, s.main, table.Row{Key: s.stranger("phone", s.maria)})
	s.put(t, s.main, table.Row{Key: s.stranger("follower", s.gone)})
	s.put(t, s.main, table.Row{Key: table.In(s.ws, "identity", "email", "maria@example.it").Row("-")})
	s.delete(t, s.create(t, `{"email":"unpurged@example.it"}`))
}

func TestRepairSaysWhatItDid(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	wreck(t, s)
	repairs, err := s.Repair(context.Background(), s.ws)
	if err != nil {
		t.Fatal(err)
	}
	want := map[ledger.FindingKind]int{
		ledger.EntryMissing: 4, // two of Maria, one and the deletion of the one who is not purged
		ledger.HintMissing:  2, ledger.HintOrphaned: 2, ledger.MalformedRow: 1, ledger.NotPurged: 1,
	}
	for kind, n := range want {
		if repairs.Mended[kind] != n {
			t.Errorf("mended %d of %s, want %d", repairs.Mended[kind], kind, n)
		}
	}
	if len(repairs.Mended) != len(want) || !repairs.Left.Clean() {
		t.Errorf("%+v", repairs)
	}
	again, err := s.Repair(context.Background(), s.ws)
	if err != nil || len(again.Mended) != 0 || !again.Left.Clean() {
		t.Errorf("again: %v, %+v", err, again)
	}
	s.mustBeClean(t)
}

// TestRepairGoesOnAfterAFailure fails each write of a repair to the main table in
// turn, before, amid and after it, and then repairs once more. Nothing has been consumed, so
// that there is all of the consumers' work to do.
func TestRepairGoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	var faults *fault.Driver
	root := newSystem(t, func(d table.Driver) table.Driver {
		faults = fault.New(d)
		return faults
	})
	wrecked := func() *system {
		s := root.inNewWorkspace(t)
		s.policy(t, workspace.Reject)
		a := s.create(t, everything(0))
		s.change(t, a, everything(11))
		s.delete(t, s.create(t, `{"email":"gone@example.it"}`))
		s.put(t, s.main, table.Row{Key: table.In(s.ws, "owner", "nobody", shardOf(a)).Row(a)})
		s.remove(t, s.main, table.In(s.ws, "identity", "email", emailOf(11)).Row(a))
		return s
	}
	for write, failed := int64(1), true; failed; write++ {
		failed = false
		for _, f := range []fault.Fault{fault.FailBefore(), fault.FailHalfway(), fault.FailAfter()} {
			s := wrecked()
			var writes atomic.Int64
			faults.Arm(func(c fault.Call) fault.Fault {
				if (c.Kind == fault.Write || c.Kind == fault.Batch) && writes.Add(1) == write {
					return f
				}
				return fault.Pass()
			})
			_, err := s.Repair(context.Background(), s.ws)
			faults.Arm(nil)
			if err != nil {
				failed = true
				if !problem.Is(err, problem.Unavailable) {
					t.Fatalf("write %d: %v", write, err)
				}
			}
			if _, err := s.Repair(context.Background(), s.ws); err != nil {
				t.Fatalf("after write %d: %v", write, err)
			}
			s.mustBeClean(t)
		}
	}
}

// TestRepairNeverHarmsAWriter has somebody write the contact at the very moment
// in which a repair was about to.
func TestRepairNeverHarmsAWriter(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		damage func(*testing.T, *system, string)
		write  string
	}{
		{
			"AnOrphanThatBecomesTrue",
			func(t *testing.T, s *system, id string) {
				s.put(t, s.main, table.Row{Key: table.In(s.ws, "identity", "email", "new@example.it").Row(id)})
			},
			`{"email":"new@example.it"}`,
		},
		{
			"AMissingHintThatIsNoLongerTrue",
			func(t *testing.T, s *system, id string) {
				s.remove(t, s.main, table.In(s.ws, "identity", "email", "old@example.it").Row(id))
			},
			`{"email":"new@example.it"}`,
		},
		{
			"AMalformedHintThatIsNoLongerTrue",
			func(t *testing.T, s *system, id string) {
				s.put(t, s.main, table.Row{Key: table.In(s.ws, "identity", "email", "old@example.it").Row(id), Doc: []byte(`{}`)})
			},
			`{"email":null}`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var faults *fault.Driver
			s := newSystem(t, func(d table.Driver) table.Driver {
				faults = fault.New(d)
				return faults
			})
			id := s.create(t, `{"email":"old@example.it"}`)
			s.drain(t)
			tc.damage(t, s, id)
			var raced atomic.Bool
			faults.Arm(func(c fault.Call) fault.Fault {
				if c.Kind == fault.Write && c.Actions[0].Verb == table.VerbCheck && raced.CompareAndSwap(false, true) {
					s.change(t, id, tc.write)
				}
				return fault.Pass()
			})
			if _, err := s.Repair(context.Background(), s.ws); err != nil {
				t.Fatal(err)
			}
			if !raced.Load() {
				t.Fatal("the repair wrote nothing to race with")
			}
			s.drain(t)
			s.mustBeClean(t)
		})
	}
}

// A contact that was lost without having been deleted may be restored from a
// backup, and its history with it.
func TestRepairKeepsTheHistoryOfWhoVanished(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	lost := s.contactRow(t)
	s.remove(t, s.main, lost.Key)
	if _, err := s.Repair(context.Background(), s.ws); err != nil {
		t.Fatal(err)
	}
	s.put(t, s.main, lost)
	if _, err := s.Repair(context.Background(), s.ws); err != nil {
		t.Fatal(err)
	}
	s.mustBeClean(t)
	found, err := s.Find(s.ctx, s.scope(t), contact.Ref{Identity: contact.EmailIdentity("maria@example.it")})
	if err != nil || found.ID != s.maria {
		t.Errorf("%+v, %v", found, err)
	}
	page, err := s.History(s.ctx, s.scope(t), contact.ByID(s.maria), nil, 10)
	if err != nil || len(page.Entries) != 3 {
		t.Errorf("%d entries, %v", len(page.Entries), err)
	}
}
