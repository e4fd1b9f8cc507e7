package ledger_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/table"
	"rubrica/shared/table/fault"
	"rubrica/shared/workspace"
)

// fullBody is the body of a contact that has all that one may have.
func fullBody() string {
	var emails, phones, systems, followers []string
	for i := range 20 {
		followers = append(followers, fmt.Sprintf(`"u_%d"`, i))
	}
	for i := range 10 {
		emails = append(emails, fmt.Sprintf(`"e%d@example.com"`, i))
		phones = append(phones, fmt.Sprintf(`"+3935141100%02d"`, i))
		systems = append(systems, fmt.Sprintf(`"s%d":"k"`, i))
	}
	return fmt.Sprintf(`{"email":"main@example.com","otherEmails":[%s],"otherPhones":[%s],"externalIds":{%s},"followers":[%s],"owner":"u","vip":true}`,
		strings.Join(emails, ","), strings.Join(phones, ","), strings.Join(systems, ","), strings.Join(followers, ","))
}

// What was staged for a contact that an upsert was to create is not forgotten when
// a rival creates one first: the upsert changes that one, and what removes stale
// hints still knows of the others.
func TestAnUpsertThatStagedMeetsItsRival(t *testing.T) {
	t.Parallel()
	s, faults := newFaulty(t)
	s.policy(t, workspace.Reject)
	rival := ""
	var writes atomic.Int32
	faults.Arm(func(c fault.Call) fault.Fault {
		staging := c.Kind == fault.Write && c.Actions[0].Verb == table.VerbPut && c.Actions[0].Row.Key.Partition().Parts()[0] == "former"
		if staging && writes.Add(1) == 1 {
			defer func() { rival = s.upsert(t, "email:main@example.com", `{"city":"Roma"}`) }()
		}
		return fault.Pass()
	})
	ref, err := contact.ParseRef("email:main@example.com")
	if err != nil {
		t.Fatal(err)
	}
	var tags []string
	for i := range 20 {
		tags = append(tags, fmt.Sprint("tag ", i))
	}
	p := patch(t, fullBody())
	a, err := s.Upsert(s.ctx, s.scope(t), ref, p.Identities(), func(bool) ledger.Operation {
		return ledger.Operation{Answer: answerID, Apply: p.Apply, Tag: tags}
	})
	if err != nil {
		t.Fatal(err)
	}
	if writes.Load() == 0 || a.Location != rival {
		t.Fatalf("staged %d times; %s and %s", writes.Load(), rival, a.Location)
	}
	s.clock.advance(time.Hour)
	s.drain(t)
	if r := s.mustBeClean(t); r.Contacts != 1 {
		t.Errorf("%d contacts", r.Contacts)
	}
}
