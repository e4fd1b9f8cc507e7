package ledger_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"rubrica/shared/contact"
	"rubrica/shared/field"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/table/fault"
	"rubrica/shared/workspace"
)

// atOnce calls do n times at the same moment and returns how often each code was
// answered, "" where it succeeded.
func atOnce(t *testing.T, n int, do func(i int) error) map[string]int {
	t.Helper()
	var mu sync.Mutex
	codes := map[string]int{}
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			code := ""
			if err := do(i); err != nil {
				code = problem.Of(err).Code
			}
			mu.Lock()
			defer mu.Unlock()
			codes[code]++
		})
	}
	all.Wait()
	return codes
}

func TestRacingUpdatesOfDifferentMembersAllStay(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	id := s.create(t, `{}`)
	members := []string{"firstName", "lastName", "source", "type", "businessName", "city", "state", "postalCode", "department", "description"}
	codes := atOnce(t, len(members), func(i int) error {
		_, err := s.Update(s.ctx, s.scope(t), contact.ByID(id),
			ledger.Operation{Apply: patch(t, fmt.Sprintf(`{%q:"set"}`, members[i])).Apply, Answer: answerID})
		return err
	})
	c := s.find(t, id)
	if codes[""] != len(members) || c.Version != int64(len(members))+1 {
		t.Errorf("%v, version %d", codes, c.Version)
	}
	if changes := contact.Compare(&contact.Contact{}, c, &contact.Terms{Fields: &field.Set{}}); len(changes) != len(members) {
		t.Errorf("%d members stayed: %+v", len(changes), changes)
	}
}

// raceOnce has rival done at the moment of the next write, once.
func raceOnce(faults *fault.Driver, rival func()) {
	var raced atomic.Bool
	faults.Arm(func(c fault.Call) fault.Fault {
		if c.Kind == fault.Write && raced.CompareAndSwap(false, true) {
			rival()
		}
		return fault.Pass()
	})
}

// spellings are bodies that give a contact one and the same identity.
var spellings = []struct {
	name   string
	policy workspace.Duplicates
	bodies [2]string
}{
	{"Phone", workspace.Reject, [2]string{`{"phone":"+5215512345678"}`, `{"otherPhones":["+525512345678"]}`}},
	{"Email", workspace.Reject, [2]string{`{"email":"Maria@Example.it"}`, `{"otherEmails":["maria@example.it"]}`}},
	{"ExternalID", workspace.Allow, [2]string{`{"externalIds":{"sap":"K-17"}}`, `{"externalIds":{"sap":"K-17","crm":"9"}}`}},
}

// Under the policy reject one of many wins an address or number, however it is
// spelled; an external id is one contact's under any policy.
func TestOneOfManyRacingCreatesWinsAnIdentity(t *testing.T) {
	t.Parallel()
	for _, tc := range spellings {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newSystem(t)
			s.policy(t, tc.policy)
			codes := atOnce(t, 30, func(i int) error {
				_, err := s.Create(s.ctx, s.scope(t), ledger.Operation{Apply: patch(t, tc.bodies[i%2]).Apply, Answer: answerID})
				return err
			})
			if codes[""] != 1 || codes["duplicate_identity"] != 29 {
				t.Error(codes)
			}
		})
	}
}

// Whoever looked before the rival had written is refused all the same: on
// creation, and when a contact gets the identity later.
func TestAnIdentityTakenBetweenLookingAndWriting(t *testing.T) {
	t.Parallel()
	for _, tc := range spellings {
		for _, operation := range []string{"Create", "Update"} {
			t.Run(tc.name+"/"+operation, func(t *testing.T) {
				t.Parallel()
				s, faults := newFaulty(t)
				s.policy(t, tc.policy)
				other := s.create(t, `{"city":"Roma"}`)
				op := ledger.Operation{Apply: patch(t, tc.bodies[1]).Apply, Answer: answerID}
				winner := ""
				raceOnce(faults, func() { winner = s.create(t, tc.bodies[0]) })
				var err error
				if operation == "Create" {
					_, err = s.Create(s.ctx, s.scope(t), op)
				} else {
					_, err = s.Update(s.ctx, s.scope(t), contact.ByID(other), op)
				}
				if e := problem.Of(err); e.Code != "duplicate_identity" || e.Extra["contactId"] != winner {
					t.Errorf("%v, want the contact %s named", err, winner)
				}
			})
		}
	}
}

func TestAnUpsertMeetsItsRival(t *testing.T) {
	t.Parallel()
	for _, policy := range []workspace.Duplicates{workspace.Allow, workspace.Reject} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			s, faults := newFaulty(t)
			s.policy(t, policy)
			rival := ""
			raceOnce(faults, func() { rival = s.upsert(t, "phone:+5215512345678", `{"firstName":"Maria"}`) })
			id := s.upsert(t, "phone:+525512345678", `{"city":"Roma"}`)
			if c := s.find(t, id); id != rival || c.FirstName != "Maria" || c.City != "Roma" || c.Version != 2 {
				t.Errorf("%s and %s: %+v", rival, id, c)
			}
		})
	}
}

// A rival that is seen under one of the identities and was not yet under the one
// that the upsert names is still the contact to change, not somebody else.
func TestAnUpsertThatSeesHalfOfItsRival(t *testing.T) {
	t.Parallel()
	s, faults := newFaulty(t)
	s.policy(t, workspace.Reject)
	rival := ""
	faults.Arm(func(c fault.Call) fault.Fault {
		if len(c.Ranges) < 2 || rival != "" {
			return fault.Pass()
		}
		return fault.Torn(func(int) {
			if rival == "" {
				rival = "being made"
				rival = s.upsert(t, "email:maria@example.it", `{"phone":"+390612345678"}`)
			}
		})
	})
	id := s.upsert(t, "phone:+390612345678", `{"email":"maria@example.it","city":"Roma"}`)
	if c := s.find(t, id); rival == "" || id != rival || c.City != "Roma" || c.Version != 2 {
		t.Errorf("%s and %s: %+v", rival, id, c)
	}
}

// upsert changes or creates the contact of a reference and returns its id.
func (s *system) upsert(t tester, reference, doc string) string {
	t.Helper()
	ref, err := contact.ParseRef(reference)
	if err != nil {
		t.Fatal(err)
	}
	p := patch(t, doc)
	a, err := s.Upsert(s.ctx, s.scope(t), ref, p.Identities(), func(created bool) ledger.Operation {
		return ledger.Operation{Answer: answerID, Apply: func(c contact.Contact) (contact.Contact, error) {
			if created {
				c = contact.WithIdentity(c, ref)
			}
			return p.Apply(c)
		}}
	})
	if err != nil {
		t.Fatal(err)
	}
	return a.Location
}

func TestRacingUpsertsMakeOneContact(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	ids := make([]string, 30)
	atOnce(t, len(ids), func(i int) error {
		ids[i] = s.upsert(t, []string{"phone:+5215512345678", "phone:+525512345678"}[i%2], `{}`)
		return nil
	})
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("contacts %s and %s", ids[0], id)
		}
	}
	s.drain(t)
	if r := s.mustBeClean(t); r.Contacts != 1 {
		t.Errorf("%d contacts", r.Contacts)
	}
}

// A change of a contact that is deleted meanwhile is refused and revives nothing.
func TestAnUpdateOfAContactThatIsBeingDeleted(t *testing.T) {
	t.Parallel()
	s, faults := newFaulty(t)
	id := s.create(t, `{"email":"maria@example.it"}`)
	raceOnce(faults, func() { s.delete(t, id) })
	_, err := s.Update(s.ctx, s.scope(t), contact.ByID(id), ledger.Operation{Apply: patch(t, `{"city":"Roma"}`).Apply, Answer: answerID})
	if !problem.Is(err, problem.Gone) {
		t.Error(err)
	}
	s.drain(t)
	s.mustBeClean(t)
}
