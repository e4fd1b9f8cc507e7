package ledger_test

import (
	"strings"
	"testing"
	"time"

	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/table"
)

func containsText(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}

// keyed is a scope whose request has an idempotency key.
func (s *system) keyed(t tester, key, request string) *ledger.Scope {
	t.Helper()
	scope := s.scope(t)
	scope.Idempotency = ledger.NewIdempotency("user:1", key, []byte(request))
	return scope
}

// replay returns the answer kept for a key.
func (s *system) replay(t tester, key, request string) (ledger.Answer, bool, error) {
	t.Helper()
	return s.KeptAnswer(s.ctx, s.keyed(t, key, request))
}

func TestAnswersAreKeptForADay(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	if _, found, err := s.replay(t, "k", "r"); found || err != nil {
		t.Fatalf("before: %v, %v", found, err)
	}
	op := ledger.Operation{Apply: patch(t, `{"firstName":"Maria"}`).Apply, Answer: answerID}
	a, err := s.Create(s.ctx, s.keyed(t, "k", "r"), op)
	if err != nil {
		t.Fatal(err)
	}
	again, found, err := s.replay(t, "k", "r")
	if err != nil || !found || again.Location != a.Location || string(again.Body) != "Maria" || again.Status != a.Status {
		t.Errorf("%+v, %v, %v", again, found, err)
	}
	for _, row := range s.all(t, s.main) {
		if row.Key.Partition().Parts()[0] == "idempotency" && strings.Contains(string(row.Doc), "Maria") {
			t.Errorf("kept in clear: %s", row.Doc)
		}
	}
	if _, _, err := s.replay(t, "k", "another request"); !problem.Is(err, problem.IdempotencyMismatch) {
		t.Errorf("another request: %v", err)
	}
	if _, found, _ := s.replay(t, "another key", "r"); found {
		t.Error("found under another key")
	}
	s.clock.advance(24*time.Hour + time.Second)
	if _, found, _ := s.replay(t, "k", "r"); found {
		t.Error("kept for longer than a day")
	}
}

// Of many requests with one key one is done, and all are answered the same.
func TestRacingRequestsOfOneKeyAreOne(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	ids := make([]string, 20)
	codes := atOnce(t, len(ids), func(i int) error {
		a, err := s.Create(s.ctx, s.keyed(t, "k", "r"), ledger.Operation{Apply: patch(t, `{"firstName":"Maria"}`).Apply, Answer: answerID})
		ids[i] = a.Location
		return err
	})
	if codes[""] != len(ids) {
		t.Fatal(codes)
	}
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("answered with %s and %s", ids[0], id)
		}
	}
	if n := len(s.rows(t, s.main, "contacts")); n != 1 {
		t.Errorf("%d contacts", n)
	}
}

// An answer about a contact cannot be read once the contact is deleted.
func TestAKeptAnswerIsErasedWithItsContact(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	id := s.create(t, `{"firstName":"Maria"}`)
	op := ledger.Operation{Apply: patch(t, `{"city":"Roma"}`).Apply, Answer: answerID}
	if _, err := s.Update(s.ctx, s.keyed(t, "k", "r"), contact.ByID(id), op); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Delete(s.ctx, s.keyed(t, "d", "r"), contact.ByID(id), ledger.IfMatch{}); err != nil {
		t.Fatal(err)
	}
	if a, found, err := s.replay(t, "k", "r"); !found || !problem.Is(err, problem.Gone) {
		t.Errorf("%+v, %v, %v", a, found, err)
	}
	if a, found, err := s.replay(t, "d", "r"); !found || err != nil || a.Status != 204 {
		t.Errorf("the deletion itself: %+v, %v, %v", a, found, err)
	}
}

// An answer is kept for a change of nothing too: its retry must not do what the
// first call found done.
func TestTheAnswerOfNoChangeIsKept(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	id := s.create(t, `{"firstName":"Maria"}`)
	op := ledger.Operation{Apply: patch(t, `{"firstName":"Maria"}`).Apply, Answer: answerID}
	if _, err := s.Update(s.ctx, s.keyed(t, "k", "r"), contact.ByID(id), op); err != nil {
		t.Fatal(err)
	}
	s.change(t, id, `{"firstName":"Anna"}`)
	if a, found, err := s.replay(t, "k", "r"); !found || err != nil || string(a.Body) != "Maria" {
		t.Errorf("%+v, %v, %v", a, found, err)
	}
}

// A secret is shown once: it is not kept, and asking again says so.
func TestASecretIsNotKept(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	id := s.NewID()
	row := table.Row{Key: table.In(s.ws, "tokens").Row(id), Doc: encode(t, map[string]string{"id": id})}
	a, err := s.CreateToken(s.ctx, s.keyed(t, "k", "r"), ledger.Token{ID: id, Row: row}, ledger.Answer{Status: 201, Body: []byte("hush"), Once: true})
	if err != nil || string(a.Body) != "hush" {
		t.Fatalf("%+v, %v", a, err)
	}
	if a, found, err := s.replay(t, "k", "r"); !found || !problem.HasCode(err, "shown_once") || len(a.Body) != 0 {
		t.Errorf("%+v, %v, %v", a, found, err)
	}
}
