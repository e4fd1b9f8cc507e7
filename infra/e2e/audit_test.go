package e2e

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// changes are an entry's changes by member: from and to.
func changes(t *testing.T, entry Object) map[string][2]any {
	t.Helper()
	all := map[string][2]any{}
	list, ok := entry["changes"].([]any)
	if !ok {
		t.Errorf("an entry without changes: %v", entry)
	}
	for _, c := range list {
		m := c.(map[string]any)
		field := m["field"].(string)
		if _, twice := all[field]; twice {
			t.Errorf("%s stands twice in %v", field, entry)
		}
		for _, side := range []string{"from", "to"} {
			if v, there := m[side]; there && (v == nil || v == "") {
				t.Errorf("%s of %s is %v, want it absent: %v", side, field, v, entry)
			}
		}
		all[field] = [2]any{m["from"], m["to"]}
	}
	return all
}

func TestAuditOfAContact(t *testing.T) {
	t.Parallel()
	service := Serve(t)

	t.Run("TellsEveryChange", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		user := w.As(t, "owner", Sub("user_7"))
		robot := w.As(t, "agent", Integration("crm"))
		issued := user.Post(t, "/v1/tokens", Object{"name": "t", "role": "agent"}).Is(201).JSON()
		id := user.Create(t, Object{
			"firstName": "Maria", "email": "maria@example.it", "phone": "+393514117320", "otherEmails": []any{"m@example.it"}, "followers": []any{"user_9"},
			"status": "inactive", "vip": true, "city": "Roma", "externalIds": Object{"sap": "A-1"},
		}).ID()
		path := "/v1/contacts/" + id
		robot.Patch(t, path, Object{"city": "Milano", "firstName": nil, "state": "MI"}).Is(200)
		user.With(issued.Text("token")).Patch(t, path, Object{"owner": "user_9", "vip": false}).Is(200)
		user.Put(t, path+"/followers/user_8", nil).Is(200)
		user.Put(t, path+"/identities/email:new@example.it", nil).Is(200)
		user.Patch(t, path, Object{"status": "active", "externalIds": Object{"sap": nil, "crm": "A-2"}}).Is(200)
		user.Patch(t, path, Object{"status": "active"}).Is(200) // nothing
		user.Patch(t, path, Object{"country": "IT"}).Is(200)    // pinned: nothing that shows
		user.Patch(t, path, Object{"owner": nil, "city": "Bari"}).Is(200)

		entries := user.All(t, path+"/audit?limit=3")
		type entry struct {
			version int
			action  string
			actor   map[string]any
			changes map[string][2]any
		}
		user7 := map[string]any{"type": "user", "id": "user_7"}
		emails := []any{"m@example.it"}
		want := []entry{
			{7, "contact.assigned", user7, map[string][2]any{"owner": {"user_9", nil}, "city": {"Milano", "Bari"}}},
			{6, "contact.updated", user7, map[string][2]any{"status": {"inactive", "active"}, "externalIds": {map[string]any{"sap": "A-1"}, map[string]any{"crm": "A-2"}}}},
			{5, "contact.updated", user7, map[string][2]any{"otherEmails": {emails, []any{"m@example.it", "new@example.it"}}}},
			{4, "contact.updated", user7, map[string][2]any{"followers": {[]any{"user_9"}, []any{"user_9", "user_8"}}}},
			{3, "contact.assigned", map[string]any{"type": "user", "id": "token_" + issued.ID()}, map[string][2]any{"owner": {nil, "user_9"}, "vip": {true, false}}},
			{2, "contact.updated", map[string]any{"type": "integration", "id": "crm"}, map[string][2]any{"city": {"Roma", "Milano"}, "firstName": {"Maria", nil}, "state": {nil, "MI"}}},
			{1, "contact.created", user7, map[string][2]any{
				"firstName": {nil, "Maria"}, "email": {nil, "maria@example.it"}, "phone": {nil, "+393514117320"}, "otherEmails": {nil, emails},
				"followers": {nil, []any{"user_9"}}, "status": {nil, "inactive"}, "vip": {nil, true}, "city": {nil, "Roma"}, "externalIds": {nil, map[string]any{"sap": "A-1"}},
				"country": {nil, "IT"},
			}},
		}
		var got []entry
		requests := map[string]bool{}
		for _, e := range entries {
			actor, _ := e["actor"].(map[string]any)
			got = append(got, entry{e.Version(), e.Text("action"), actor, changes(t, e)})
			if e.Text("contactId") != id || e.ID() == "" || !isInstant(e.Text("at")) || e.Text("requestId") == "" || requests[e.Text("requestId")] {
				t.Errorf("the entry is %v; want contactId, id, at and a requestId of its own", e)
			}
			requests[e.Text("requestId")] = true
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(entry{})); diff != "" {
			t.Errorf("entries differ (-want +got):\n%s", diff)
		}
		if at := user.Contact(t, id)["updatedAt"]; entries[0]["at"] != at {
			t.Errorf("the last entry is of %v, the contact of %v", entries[0]["at"], at)
		}
		w.Complete(t, map[string]int{id: 7})
		log := map[string]Object{}
		for _, e := range w.Log(t) {
			log[e.ID()] = e
		}
		for _, e := range entries {
			if diff := cmp.Diff(e, log[e.ID()]); diff != "" {
				t.Errorf("the workspace's log tells it otherwise (-contact +workspace):\n%s", diff)
			}
		}
	})

	t.Run("TellsNothingReadableOfTheDeleted", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		id := owner.Create(t, Object{"firstName": "Secret", "email": "secret@example.com", "description": "Secret"}).ID()
		path := "/v1/contacts/" + id
		owner.Patch(t, path, Object{"firstName": "Secret2", "city": "Secret"}).Is(200)
		w.As(t, "manager", Sub("user_5")).Delete(t, path).Is(204)
		check := func(entries []Object, from string) {
			t.Helper()
			var told []string
			for _, e := range entries {
				if e.Text("contactId") != id {
					continue
				}
				told = append(told, fmt.Sprint(e.Version(), e["action"], e["actor"]))
				members := 0
				for _, c := range e["changes"].([]any) {
					m := c.(map[string]any)
					members++
					if diff := cmp.Diff(map[string]any{"field": m["field"], "erased": true}, m); diff != "" {
						t.Errorf("%s: a change differs (-want +got):\n%s", from, diff)
					}
				}
				if members < 2 {
					t.Errorf("%s: the members are gone: %v", from, e)
				}
				if e["requestId"] == nil || e["at"] == nil {
					t.Errorf("%s: %v", from, e)
				}
			}
			want := []string{
				"3contact.deletedmap[id:user_5 type:user]", "2contact.updatedmap[id:user_1 type:user]", "1contact.createdmap[id:user_1 type:user]",
			}
			if diff := cmp.Diff(want, told); diff != "" {
				t.Errorf("%s: differs (-want +got):\n%s", from, diff)
			}
		}
		check(owner.All(t, path+"/audit"), "at once")
		check(owner.All(t, path+"/audit?limit=1"), "in pages of one")
		check(owner.All(t, "/v1/contacts/id:"+id+"/audit"), "by id:")
		w.Complete(t, map[string]int{id: 3})
		check(w.Log(t), "the workspace's log")
		check(owner.All(t, path+"/audit"), "once purged")
		owner.Get(t, "/v1/contacts/email:secret@example.com/audit").Refused(404, "")
	})

	t.Run("IsStableWhileThereIsMore", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		path := "/v1/contacts/" + owner.Create(t, Object{}).ID()
		for i := range 12 {
			owner.Patch(t, path, Object{"city": fmt.Sprint(i)}).Is(200)
		}
		next, want := "", 13
		for {
			at := path + "/audit?limit=2"
			if next != "" {
				at += "&cursor=" + next
			}
			page := owner.Page(t, at)
			for _, e := range page.Items {
				if e.Version() != want {
					t.Fatalf("version %d follows, want %d", e.Version(), want)
				}
				want--
			}
			owner.Patch(t, path, Object{"city": fmt.Sprint("new", want)}).Is(200)
			if next = page.Next; next == "" {
				break
			}
		}
		if want != 0 {
			t.Errorf("the last entry is of version %d, want 1", want+1)
		}
	})

	t.Run("IsOfAContactThatThereIs", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		owner.Get(t, "/v1/contacts/01JD3QZZZZZZZZZZZZZZZZZZZ0/audit").Refused(404, "")
		id := owner.Create(t, Object{"email": "by@example.com"}).ID()
		if got := owner.All(t, "/v1/contacts/email:BY@example.com/audit"); len(got) != 1 || got[0].Text("contactId") != id {
			t.Errorf("by its address: %v", got)
		}
	})
}
