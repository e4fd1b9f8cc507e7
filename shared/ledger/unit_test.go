package ledger_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/table/fault"
	"rubrica/shared/workspace"
)

// newFaulty is newSystem over an engine that fails on command.
func newFaulty(t *testing.T) (*system, *fault.Driver) {
	t.Helper()
	var faults *fault.Driver
	s := newSystem(t, func(d table.Driver) table.Driver {
		faults = fault.New(d)
		return faults
	})
	return s, faults
}

func (s *system) find(t tester, id string) *contact.Contact {
	t.Helper()
	c, err := s.Find(s.ctx, s.scope(t), contact.ByID(id))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Somebody writes the contact each time that an update is about to: the update
// begins again from what is there, and neither is lost.
func TestUpdateBeginsAgainWhenSomebodyWasFaster(t *testing.T) {
	t.Parallel()
	s, faults := newFaulty(t)
	id := s.create(t, `{"city":"Roma"}`)
	var raced, applied atomic.Int32
	faults.Arm(func(c fault.Call) fault.Fault {
		if c.Kind == fault.Write && raced.Add(1) <= 3 {
			raced.Add(3) // the write that follows is not to be raced itself
			s.change(t, id, fmt.Sprintf(`{"department":"%d"}`, raced.Load()))
			raced.Add(-3)
		}
		return fault.Pass()
	})
	p := patch(t, `{"city":"Milano"}`)
	_, err := s.Update(s.ctx, s.scope(t), contact.ByID(id), ledger.Operation{Answer: answerID, Apply: func(c contact.Contact) (contact.Contact, error) {
		applied.Add(1)
		return p.Apply(c)
	}})
	if err != nil {
		t.Fatal(err)
	}
	faults.Arm(nil)
	c := s.find(t, id)
	if c.City != "Milano" || c.Department == "" || applied.Load() < 2 || c.Version != int64(applied.Load())+1 {
		t.Errorf("after %d attempts: %+v", applied.Load(), c)
	}
	s.drain(t)
	s.mustBeClean(t)
}

// What an operation notes of its moment is what the contact is told to be of.
func TestAnOperationHasOneMoment(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	id := s.create(t, `{"city":"Roma"}`)
	_, err := s.Update(s.ctx, s.scope(t), contact.ByID(id), ledger.Operation{Answer: answerID, Apply: func(c contact.Contact) (contact.Contact, error) {
		s.clock.advance(time.Second) // however long it takes
		return contact.Blocked(c, contact.Block{By: "u"})
	}})
	if c := s.find(t, id); err != nil || c.Block.At != c.UpdatedAt {
		t.Errorf("blocked at %s, updated at %s, %v", c.Block.At, c.UpdatedAt, err)
	}
}

func TestUpdateGivesUpAtTheDeadline(t *testing.T) {
	t.Parallel()
	s, faults := newFaulty(t)
	id := s.create(t, `{"city":"Roma"}`)
	ctx, cancel := context.WithTimeout(s.ctx, 50*time.Millisecond)
	defer cancel()
	scope := s.scope(t)
	var own atomic.Bool
	n := 0
	faults.Arm(func(c fault.Call) fault.Fault {
		if c.Kind == fault.Write && own.CompareAndSwap(false, true) {
			n++
			s.change(t, id, fmt.Sprintf(`{"department":"%d"}`, n))
			own.Store(false)
		}
		return fault.Pass()
	})
	_, err := s.Update(ctx, scope, contact.ByID(id), ledger.Operation{Apply: patch(t, `{"city":"Milano"}`).Apply, Answer: answerID})
	faults.Arm(nil)
	if !problem.Is(err, problem.Unavailable) {
		t.Fatal(err)
	}
	if c := s.find(t, id); c.City != "Roma" {
		t.Errorf("%+v", c)
	}
}

// A storage that fails is told as such, and a retry finds out what was done.
func TestAFailedCallIsUnavailable(t *testing.T) {
	t.Parallel()
	s, faults := newFaulty(t)
	id := s.create(t, `{"city":"Roma"}`)
	for _, f := range []fault.Fault{fault.FailBefore(), fault.FailAfter(), fault.Throttle(), fault.Conflict(-1, nil)} {
		for call := 1; call <= 2; call++ {
			scope := s.scope(t)
			p := patch(t, fmt.Sprintf(`{"city":"%s %d"}`, f, call))
			op := ledger.Operation{Apply: p.Apply, Answer: answerID}
			faults.Arm(fault.At(call, f))
			_, err := s.Update(s.ctx, scope, contact.ByID(id), op)
			faults.Arm(nil)
			if e := problem.Of(err); e.Kind != problem.Unavailable || e.RetryAfter == 0 {
				t.Errorf("%s at call %d: %v", f, call, err)
			}
			if _, err := s.Update(s.ctx, s.scope(t), contact.ByID(id), op); err != nil {
				t.Errorf("retry: %v", err)
			}
			if c := s.find(t, id); c.City != fmt.Sprintf("%s %d", f, call) {
				t.Errorf("%s at call %d: %+v", f, call, c)
			}
		}
	}
	s.drain(t)
	s.mustBeClean(t)
}

// The head of an identity is empty, and is there for an hour after a write that
// relied on it.
func TestHeadsLastAnHour(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.policy(t, workspace.Reject)
	s.create(t, `{"email":"maria@example.it"}`)
	head := table.In(s.ws, "identity", "email", "maria@example.it").Row("-")
	row, err := s.main.GetOne(s.ctx, head)
	if err != nil || !row.Exists() || len(row.Doc) != 0 || row.Out != "" {
		t.Fatalf("%+v, %v", row, err)
	}
	s.clock.advance(59 * time.Minute)
	if row, _ = s.main.GetOne(s.ctx, head); !row.Exists() {
		t.Error("gone too early")
	}
	s.clock.advance(2 * time.Minute)
	if row, _ = s.main.GetOne(s.ctx, head); row.Exists() {
		t.Error("still there")
	}
	_, err = s.Create(s.ctx, s.scope(t), ledger.Operation{Apply: patch(t, `{"email":"maria@example.it"}`).Apply, Answer: answerID})
	if !problem.HasCode(err, "duplicate_identity") {
		t.Errorf("without a head: %v", err)
	}
}

// A contact may get and lose more hints at a time than fit into a transaction:
// what is too much is marked and removed later, and never found meanwhile.
func TestHintsThatDoNotFitIntoATransaction(t *testing.T) {
	t.Parallel()
	s := newSystem(t) // nobody reindexes for now
	s.policy(t, workspace.Reject)
	id := s.create(t, everything(0))
	for from := 11; from <= 44; from += 11 {
		s.change(t, id, everything(from))
		for _, old := range []int{from - 11, from - 1} {
			if _, err := s.Find(s.ctx, s.scope(t), contact.Ref{Identity: contact.EmailIdentity(emailOf(old))}); !problem.Is(err, problem.NotFound) {
				t.Errorf("found by what it no longer has: %v", err)
			}
		}
		if _, err := s.Find(s.ctx, s.scope(t), contact.Ref{Identity: contact.EmailIdentity(emailOf(from + 10))}); err != nil {
			t.Error(err)
		}
	}
	s.change(t, id, everything(0)) // takes marked hints back
	if r := s.mustVerify(t); !r.Clean() {
		t.Fatalf("%+v", r)
	}
	back := s.create(t, `{"city":"Roma"}`)
	s.delete(t, id)
	if r := s.mustVerify(t); !r.Clean() {
		t.Fatalf("%+v", r)
	}
	s.change(t, back, `{"email":"`+emailOf(5)+`"}`) // is free again
	s.drain(t)
	s.mustBeClean(t)
	for _, row := range s.all(t, s.main) {
		if row.Key.SK() == id {
			t.Errorf("left behind: %s", row.Key)
		}
	}
}

// A patch that changes nothing writes nothing.
func TestAChangeOfNothingWritesNothing(t *testing.T) {
	t.Parallel()
	s, faults := newFaulty(t)
	id := s.create(t, `{"city":"Roma","followers":["u1"]}`)
	faults.Arm(func(c fault.Call) fault.Fault {
		if c.Kind != fault.Read {
			t.Errorf("call %s", c)
		}
		return fault.Pass()
	})
	s.change(t, id, `{"city":"Roma","followers":["u1","u1"],"state":null}`)
	if c := s.find(t, id); c.Version != 1 {
		t.Errorf("version %d", c.Version)
	}
}

// What is deleted is gone at once, with its key; the log keeps that it was.
func TestDeleteErases(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	id := s.create(t, `{"firstName":"Maria","email":"maria@example.it"}`)
	s.change(t, id, `{"city":"Roma"}`)
	s.delete(t, id)
	if _, err := s.Find(s.ctx, s.scope(t), contact.ByID(id)); !problem.Is(err, problem.Gone) {
		t.Errorf("by id: %v", err)
	}
	if _, err := s.Find(s.ctx, s.scope(t), contact.Ref{Identity: contact.EmailIdentity("maria@example.it")}); !problem.Is(err, problem.NotFound) {
		t.Errorf("by address: %v", err)
	}
	s.drain(t)
	for _, row := range append(s.all(t, s.main), s.all(t, s.audit)...) {
		for _, value := range []string{"Maria", "maria@example.it", "Roma"} {
			if doc := string(row.Doc); row.Key.SK() == id || containsText(row.Key.String(), value) || containsText(doc, value) {
				t.Errorf("left behind: %s %s", row.Key, doc)
			}
		}
	}
	page, err := s.History(s.ctx, s.scope(t), contact.ByID(id), nil, 10)
	if err != nil || len(page.Entries) != 3 || len(page.Keys) > 0 || page.Entries[0].Action != audit.ContactDeleted {
		t.Errorf("%+v, %v", page, err)
	}
	s.mustBeClean(t)
}
