package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// same ends the test unless an answer is another one, byte for byte.
func same(t *testing.T, first, replay *Answer) {
	t.Helper()
	replay.Is(first.Status).HasHeader("Idempotency-Replayed", "true")
	if string(first.Body) != string(replay.Body) {
		t.Errorf("%s: replayed\n%s, want\n%s", first.asked, replay.Body, first.Body)
	}
	for _, name := range []string{"ETag", "Location", "Content-Location", "Content-Type"} {
		if diff := cmp.Diff(first.Header[name], replay.Header[name]); diff != "" {
			t.Errorf("%s: %s differs (-first +replay):\n%s", first.asked, name, diff)
		}
	}
}

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	clock := &Clock{}
	service := Serve(t, clock.Set)
	w := service.Workspace(t)
	owner := w.As(t, "owner")

	t.Run("ReplayTheFirstAnswerOfEveryWrite", func(t *testing.T) {
		t.Parallel()
		id := owner.Create(t, Object{"externalIds": Object{"a": "1", "b": "2", "c": "3", "d": "4"}}).ID()
		contact := "/v1/contacts/" + id
		for i, r := range []struct {
			method, path string
			body         any
			status       int
		}{
			{"POST", "/v1/contacts", Object{"firstName": "once"}, 201},
			{"PUT", "/v1/contacts/email:once@example.com", Object{"city": "Roma"}, 201},
			{"PUT", "/v1/contacts/email:once@example.com", Object{"city": "Bari"}, 200},
			{"PATCH", contact, Object{"city": "Roma"}, 200},
			{"PATCH", contact, Object{"city": "Roma"}, 200}, // changes nothing
			{"PUT", contact + "/followers/user_9", nil, 200},
			{"DELETE", contact + "/followers/user_9", nil, 200},
			{"PUT", contact + "/identities/email:other@example.com", nil, 200},
			{"DELETE", contact + "/identities/email:other@example.com", nil, 200},
			{"PATCH", "/v1/workspace", Object{"timezone": "Europe/Rome"}, 200},
			{"PATCH", "/v1/workspace", Object{"timezone": "Europe/Rome"}, 200},
		} {
			key := fmt.Sprintf("replay-%d", i)
			first := owner.Do(t, r.method, r.path, r.body, "Idempotency-Key", key).Is(r.status).HasHeader("Idempotency-Replayed", "")
			owner.Patch(t, contact, Object{"department": key}).Is(200) // what happens meanwhile does not count
			same(t, first, owner.Do(t, r.method, r.path, r.body, "Idempotency-Key", key))
			same(t, first, owner.Do(t, r.method, r.path, r.body, "Idempotency-Key", key))
		}
		names := 0
		for _, c := range owner.All(t, "/v1/contacts?limit=100") {
			if c["firstName"] == "once" {
				names++
			}
		}
		if names != 1 {
			t.Errorf("%d contacts were created with one key", names)
		}
	})

	t.Run("KeepWhatChangedNothing", func(t *testing.T) {
		t.Parallel()
		path := "/v1/contacts/" + owner.Create(t, Object{"city": "Roma"}).ID()
		first := owner.Patch(t, path, Object{"city": "Roma"}, "Idempotency-Key", "no-op").Is(200)
		owner.Patch(t, path, Object{"city": "Bari"}).Is(200)
		same(t, first, owner.Patch(t, path, Object{"city": "Roma"}, "Idempotency-Key", "no-op"))
		owner.Get(t, path).Is(200).Has(Object{"city": "Bari", "version": 2})
	})

	t.Run("BelongToOneRequest", func(t *testing.T) {
		t.Parallel()
		id := owner.Create(t, Object{}).ID()
		owner.Post(t, "/v1/contacts", Object{"firstName": "a"}, "Idempotency-Key", "mine").Is(201)
		for _, r := range []struct {
			method, path string
			body         any
		}{
			{"POST", "/v1/contacts", Object{"firstName": "b"}},
			{"POST", "/v1/contacts", ` {"firstName":"a"}`},
			{"PUT", "/v1/contacts/email:a@example.com", Object{"firstName": "a"}},
			{"PATCH", "/v1/contacts/" + id, Object{"firstName": "a"}},
			{"DELETE", "/v1/contacts/" + id, nil},
			{"PUT", "/v1/contacts/" + id + "/followers/user_1", nil},
			{"POST", "/v1/tokens", Object{"name": "a", "role": "agent"}},
			{"PATCH", "/v1/workspace", Object{"timezone": "UTC"}},
		} {
			owner.Do(t, r.method, r.path, r.body, "Idempotency-Key", "mine").Refused(422, "")
		}
		owner.Contact(t, id)
		// On reads there are none.
		owner.Get(t, "/v1/contacts/"+id, "Idempotency-Key", "mine").Is(200).HasHeader("Idempotency-Replayed", "")
		owner.Get(t, "/v1/contacts/"+id, "Idempotency-Key", "not visible").Is(200)
	})

	t.Run("AreFreeAfterAnError", func(t *testing.T) {
		t.Parallel()
		path := "/v1/contacts/email:free@example.com"
		owner.Patch(t, path, Object{"city": "Roma"}, "Idempotency-Key", "free").Refused(404, "")
		owner.Post(t, "/v1/contacts", Object{"country": "x"}, "Idempotency-Key", "free").Refused(400, "")
		owner.Post(t, "/v1/contacts", `{`, "Idempotency-Key", "free").Refused(400, "")
		owner.Put(t, path, Object{}, "Idempotency-Key", "free", "If-Match", "*").Refused(412, "")
		first := owner.Post(t, "/v1/contacts", Object{"email": "free@example.com"}, "Idempotency-Key", "free").Is(201)
		same(t, first, owner.Post(t, "/v1/contacts", Object{"email": "free@example.com"}, "Idempotency-Key", "free"))
		owner.Post(t, "/v1/contacts", Object{"email": 1}, "Idempotency-Key", "free").Is(422)
	})

	t.Run("HaveASyntax", func(t *testing.T) {
		t.Parallel()
		for _, good := range []string{"a", strings.Repeat("k", 255), `!"#$%&'()*+,-./:;<=>?@[\]^_{|}~`} {
			owner.Post(t, "/v1/contacts", Object{}, "Idempotency-Key", good).Is(201)
		}
		for _, bad := range []string{"", "a b", strings.Repeat("k", 256), "ключ", "a\tb"} {
			owner.Post(t, "/v1/contacts", Object{}, "Idempotency-Key", bad).InvalidField("Idempotency-Key")
			owner.Post(t, "/v1/contacts", `{`, "Idempotency-Key", bad).InvalidField("Idempotency-Key")
		}
	})

	t.Run("AreEachCallersOwn", func(t *testing.T) {
		t.Parallel()
		token := owner.Post(t, "/v1/tokens", Object{"name": "t", "role": "owner"}).Is(201).JSON().Text("token")
		callers := []*Client{
			owner, w.As(t, "owner", Sub("user_2")), w.As(t, "agent", Integration("crm")), owner.With(token), service.Workspace(t).As(t, "owner"),
		}
		ids := map[string]bool{}
		for _, c := range callers {
			a := c.Post(t, "/v1/contacts", Object{"firstName": "own"}, "Idempotency-Key", "shared").Is(201)
			ids[a.JSON().ID()] = true
			same(t, a, c.Post(t, "/v1/contacts", Object{"firstName": "own"}, "Idempotency-Key", "shared"))
		}
		if len(ids) != len(callers) {
			t.Errorf("%d contacts for %d callers", len(ids), len(callers))
		}
		// One user's other token is the same caller.
		same(t, owner.Post(t, "/v1/contacts", Object{}, "Idempotency-Key", "roles").Is(201),
			w.As(t, "agent").Post(t, "/v1/contacts", Object{}, "Idempotency-Key", "roles"))
	})

	t.Run("AreGoneWithTheContact", func(t *testing.T) {
		t.Parallel()
		body := Object{"firstName": "erased", "email": "erased@example.com"}
		first := owner.Post(t, "/v1/contacts", body, "Idempotency-Key", "erased-1").Is(201)
		path := "/v1/contacts/" + first.JSON().ID()
		owner.Patch(t, path, Object{"city": "Roma"}, "Idempotency-Key", "erased-2").Is(200)
		note := path + "/notes/" + owner.Post(t, path+"/notes", Object{"text": "x"}).Is(201).JSON().ID()
		same(t, owner.Delete(t, note, "Idempotency-Key", "erased-note").Is(204), owner.Delete(t, note, "Idempotency-Key", "erased-note"))
		owner.Delete(t, path, "Idempotency-Key", "erased-3").Is(204)
		owner.Delete(t, note, "Idempotency-Key", "erased-note").Refused(410, "")
		owner.Post(t, "/v1/contacts", body, "Idempotency-Key", "erased-1").Refused(410, "")
		owner.Patch(t, path, Object{"city": "Roma"}, "Idempotency-Key", "erased-2").Refused(410, "")
		for range 2 {
			replay := owner.Delete(t, path, "Idempotency-Key", "erased-3").Is(204).HasHeader("Idempotency-Replayed", "true")
			if len(replay.Body) != 0 {
				t.Errorf("%v\nwant no body", replay)
			}
		}
		owner.Delete(t, path, "Idempotency-Key", "erased-4").Refused(410, "")
		owner.Post(t, "/v1/contacts", Object{}, "Idempotency-Key", "erased-1").Refused(422, "")
	})

	t.Run("DoNotShowATokenTwice", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		body := Object{"name": "t", "role": "agent"}
		token := owner.Post(t, "/v1/tokens", body, "Idempotency-Key", "token").Is(201).JSON()
		owner.Post(t, "/v1/tokens", body, "Idempotency-Key", "token").Refused(409, "shown_once")
		owner.Post(t, "/v1/tokens", Object{"name": "u", "role": "agent"}, "Idempotency-Key", "token").Refused(422, "")
		if n := len(owner.All(t, "/v1/tokens")); n != 1 {
			t.Errorf("%d tokens, want 1", n)
		}
		path := "/v1/tokens/" + token.ID()
		owner.Delete(t, path, "Idempotency-Key", "revoke").Is(204)
		owner.Delete(t, path, "Idempotency-Key", "revoke").Is(204).HasHeader("Idempotency-Replayed", "true")
	})
}

func TestIdempotencyKeysLast24Hours(t *testing.T) {
	t.Parallel()
	clock := &Clock{}
	w := Serve(t, clock.Set).Workspace(t)
	first := w.As(t, "owner").Post(t, "/v1/contacts", Object{}, "Idempotency-Key", "day").Is(201)
	clock.Advance(24*time.Hour - time.Minute)
	same(t, first, w.As(t, "owner").Post(t, "/v1/contacts", Object{}, "Idempotency-Key", "day"))
	clock.Advance(2 * time.Minute)
	second := w.As(t, "owner").Post(t, "/v1/contacts", Object{}, "Idempotency-Key", "day").Is(201).HasHeader("Idempotency-Replayed", "")
	if second.JSON().ID() == first.JSON().ID() {
		t.Errorf("the answer was kept for more than a day")
	}
}

func TestIdempotencyKeysUnderRaces(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	contact := owner.Create(t, Object{}).ID()
	const callers = 100
	for _, r := range []struct {
		name, method, path string
		body               any
		status             int
	}{
		{"create", "POST", "/v1/contacts", Object{"firstName": "raced"}, 201},
		{"upsert", "PUT", "/v1/contacts/ext:race:1", Object{"firstName": "upserted"}, 201},
		{"patch", "PATCH", "/v1/contacts/" + contact, Object{"city": "Roma"}, 200},
		{"delete", "DELETE", "/v1/contacts/" + contact, nil, 204},
	} {
		answers := make([]*Answer, callers)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() {
				a, err := owner.Try(t.Context(), r.method, r.path, r.body, "Idempotency-Key", r.name)
				if err != nil {
					t.Error(err)
					return
				}
				answers[i] = a
			})
		}
		wg.Wait()
		if t.Failed() {
			return
		}
		first := 0
		for _, a := range answers {
			switch {
			case a.Status == 409 && strings.Contains(string(a.Body), "in_flight"):
			case a.Status != r.status || string(a.Body) != string(answers[0].Body):
				t.Errorf("%s: %v\nwant %d with\n%s", r.name, a, r.status, answers[0].Body)
			case a.Header.Get("Idempotency-Replayed") == "":
				first++
			}
		}
		if first != 1 {
			t.Errorf("%s: %d answers of %d were not replayed, want 1", r.name, first, callers)
		}
	}
	names := []string{}
	for _, c := range owner.All(t, "/v1/contacts?limit=100") {
		names = append(names, c.Text("firstName"))
	}
	slices.Sort(names)
	if diff := cmp.Diff([]string{"raced", "upserted"}, names); diff != "" {
		t.Errorf("contacts differ (-want +got):\n%s", diff)
	}
}
