package e2e

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
)

// race sends n requests at the same moment and returns their answers.
func race(t *testing.T, n int, send func(i int) (*Answer, error)) []*Answer {
	t.Helper()
	answers := make([]*Answer, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			a, err := send(i)
			if err != nil {
				t.Error(err)
				return
			}
			a.t = t
			answers[i] = a
		})
	}
	close(start)
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return answers
}

// patient sends a request again that storage had no time for, as clients do: one
// that may be done twice.
func patient(send func(i int) (*Answer, error)) func(i int) (*Answer, error) {
	return func(i int) (*Answer, error) {
		for {
			if a, err := send(i); err != nil || a.Status != http.StatusServiceUnavailable {
				return a, err
			}
		}
	}
}

// tally counts answers by status.
func tally(answers []*Answer) map[int]int {
	n := map[int]int{}
	for _, a := range answers {
		n[a.Status]++
	}
	return n
}

func TestRaces(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	spellings := []string{"+551187654321", "+5511987654321"}

	// settled ends the test unless the workspace holds exactly these contacts, its
	// log is complete, and all that is stored is as it must be.
	settled := func(t *testing.T, w *Workspace, ids ...string) {
		t.Helper()
		w.Complete(t, w.Versions(t, ids...))
		w.Verified(t)
	}

	t.Run("OneOfAHundredCreatesOfOneNumberWins", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		owner.Patch(t, "/v1/workspace", Object{"duplicates": "reject"}).Is(200)
		answers := race(t, 100, func(i int) (*Answer, error) {
			return owner.Try(t.Context(), "POST", "/v1/contacts", Object{"phone": spellings[i%2], "firstName": fmt.Sprint(i)})
		})
		if n := tally(answers); n[201] != 1 || n[409] != 99 {
			t.Fatalf("answers by status: %v; want one 201 and 409 else", n)
		}
		list := owner.All(t, "/v1/contacts")
		if len(list) != 1 {
			t.Fatalf("%d contacts, want 1", len(list))
		}
		for _, a := range answers {
			if a.Status == 409 && a.Refused(409, "duplicate_identity")["contactId"] != list[0].ID() {
				t.Errorf("%v\nwant contactId %s", a, list[0].ID())
			}
		}
		settled(t, w, list[0].ID())
	})

	for _, policy := range []string{"allow", "reject"} {
		t.Run("AHundredUpsertsMakeOneContact/"+policy, func(t *testing.T) {
			t.Parallel()
			w := service.Workspace(t)
			owner := w.As(t, "owner")
			owner.Patch(t, "/v1/workspace", Object{"duplicates": policy}).Is(200)
			answers := race(t, 100, func(i int) (*Answer, error) {
				body := Object{"city": fmt.Sprint(i % 3), "email": "one@example.com"}
				if i%5 == 0 { // by another of the identities that all of them give it
					return owner.Try(t.Context(), "PUT", "/v1/contacts/email:ONE@example.com", Object{"phone": spellings[i%2]})
				}
				return owner.Try(t.Context(), "PUT", "/v1/contacts/phone:"+spellings[i%2], body)
			})
			if n := tally(answers); n[201] != 1 || n[200] != 99 {
				t.Fatalf("answers by status: %v; want one 201 and 200 else", n)
			}
			id := answers[0].JSON().ID()
			for _, a := range answers {
				if a.JSON().ID() != id {
					t.Errorf("%v\nwant %s", a, id)
				}
			}
			if list := owner.All(t, "/v1/contacts"); len(list) != 1 {
				t.Errorf("%d contacts, want 1", len(list))
			}
			settled(t, w, id)
		})
	}

	t.Run("AHundredUpsertsByAnExternalIDMakeOneContact", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		answers := race(t, 100, func(i int) (*Answer, error) {
			if i%2 == 0 {
				return owner.Try(t.Context(), "POST", "/v1/contacts", Object{"externalIds": Object{"sap": "K-1"}})
			}
			return owner.Try(t.Context(), "PUT", "/v1/contacts/ext:sap:K-1", Object{"externalIds": Object{"crm": "K-2"}})
		})
		n := tally(answers)
		if n[201] != 1 || n[201]+n[200]+n[409] != 100 {
			t.Fatalf("answers by status: %v; want one 201, 200 and 409 else", n)
		}
		list := owner.All(t, "/v1/contacts")
		if len(list) != 1 {
			t.Fatalf("%d contacts, want 1", len(list))
		}
		settled(t, w, list[0].ID())
	})

	t.Run("TwentyPatchesOfDifferentMembersAllStay", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		id := owner.Create(t, Object{}).ID()
		members := Object{
			"firstName": "a", "lastName": "b", "email": "c@example.com", "phone": "+393514117320", "otherEmails": []any{"d@example.com"},
			"otherPhones": []any{"+390612345678"}, "dateOfBirth": "1990-04-01", "source": "e", "type": "f", "businessName": "g", "streetAddress": "h",
			"city": "i", "state": "l", "postalCode": "m", "country": "FR", "website": "https://n.example", "timezone": "Europe/Rome", "language": "it",
			"owner": "user_7", "vip": true,
		}
		var names []string
		for name := range members {
			names = append(names, name)
		}
		for _, a := range race(t, len(names), patient(func(i int) (*Answer, error) {
			return owner.Try(t.Context(), "PATCH", "/v1/contacts/"+id, Object{names[i]: members[names[i]]})
		})) {
			a.Is(200)
		}
		a := owner.Get(t, "/v1/contacts/"+id)
		a.Has(members)
		a.Has(Object{"version": 21})
		settled(t, w, id)
	})

	t.Run("ManyFollowersAndAddressesAllStay", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		id := owner.Create(t, Object{}).ID()
		for _, a := range race(t, 40, patient(func(i int) (*Answer, error) {
			if i < 20 {
				return owner.Try(t.Context(), "PUT", fmt.Sprintf("/v1/contacts/%s/followers/user_%d", id, i), nil)
			}
			return owner.Try(t.Context(), "PUT", fmt.Sprintf("/v1/contacts/%s/identities/email:a%d@example.com", id, i/2), nil) // each twice
		})) {
			a.Is(200)
		}
		got := owner.Contact(t, id)
		if len(got["followers"].([]any)) != 20 || len(got["otherEmails"].([]any)) != 10 || got.Version() != 31 {
			t.Errorf("the contact is %v", got)
		}
		settled(t, w, id)
	})

	t.Run("OneOfManyWithTheSameIfMatchWins", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		id := owner.Create(t, Object{}).ID()
		answers := race(t, 50, func(i int) (*Answer, error) {
			return owner.Try(t.Context(), "PATCH", "/v1/contacts/"+id, Object{"city": fmt.Sprint(i)}, "If-Match", `"1"`)
		})
		if n := tally(answers); n[200] != 1 || n[412] != 49 {
			t.Errorf("answers by status: %v; want one 200 and 412 else", n)
		}
		settled(t, w, id)
	})

	t.Run("ADeletionLosesNothingAndNothingReturns", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		var ids []string
		for range 10 {
			id := owner.Create(t, Object{"email": "race@example.com", "externalIds": Object{"sap": fmt.Sprint(len(ids))}}).ID()
			ids = append(ids, id)
			answers := race(t, 20, func(i int) (*Answer, error) {
				if i%5 == 4 {
					return owner.Try(t.Context(), "DELETE", "/v1/contacts/"+id, nil)
				}
				return owner.Try(t.Context(), "PATCH", "/v1/contacts/"+id, Object{"city": fmt.Sprint(i), "phone": number(i)})
			})
			n := tally(answers)
			if n[204] != 1 || n[204]+n[200]+n[410] != 20 {
				t.Errorf("answers by status: %v; want one 204, 200 and 410 else", n)
			}
			owner.Get(t, "/v1/contacts/"+id).Refused(410, "")
			if v := w.Versions(t, id)[id]; v != n[200]+2 {
				t.Errorf("%d patches were answered, the deletion is version %d", n[200], v)
			}
		}
		owner.Get(t, "/v1/contacts/email:race@example.com").Refused(404, "")
		if list := owner.All(t, "/v1/contacts"); len(list) != 0 {
			t.Errorf("%d contacts are left", len(list))
		}
		settled(t, w, ids...)
	})
}
