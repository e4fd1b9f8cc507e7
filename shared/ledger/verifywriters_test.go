package ledger_test

import (
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
	"rubrica/shared/workspace"
)

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
	for range 8 {
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
	var writes atomic.Int64 // verify looks from several places at once
	faults.Arm(func(c fault.Call) fault.Fault {
		hints := slices.ContainsFunc(c.Keys, func(k table.Key) bool { return k.Partition().Parts()[0] == "identity" })
		if c.Kind == fault.Read && hints && writes.Load() < int64(most) && writing.CompareAndSwap(false, true) {
			s.change(t, id, fmt.Sprintf(`{"email":"%d@example.it"}`, writes.Add(1)))
			writing.Store(false)
		}
		return fault.Pass()
	})
	return func() int { return int(writes.Load()) }
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
	if r := s.mustVerify(t); !r.Clean() || r.Busy == 0 {
		t.Errorf("%+v", r)
	}
}
