package e2e

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOnlyAssigned holds every route to the restriction only-assigned: contacts
// of others are as if they were not there.
func TestOnlyAssigned(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	const me = "user_2"

	// setting is a workspace with a contact that me owns, one that me follows, and one of somebody else's.
	type setting struct {
		w                       *Workspace
		owner, agent            *Client
		owned, followed, hidden string
	}
	set := func(t *testing.T) setting {
		w := service.Workspace(t)
		s := setting{w: w, owner: w.As(t, "owner"), agent: w.As(t, "owner", Sub(me), Restricted("only-assigned"))}
		s.owned = s.owner.Create(t, Object{"firstName": "owned", "owner": me, "email": "owned@example.com"}).ID()
		s.followed = s.owner.Create(t, Object{"firstName": "followed", "owner": "user_9", "followers": []any{me}, "vip": true}).ID()
		s.hidden = s.owner.Create(t, Object{
			"firstName": "hidden", "owner": "user_9", "email": "hidden@example.com", "phone": "+393514117320", "externalIds": Object{"sap": "H-1"}, "vip": true,
		}).ID()
		return s
	}
	// absent compares two answers that must not tell what is hidden from what is not there.
	absent := func(t *testing.T, hidden, nobody *Answer) {
		t.Helper()
		a, b := hidden.Refused(404, ""), nobody.Refused(404, "")
		delete(a, "instance")
		delete(b, "instance")
		if diff := cmp.Diff(b, a); diff != "" {
			t.Errorf("%s: a hidden contact is told from an absent one (-absent +hidden):\n%s", hidden.asked, diff)
		}
	}

	t.Run("HidesOthersOnEveryRoute", func(t *testing.T) {
		t.Parallel()
		s := set(t)
		refs := map[string]string{
			s.hidden: "01JD3QZZZZZZZZZZZZZZZZZZZ0", "email:hidden@example.com": "email:nobody@example.com",
			"phone:+393514117320": "phone:+393514117321", "ext:sap:H-1": "ext:sap:H-2",
		}
		for hidden, nobody := range refs {
			for _, r := range []struct {
				method, suffix string
				body           any
			}{
				{"GET", "", nil}, {"GET", "/audit", nil}, {"PATCH", "", Object{"city": "Roma"}}, {"DELETE", "", nil}, {"PUT", "/followers/" + me, nil},
				{"DELETE", "/followers/" + me, nil}, {"PUT", "/identities/email:a@example.com", nil}, {"DELETE", "/identities/email:a@example.com", nil},
			} {
				absent(t, s.agent.Do(t, r.method, "/v1/contacts/"+hidden+r.suffix, r.body),
					s.agent.Do(t, r.method, "/v1/contacts/"+nobody+r.suffix, r.body))
			}
		}
		if got := s.owner.Contact(t, s.hidden); got.Version() != 1 {
			t.Errorf("it was changed: %v", got)
		}
	})

	t.Run("ShowsOwnedAndFollowed", func(t *testing.T) {
		t.Parallel()
		s := set(t)
		for _, id := range []string{s.owned, s.followed} {
			path := "/v1/contacts/" + id
			s.agent.Get(t, path).Is(200)
			s.agent.Get(t, path+"/audit").Is(200)
			s.agent.Patch(t, path, Object{"city": "Roma"}).Is(200)
			s.agent.Put(t, path+"/followers/user_8", nil).Is(200)
		}
		s.agent.Get(t, "/v1/contacts/email:owned@example.com").Is(200)
		s.agent.Put(t, "/v1/contacts/email:owned@example.com", Object{"city": "Bari"}).Is(200).Has(Object{"id": s.owned})
		s.agent.Delete(t, "/v1/contacts/"+s.followed).Is(204)
		s.agent.Get(t, "/v1/contacts/"+s.followed).Refused(410, "")
	})

	t.Run("LeavesOthersOutOfLists", func(t *testing.T) {
		t.Parallel()
		s := set(t)
		for query, want := range map[string][]string{
			"": {s.owned, s.followed}, "?owner=me": {s.owned}, "?owner=user_9": {s.followed}, "?follower=me": {s.followed}, "?vip=true": {s.followed},
			"?vip=false": {s.owned}, "?owner=none": {}, "?email=hidden@example.com": {}, "?phone=%2B393514117320": {},
			"?email=owned@example.com": {s.owned}, "?status=active": {s.owned, s.followed},
		} {
			join := "?"
			if query != "" {
				join = "&"
			}
			for _, limit := range []int{1, 100} {
				got := IDs(s.agent.All(t, fmt.Sprintf("/v1/contacts%s%ssort=createdAt&limit=%d", query, join, limit)))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s: differs (-want +got):\n%s", query, diff)
				}
			}
		}
	})

	t.Run("LeavesOthersOutOfTheLog", func(t *testing.T) {
		t.Parallel()
		s := set(t)
		s.owner.Delete(t, "/v1/contacts/"+s.hidden).Is(204)
		s.w.Complete(t, map[string]int{s.owned: 1, s.followed: 1, s.hidden: 2})
		var contacts []string
		for _, e := range s.agent.All(t, "/v1/audit") {
			if id := e.Text("contactId"); id != "" {
				contacts = append(contacts, id)
			}
		}
		slices.Sort(contacts)
		if diff := cmp.Diff([]string{s.owned, s.followed}, contacts); diff != "" {
			t.Errorf("differs (-want +got):\n%s", diff)
		}
	})

	t.Run("DoesNotTellADeletedContact", func(t *testing.T) {
		t.Parallel()
		s := set(t)
		for _, id := range []string{s.hidden, s.owned} {
			s.owner.Delete(t, "/v1/contacts/"+id).Is(204)
		}
		absent(t, s.agent.Get(t, "/v1/contacts/"+s.hidden), s.agent.Get(t, "/v1/contacts/01JD3QZZZZZZZZZZZZZZZZZZZ0"))
		absent(t, s.agent.Get(t, "/v1/contacts/"+s.hidden+"/audit"), s.agent.Get(t, "/v1/contacts/01JD3QZZZZZZZZZZZZZZZZZZZ0/audit"))
		s.agent.Get(t, "/v1/contacts/"+s.owned).Refused(410, "")
		if log := s.agent.All(t, "/v1/contacts/"+s.owned+"/audit"); len(log) != 2 {
			t.Errorf("the log of a deleted contact of its own has %d entries, want 2", len(log))
		}
	})

	t.Run("CreatesForItself", func(t *testing.T) {
		t.Parallel()
		s := set(t)
		s.agent.Post(t, "/v1/contacts", Object{}).Is(201).Has(Object{"owner": me})
		s.agent.Post(t, "/v1/contacts", Object{"owner": ""}).Is(201).Has(Object{"owner": me})
		s.agent.Post(t, "/v1/contacts", Object{"owner": me}).Is(201).Has(Object{"owner": me})
		s.agent.Post(t, "/v1/contacts", Object{"owner": "user_9", "followers": []any{me}}).Is(201).Has(Object{"owner": "user_9"})
		s.agent.Put(t, "/v1/contacts/email:new@example.com", Object{}).Is(201).Has(Object{"owner": me})
		before := len(s.owner.All(t, "/v1/contacts"))
		s.agent.Post(t, "/v1/contacts", Object{"owner": "user_9"}).Refused(403, "")
		s.agent.Put(t, "/v1/contacts/email:newer@example.com", Object{"owner": "user_9"}).Refused(403, "")
		s.agent.Post(t, "/v1/contacts", Object{"owner": "user_9", "country": "x"}).Invalid("country invalid_country")
		if after := len(s.owner.All(t, "/v1/contacts")); after != before {
			t.Errorf("%d contacts, before %d", after, before)
		}
	})

	t.Run("DoesNotUpsertOntoOthers", func(t *testing.T) {
		t.Parallel()
		s := set(t)
		for _, ref := range []string{"email:hidden@example.com", "phone:+393514117320", "ext:sap:H-1"} {
			a := s.agent.Put(t, "/v1/contacts/"+ref, Object{"city": "Roma"})
			if _, told := a.Refused(409, "duplicate_identity")["contactId"]; told {
				t.Errorf("%v\nwhich names a hidden contact", a)
			}
		}
		for _, body := range []Object{{"externalIds": Object{"sap": "H-1"}}, {"firstName": "x", "externalIds": Object{"sap": "H-1"}}} {
			if _, told := s.agent.Post(t, "/v1/contacts", body).Refused(409, "duplicate_identity")["contactId"]; told {
				t.Error("a create names a hidden contact")
			}
		}
		if _, told := s.agent.Patch(t, "/v1/contacts/"+s.owned, Object{"externalIds": Object{"sap": "H-1"}}).Refused(409, "duplicate_identity")["contactId"]; told {
			t.Error("a patch names a hidden contact")
		}
		s.owner.Patch(t, "/v1/workspace", Object{"duplicates": "reject"}).Is(200)
		if _, told := s.agent.Post(t, "/v1/contacts", Object{"email": "hidden@example.com"}).Refused(409, "duplicate_identity")["contactId"]; told {
			t.Error("a create under reject names a hidden contact")
		}
		p := s.agent.Post(t, "/v1/contacts", Object{"email": "owned@example.com"}).Refused(409, "duplicate_identity")
		if p["contactId"] != s.owned {
			t.Errorf("a create under reject does not name the contact that the caller sees: %v", p)
		}
		if got := s.owner.Contact(t, s.hidden); got.Version() != 1 {
			t.Errorf("it was changed: %v", got)
		}
	})

	t.Run("SeesItsOwnOfSeveral", func(t *testing.T) {
		t.Parallel()
		s := set(t)
		mine := s.owner.Create(t, Object{"email": "hidden@example.com", "owner": me}).ID()
		s.agent.Get(t, "/v1/contacts/email:hidden@example.com").Is(200).Has(Object{"id": mine})
		s.agent.Put(t, "/v1/contacts/email:hidden@example.com", Object{"city": "Roma"}).Is(200).Has(Object{"id": mine})
		second := s.owner.Create(t, Object{"email": "hidden@example.com", "followers": []any{me}}).ID()
		p := s.agent.Get(t, "/v1/contacts/email:hidden@example.com").Refused(409, "ambiguous_identity")
		if diff := cmp.Diff([]any{mine, second}, p["contacts"]); diff != "" {
			t.Errorf("contacts differ (-want +got):\n%s", diff)
		}
		s.owner.Get(t, "/v1/contacts/email:hidden@example.com").Refused(409, "ambiguous_identity")
	})

	t.Run("LosesWhatItGivesAway", func(t *testing.T) {
		t.Parallel()
		s := set(t)
		path := "/v1/contacts/" + s.owned
		first := s.agent.Patch(t, path, Object{"owner": "user_9"}, "Idempotency-Key", "away").Is(200)
		s.agent.Get(t, path).Refused(404, "")
		s.agent.Patch(t, path, Object{"owner": me}).Refused(404, "")
		same(t, first, s.agent.Patch(t, path, Object{"owner": "user_9"}, "Idempotency-Key", "away"))
		s.agent.Delete(t, "/v1/contacts/"+s.followed+"/followers/"+me).Is(200)
		s.agent.Get(t, "/v1/contacts/"+s.followed).Refused(404, "")
	})
}

// TestCountsOfWhoSeesOnlyTheirOwn: tags and companies say how many contacts carry
// them of those that the caller sees.
func TestCountsOfWhoSeesOnlyTheirOwn(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, anna := w.As(t, "owner"), w.As(t, "manager", Sub("anna"), Restricted("only-assigned"))
	rossi := owner.Post(t, "/v1/companies", Object{"name": "Rossi"}).Is(201).JSON().ID()
	owner.Create(t, Object{"tags": []any{"a", "b"}, "companyId": rossi})
	owner.Create(t, Object{"tags": []any{"a"}, "companyId": rossi, "owner": "anna"})
	owner.Create(t, Object{"tags": []any{"a"}, "followers": []any{"anna"}, "owner": "bert"})
	for _, c := range []struct {
		who     *Client
		a, b, n int
	}{{owner, 3, 1, 2}, {anna, 2, 0, 1}} {
		if a, b := carry(t, c.who, "a"), carry(t, c.who, "b"); a != c.a || b != c.b {
			t.Errorf("a and b are carried by %d and %d, want %d and %d", a, b, c.a, c.b)
		}
		c.who.Get(t, "/v1/companies/"+rossi).Has(Object{"contacts": c.n})
		c.who.Patch(t, "/v1/tags/a", Object{"color": "#000000"}).Is(200).Has(Object{"contacts": c.a})
	}
}
