package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// suggestion is a suggestion without its id, as texts that can be compared.
type suggestion struct {
	Contacts []string
	Total    int
	Matches  []string
}

func suggestionOf(o Object) suggestion {
	s := suggestion{Total: int(o["total"].(float64))}
	for _, id := range o["contacts"].([]any) {
		s.Contacts = append(s.Contacts, id.(string))
	}
	for _, m := range o["matches"].([]any) {
		match := m.(map[string]any)
		text := fmt.Sprint(match["kind"], ":")
		for _, v := range match["values"].([]any) {
			value := v.(map[string]any)
			text += fmt.Sprintf(" %d.%s=%s", slices.Index(s.Contacts, value["contactId"].(string)), value["field"], value["value"])
		}
		s.Matches = append(s.Matches, text)
	}
	return s
}

// suggested are the suggestions of a list, sorted, with the id of each.
func suggested(t testing.TB, c *Client, path string) (all []suggestion, ids []string) {
	t.Helper()
	items := c.All(t, path)
	slices.SortFunc(items, func(a, b Object) int {
		return strings.Compare(fmt.Sprint(a["contacts"], a["matches"]), fmt.Sprint(b["contacts"], b["matches"]))
	})
	for _, o := range items {
		all, ids = append(all, suggestionOf(o)), append(ids, o.ID())
	}
	return all, ids
}

// suggests holds a contact's suggestions, now, and the workspace's, within seconds,
// to those that are wanted, and returns the ids of the latter.
func (w *Workspace) suggests(t testing.TB, c *Client, of map[string][]suggestion, want ...suggestion) (ids []string) {
	t.Helper()
	for id, want := range of {
		if got, _ := suggested(t, c, "/v1/contacts/"+id+"/merge-suggestions?limit=1"); cmp.Diff(want, got) != "" {
			t.Errorf("suggestions of %s (-want +got):\n%s", id, cmp.Diff(want, got))
		}
	}
	Eventually(t, func() error {
		var got []suggestion
		if got, ids = suggested(t, c, "/v1/merge-suggestions?limit=2"); cmp.Diff(want, got) != "" {
			return fmt.Errorf("suggestions of the workspace (-want +got):\n%s", cmp.Diff(want, got))
		}
		return nil
	})
	return ids
}

func TestSuggestions(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	type setting struct {
		w              *Workspace
		owner          *Client
		ann, bob, carl string
		phone, email   suggestion // ann and bob share a number, bob and carl an address
	}
	set := func(t *testing.T) *setting {
		s := &setting{w: service.Workspace(t)}
		s.owner = s.w.As(t, "owner")
		s.ann = s.owner.Create(t, Object{"firstName": "Ann", "phone": "+5511987654321", "owner": "anna"}).ID()
		s.bob = s.owner.Create(t, Object{
			"firstName": "Bob", "email": "bob@example.com", "phone": "+390612345670", "otherPhones": []any{"+390612345671", "+551187654321"}, "owner": "anna",
		}).ID()
		s.carl = s.owner.Create(t, Object{"firstName": "Carl", "otherEmails": []any{"BOB@Example.com"}}).ID()
		s.owner.Create(t, Object{"firstName": "Dora", "email": "dora@example.com", "phone": "+390612345672"})
		s.phone = suggestion{[]string{s.ann, s.bob}, 2, []string{"phone: 0.phone=+5511987654321 1.otherPhones[1]=+551187654321"}}
		s.email = suggestion{[]string{s.bob, s.carl}, 2, []string{"email: 0.email=bob@example.com 1.otherEmails[0]=BOB@Example.com"}}
		s.w.suggests(t, s.owner, map[string][]suggestion{s.ann: {s.phone}, s.bob: {s.phone, s.email}, s.carl: {s.email}}, s.phone, s.email)
		return s
	}
	none := []suggestion(nil)

	t.Run("FollowWhatContactsHold", func(t *testing.T) {
		t.Parallel()
		s := set(t)
		s.owner.Patch(t, "/v1/contacts/"+s.bob, Object{"otherPhones": nil}).Is(200)
		s.w.suggests(t, s.owner, map[string][]suggestion{s.ann: nil, s.bob: {s.email}}, s.email)
		s.owner.Delete(t, "/v1/contacts/"+s.carl).Is(204)
		s.w.suggests(t, s.owner, map[string][]suggestion{s.bob: none})
		s.owner.Patch(t, "/v1/contacts/"+s.ann, Object{"email": "bob@example.com", "otherPhones": []any{"+390612345670"}}).Is(200)
		both := suggestion{[]string{s.ann, s.bob}, 2, []string{"email: 0.email=bob@example.com 1.email=bob@example.com", "phone: 0.otherPhones[0]=+390612345670 1.phone=+390612345670"}}
		s.w.suggests(t, s.owner, map[string][]suggestion{s.ann: {both}, s.bob: {both}}, both)
		// A lost value, and then the contact itself, before anybody has looked.
		s.owner.Patch(t, "/v1/contacts/"+s.bob, Object{"phone": nil}).Is(200)
		s.owner.Delete(t, "/v1/contacts/"+s.bob).Is(204)
		s.w.suggests(t, s.owner, map[string][]suggestion{s.ann: none})
		s.w.Verified(t)
	})

	t.Run("LeaveBlockedOnesOut", func(t *testing.T) {
		t.Parallel()
		s := set(t)
		s.owner.Post(t, "/v1/contacts/"+s.bob+"/block", Object{"reason": "Spam"}).Is(200)
		s.w.suggests(t, s.owner, map[string][]suggestion{s.ann: none, s.bob: none, s.carl: none})
		s.w.Verified(t)
		s.owner.Post(t, "/v1/contacts/"+s.bob+"/unblock", nil).Is(200)
		s.w.suggests(t, s.owner, map[string][]suggestion{s.bob: {s.phone, s.email}}, s.phone, s.email)
	})

	t.Run("GoWithAMergeAndComeWithItsUndo", func(t *testing.T) {
		t.Parallel()
		s := set(t)
		id, _ := merge(t, s.owner, s.ann, s.bob)
		merged := suggestion{[]string{s.ann, s.carl}, 2, []string{"email: 0.email=bob@example.com 1.otherEmails[0]=BOB@Example.com"}}
		of := map[string][]suggestion{s.ann: {merged}, s.bob: {merged}, s.carl: {merged}}
		s.w.suggests(t, s.owner, of, merged)
		s.w.Verified(t)
		s.owner.Post(t, "/v1/merges/"+id+"/undo", nil).Is(200)
		s.w.suggests(t, s.owner, map[string][]suggestion{s.ann: {s.phone}, s.bob: {s.phone, s.email}}, s.phone, s.email)
		s.w.Verified(t)
	})

	t.Run("StayDismissedUntilSomethingNewMatches", func(t *testing.T) {
		t.Parallel()
		s := set(t)
		anna := s.w.As(t, "agent", Sub("anna"))
		ids := s.w.suggests(t, s.owner, nil, s.phone, s.email)
		dismiss := "/v1/merge-suggestions/" + ids[0]
		anna.Delete(t, dismiss, "If-Match", `"1"`).Refused(412, "")
		anna.Delete(t, dismiss, "Idempotency-Key", "d").Is(204)
		anna.Delete(t, dismiss, "Idempotency-Key", "d").Is(204).HasHeader("Idempotency-Replayed", "true")
		s.owner.Delete(t, dismiss).Refused(404, "")
		s.w.suggests(t, s.owner, map[string][]suggestion{s.ann: none, s.bob: {s.email}}, s.email)

		// Another contact with the value.
		eve := s.owner.Create(t, Object{"firstName": "Eve", "phone": "+5511987654321"}).ID()
		three := suggestion{[]string{s.ann, s.bob, eve}, 3, []string{s.phone.Matches[0] + " 2.phone=+5511987654321"}}
		ids = s.w.suggests(t, s.owner, map[string][]suggestion{eve: {three}}, three, s.email)
		s.owner.Delete(t, "/v1/merge-suggestions/"+ids[0]).Is(204)
		s.w.suggests(t, s.owner, map[string][]suggestion{eve: none}, s.email)
		// One who leaves is nothing new, nor is one who comes back.
		s.owner.Patch(t, "/v1/contacts/"+s.bob, Object{"otherPhones": nil}).Is(200)
		s.w.suggests(t, s.owner, map[string][]suggestion{eve: none}, s.email)
		s.owner.Patch(t, "/v1/contacts/"+s.bob, Object{"otherPhones": []any{"+551187654321"}}).Is(200)
		s.w.suggests(t, s.owner, map[string][]suggestion{eve: none}, s.email)
		// Another value of the same contacts.
		s.owner.Patch(t, "/v1/contacts/"+s.bob, Object{"otherPhones": nil}).Is(200)
		for _, id := range []string{s.ann, eve} {
			s.owner.Patch(t, "/v1/contacts/"+id, Object{"email": "both@example.com"}).Is(200)
		}
		pair := suggestion{[]string{s.ann, eve}, 2, []string{"email: 0.email=both@example.com 1.email=both@example.com", "phone: 0.phone=+5511987654321 1.phone=+5511987654321"}}
		s.w.suggests(t, s.owner, map[string][]suggestion{s.ann: {pair}}, pair, s.email)
		s.w.Verified(t)
		// Nobody is left who knew of it.
		for _, id := range []string{s.ann, s.bob, s.carl, eve} {
			s.owner.Delete(t, "/v1/contacts/"+id).Is(204)
		}
		s.w.suggests(t, s.owner, nil)
		s.w.Verified(t)
	})

	t.Run("ShowWhatTheCallerSees", func(t *testing.T) {
		t.Parallel()
		s := set(t)
		anna := s.w.As(t, "agent", Sub("anna"), Restricted("only-assigned"))
		s.w.suggests(t, anna, map[string][]suggestion{s.ann: {s.phone}, s.bob: {s.phone}}, s.phone)
		hidden := s.w.suggests(t, s.owner, nil, s.phone, s.email)[1]
		anna.Get(t, "/v1/contacts/"+s.carl+"/merge-suggestions").Refused(404, "")
		anna.Delete(t, "/v1/merge-suggestions/"+hidden).Refused(404, "")
		// Of three contacts she sees two, and they share another value: one suggestion.
		s.owner.Patch(t, "/v1/contacts/"+s.carl, Object{"phone": "+5511987654321"}).Is(200)
		s.owner.Patch(t, "/v1/contacts/"+s.ann, Object{"email": "ann@example.com"}).Is(200)
		s.owner.Put(t, "/v1/contacts/"+s.bob+"/identities/email:ann@example.com", nil).Is(200)
		seen := suggestion{s.phone.Contacts, 2, append([]string{"email: 0.email=ann@example.com 1.otherEmails[0]=ann@example.com"}, s.phone.Matches...)}
		ids := s.w.suggests(t, anna, map[string][]suggestion{s.bob: {seen}}, seen)
		anna.Delete(t, "/v1/merge-suggestions/"+ids[0]).Is(204)
		s.w.suggests(t, anna, map[string][]suggestion{s.bob: none})
		// What she has not seen she has not dismissed.
		three := suggestion{[]string{s.ann, s.bob, s.carl}, 3, []string{s.phone.Matches[0] + " 2.phone=+5511987654321"}}
		s.w.suggests(t, s.owner, map[string][]suggestion{s.ann: {three}}, three, s.email)

		other := service.Workspace(t).As(t, "owner")
		other.Delete(t, "/v1/merge-suggestions/"+hidden).Refused(404, "")
		if got := other.All(t, "/v1/merge-suggestions"); len(got) > 0 {
			t.Errorf("of another workspace: %v", got)
		}
		s.owner.Delete(t, "/v1/merge-suggestions/nobody").Refused(404, "")
		s.owner.Delete(t, "/v1/merge-suggestions/"+s.ann+strings.Repeat("-", 33)).Refused(404, "")
	})

	t.Run("OfTwoHundredContacts", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		const all = 200
		var wg sync.WaitGroup
		for worker := range 8 {
			wg.Go(func() {
				for n := worker; n < all; n += 8 {
					if a, err := owner.Try(t.Context(), "POST", "/v1/contacts", Object{"phone": "+390612345670", "email": fmt.Sprintf("n%d@example.com", n)}); err != nil || a.Status != 201 {
						t.Errorf("%v, %v", a, err)
					}
				}
			})
		}
		wg.Wait()
		first := owner.Page(t, "/v1/contacts?sort=createdAt&limit=10")
		list := owner.All(t, "/v1/contacts/"+first.Items[9].ID()+"/merge-suggestions")
		if len(list) != 1 {
			t.Fatalf("%d suggestions, want one: %v", len(list), list)
		}
		got := suggestionOf(list[0])
		want := suggestion{IDs(first.Items), all, []string{"phone:"}}
		for i := range 10 {
			want.Matches[0] += fmt.Sprintf(" %d.phone=+390612345670", i)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		owner.Delete(t, "/v1/merge-suggestions/"+list[0].ID()).Is(204)
		w.suggests(t, owner, map[string][]suggestion{first.Items[0].ID(): none})
		w.Verified(t)
	})
}
