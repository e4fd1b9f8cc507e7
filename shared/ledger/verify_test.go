package ledger_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"rubrica/shared/audit"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
	"rubrica/shared/workspace"
)

func TestVerifyCountsWhatItLookedAt(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	r := s.mustBeClean(t)
	if rows := len(s.all(t, s.main)) + len(s.all(t, s.audit)); r.Rows != rows {
		t.Errorf("%d rows, want %d", r.Rows, rows)
	}
	// Two of the settings, one of the token, one of the fields, three of Maria, two
	// of the one who is gone.
	if r.Contacts != 1 || r.Entries != 9 {
		t.Errorf("%d contacts and %d entries, want 1 and 9", r.Contacts, r.Entries)
	}
}

func TestVerifyOfAWorkspaceThatNeverWas(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	ws, err := tenant.Parse("nobody")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Verify(context.Background(), ws); !problem.Is(err, problem.NotFound) {
		t.Errorf("Verify: %v", err)
	}
	if _, err := s.Repair(context.Background(), ws); !problem.Is(err, problem.NotFound) {
		t.Errorf("Repair: %v", err)
	}
}

func TestVerifyLooksAtItsWorkspaceAlone(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	other := &scene{system: s.inNewWorkspace(t)}
	other.put(t, other.main, table.Row{Key: table.In(other.ws, "mystery").Row("x")})
	other.put(t, other.audit, table.Row{Key: table.In(other.ws, "mystery").Row("x")})
	s.mustBeClean(t)
	if r := other.mustVerify(t); r.Found[ledger.UnknownRow] != 2 {
		t.Errorf("%+v", r)
	}
}

// What the consumers have not got to yet is no finding, unless they are idle.
func TestVerifyTellsPendingFromMissing(t *testing.T) {
	t.Parallel()
	s := newSystem(t) // without consumers
	s.policy(t, workspace.Reject)
	a := s.create(t, everything(0))
	s.change(t, a, everything(11)) // leaves stale marks
	s.delete(t, s.create(t, `{"email":"gone@example.it"}`))
	r := s.mustVerify(t)
	// Entries: two of the settings, two and two of the contacts; and the marks, the
	// values that it lost, and the purge.
	if !r.Clean() || r.Pending != 9 {
		t.Fatalf("%d pending, want 9: %+v", r.Pending, r)
	}
	r = s.mustVerify(t, ledger.Idle())
	expectKinds(t, "Verify", r, kinds(ledger.EntryMissing, ledger.NotPurged, ledger.StaleLeft))
	s.drain(t)
	s.mustBeClean(t)
}

// Expiry is no loss: after any time what is gone may be gone.
func TestVerifyKnowsWhatExpires(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for _, retention := range []int{workspace.MinRetention, workspace.DefaultRetention} {
		t.Run(fmt.Sprint(retention), func(t *testing.T) {
			t.Parallel()
			s := newSystem(t)
			if retention != workspace.DefaultRetention {
				s.retention(t, retention)
			}
			a := s.create(t, `{"email":"a@example.it"}`)
			s.delete(t, s.create(t, `{"email":"b@example.it"}`))
			for _, days := range []time.Duration{1, 28, 1, 2, 300, 57, 2, 30, 3000, 4000} {
				s.drain(t)
				s.mustBeClean(t)
				s.clock.advance(days * day)
				s.mustBeClean(t)
				s.change(t, a, fmt.Sprintf(`{"city":"after %d days"}`, days))
			}
			s.drain(t)
			s.mustBeClean(t)
		})
	}
}

func (s *system) retention(t tester, days int) {
	t.Helper()
	_, err := s.ChangeSettings(s.ctx, s.scope(t), audit.WorkspaceUpdated, ledger.IfMatch{},
		func(w workspace.Settings) (workspace.Settings, error) { w.AuditRetentionDays = days; return w, nil },
		func(*workspace.Settings) ledger.Answer { return ledger.Answer{} })
	if err != nil {
		t.Fatal(err)
	}
}

// Once change records have expired the log alone tells of a change, and what is
// missing there is missing.
func TestVerifyFindsALossInTheLogAlone(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.clock.advance(400 * 24 * time.Hour)
	own, log := s.entry(t, s.maria, 2)
	s.remove(t, s.audit, own.Key, log.Key)
	expectKinds(t, "Verify", s.mustVerify(t), kinds(ledger.VersionMissing))
	goneOwn, goneLog := s.entry(t, s.gone, 2)
	s.remove(t, s.audit, goneOwn.Key, goneLog.Key)
	expectKinds(t, "Verify", s.mustVerify(t), kinds(ledger.VersionMissing, ledger.Vanished))
}

func TestVerifyFindsAGapInALongHistory(t *testing.T) {
	t.Parallel()
	s := &scene{system: newSystem(t)}
	s.maria = s.create(t, `{"city":"0"}`)
	for n := range 320 {
		s.change(t, s.maria, fmt.Sprintf(`{"city":"%d"}`, n+1))
	}
	s.drain(t)
	s.mustBeClean(t)
	for _, version := range []int64{120, 121, 300} {
		own, log := s.entry(t, s.maria, version)
		s.remove(t, s.audit, own.Key, log.Key)
		s.remove(t, s.main, s.record(t, s.maria, version).Key)
	}
	r := s.mustVerify(t)
	if len(r.Findings) != 2 || r.Findings[0].Detail != "versions 120 to 121 told of nowhere" || r.Findings[1].Detail != "version 300 told of nowhere" {
		t.Errorf("%+v", r.Findings)
	}
}

// A user may be called what is shown of other keys: a shard, a kind, an id.
func TestVerifyShowsNoUser(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.drain(t)
	users := []string{"7", "email", "000000000001", s.NewID(), "workspace", "token:" + s.NewID()}
	id := ulid.InShard(s.NewID(), 3)
	for _, user := range users {
		s.put(t, s.main, table.Row{Key: table.In(s.ws, "owner", user, "3").Row(id)})
		s.put(t, s.main, table.Row{Key: table.In(s.ws, "follower", user, "3").Row(id)})
	}
	r := s.mustVerify(t)
	if r.Found[ledger.HintOrphaned] != 2*len(users) {
		t.Errorf("%+v", r)
	}
	for _, f := range r.Findings {
		for _, user := range users {
			if strings.Contains(f.Key, "/"+user+"/") {
				t.Errorf("%s is shown in %s", user, f.Key)
			}
		}
	}
}

func TestVerifyListsAThousandFindingsAndCountsAll(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.drain(t)
	var rows []table.Row
	for range 1200 {
		rows = append(rows, table.Row{Key: table.In(s.ws, "identity", "email", s.NewID()).Row(ulid.InShard(s.NewID(), 1))})
	}
	if err := s.main.Batch(s.ctx, rows, nil); err != nil {
		t.Fatal(err)
	}
	if r := s.mustVerify(t); len(r.Findings) != 1000 || r.Found[ledger.HintOrphaned] != 1200 {
		t.Errorf("%d findings listed, %v counted", len(r.Findings), r.Found)
	}
	repairs, err := s.Repair(context.Background(), s.ws)
	if err != nil || repairs.Mended[ledger.HintOrphaned] != 1200 || !repairs.Left.Clean() {
		t.Errorf("Repair: %v, %+v", err, repairs)
	}
}
