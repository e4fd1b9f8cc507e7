package ledger_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/table/fault"
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
	// Entries: two of the settings, two and two of the contacts; and the marks and the purge.
	if !r.Clean() || r.Pending != 8 {
		t.Fatalf("%d pending, want 8: %+v", r.Pending, r)
	}
	r = s.mustVerify(t, ledger.Idle())
	expectKinds(t, "Verify", r, kinds(ledger.EntryMissing, ledger.NotPurged, ledger.StaleLeft))
	s.consume(t)
	s.idle(t)
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
			s.consume(t)
			if retention != workspace.DefaultRetention {
				s.retention(t, retention)
			}
			a := s.create(t, `{"email":"a@example.it"}`)
			s.delete(t, s.create(t, `{"email":"b@example.it"}`))
			for _, days := range []time.Duration{1, 28, 1, 2, 300, 57, 2, 30, 3000, 4000} {
				s.idle(t)
				s.mustBeClean(t)
				s.clock.advance(days * day)
				s.mustBeClean(t)
				s.change(t, a, fmt.Sprintf(`{"city":"after %d days"}`, days))
			}
			s.idle(t)
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
	s.consume(t)
	s.maria = s.create(t, `{"city":"0"}`)
	for n := range 320 {
		s.change(t, s.maria, fmt.Sprintf(`{"city":"%d"}`, n+1))
	}
	s.idle(t)
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

func TestVerifyListsAThousandFindingsAndCountsAll(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.consume(t)
	s.idle(t)
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

// TestVerifyBesideWriters walks again and again while contacts are written, over
// an engine that cuts pages and tears reads: it must never see what is not so.
func TestVerifyBesideWriters(t *testing.T) {
	t.Parallel()
	var faults *fault.Driver
	s := newSystem(t, func(d table.Driver) table.Driver {
		faults = fault.New(d)
		return faults
	})
	s.consume(t)
	faults.Arm(func(fault.Call) fault.Fault {
		switch rand.IntN(8) {
		case 0:
			return fault.Torn(func(int) { time.Sleep(time.Duration(rand.IntN(200)) * time.Microsecond) })
		case 1:
			return fault.Short()
		}
		return fault.Pass()
	})
	s.policy(t, workspace.Reject)
	var ids []string
	for range 8 {
		ids = append(ids, s.create(t, `{"city":"Roma"}`))
	}
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 3 {
		writers.Go(func() {
			for n := w; ; n++ {
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond):
				}
				s.disturb(t, ids[rand.IntN(len(ids))], n)
			}
		})
	}
	for range 12 {
		if r := s.mustVerify(t); !r.Clean() {
			t.Errorf("%+v", r)
		}
	}
	close(stop)
	writers.Wait()
	s.idle(t)
	s.mustBeClean(t)
}

// disturb changes a contact in some way, or makes and deletes another.
func (s *system) disturb(t *testing.T, id string, n int) {
	doc := fmt.Sprintf(`{"email":"%d@example.it","owner":"u%d","city":"%d"}`, n%5, n%3, n)
	scope, err := s.Enter(s.ctx, s.ws, audit.Actor{Type: audit.User, ID: "writer"}, "")
	if err != nil {
		t.Error(err)
		return
	}
	switch n % 4 {
	case 0:
		var a ledger.Answer
		a, err = s.Create(s.ctx, scope, ledger.Operation{Apply: patch(t, strings.ReplaceAll(doc, "@", "+new@")).Apply, Answer: answerID})
		if err == nil {
			_, err = s.Delete(s.ctx, scope, contact.ByID(a.Location), ledger.IfMatch{})
		}
	case 1:
		doc = everything(11 * (n % 7))
		fallthrough
	default:
		_, err = s.Update(s.ctx, scope, contact.ByID(id), ledger.Operation{Apply: patch(t, doc).Apply, Answer: answerID})
	}
	if err != nil && !problem.HasCode(err, "duplicate_identity") {
		t.Error(err)
	}
}

// onEachLook gives the contact another address each time that somebody is about
// to look for hints, as often as it is told, and returns how often it was.
func (s *system) onEachLook(t *testing.T, faults *fault.Driver, id string, most int) func() int {
	t.Helper()
	var writing atomic.Bool
	writes := 0
	faults.Arm(func(c fault.Call) fault.Fault {
		hints := slices.ContainsFunc(c.Keys, func(k table.Key) bool { return k.Partition().Parts()[0] == "identity" })
		if c.Kind == fault.Read && hints && writes < most && writing.CompareAndSwap(false, true) {
			writes++
			s.change(t, id, fmt.Sprintf(`{"email":"%d@example.it"}`, writes))
			writing.Store(false)
		}
		return fault.Pass()
	})
	return func() int { return writes }
}

func TestVerifyWaitsUntilAContactHoldsStill(t *testing.T) {
	t.Parallel()
	s, faults := newFaulty(t)
	id := s.create(t, `{"email":"0@example.it"}`)
	writes := s.onEachLook(t, faults, id, 5)
	if r := s.mustVerify(t); !r.Clean() || r.Busy != 0 || r.Contacts != 1 {
		t.Errorf("%+v", r)
	}
	if writes() != 5 {
		t.Errorf("%d writes", writes())
	}
}

// A contact that never holds still is told of as such.
func TestVerifyPassesOverWhatNeverHoldsStill(t *testing.T) {
	t.Parallel()
	s, faults := newFaulty(t)
	id := s.create(t, `{"email":"0@example.it"}`)
	s.onEachLook(t, faults, id, 1_000_000)
	if r := s.mustVerify(t); !r.Clean() || r.Busy != 1 {
		t.Errorf("%+v", r)
	}
}
