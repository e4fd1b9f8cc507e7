package e2e

import (
	"fmt"
	"slices"
	"testing"
)

// TestMergeRefusesBodies names every member that is wrong, and changes nothing.
func TestMergeRefusesBodies(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	a, b := owner.Create(t, Object{}).ID(), owner.Create(t, Object{}).ID()
	ten := list(10, func(i int) any { return fmt.Sprintf("01JD3QZZZZZZZZZZZZZZZZZZ%02d", i) })
	for _, c := range []struct {
		body any
		want []string
	}{
		{Object{}, []string{"survivor required", "contacts required"}},
		{Object{"survivor": "", "contacts": nil}, []string{"survivor required", "contacts required"}},
		{Object{"survivor": a, "contacts": []any{}}, []string{"contacts required"}},
		{Object{"survivor": a, "contacts": b}, []string{"contacts wrong_type"}},
		{Object{"survivor": a, "contacts": []any{b, 7}}, []string{"contacts[1] wrong_type"}},
		{Object{"survivor": 7, "contacts": []any{b}}, []string{"survivor wrong_type"}},
		{Object{"survivor": a, "contacts": []any{b, a}}, []string{"contacts[1] survivor"}},
		{Object{"survivor": a, "contacts": []any{b, b, a}}, []string{"contacts[1] repeated", "contacts[2] survivor"}},
		{Object{"survivor": a, "contacts": ten}, []string{"contacts too_many"}},
		{Object{"survivor": a, "contacts": []any{b}, "dryRun": true}, []string{"dryRun unknown_member"}},
		{Object{"survivor": a, "contacts": []any{b}, "choose": "x"}, []string{"choose wrong_type"}},
		{
			Object{"survivor": a, "contacts": []any{b}, "choose": Object{"email": b, "tags": b, "Email": b, "phone": "x", "city": 7, "fields.none": a, "name": a}},
			[]string{"choose.tags unknown_member", "choose.Email unknown_member", "choose.phone invalid_choice", "choose.city wrong_type", "choose.name unknown_member", "choose.fields.none unknown_field"},
		},
		{Object{"survivor": a, "contacts": []any{b}, "choose": Object{"fields.none": a}}, []string{"choose.fields.none unknown_field"}},
	} {
		owner.Post(t, "/v1/merges", c.body).Invalid(c.want...)
		owner.Post(t, "/v1/merges?dryRun=true", c.body).Invalid(c.want...)
	}
	owner.Post(t, "/v1/merges?dryRun=1", Object{"survivor": a, "contacts": []any{b}}).Invalid("dryRun invalid_choice")
	owner.Post(t, "/v1/merges?dryrun=true", Object{"survivor": a, "contacts": []any{b}}).Invalid("dryrun unknown_parameter")
	for _, id := range []string{a, b} {
		owner.Get(t, "/v1/contacts/"+id).Is(200).Has(Object{"id": id, "version": 1})
	}
}

// TestMergeRefusesContacts: who cannot be merged, and in which order that is told.
func TestMergeRefusesContacts(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	w := service.Workspace(t)
	owner := w.As(t, "owner")
	foreign := service.Workspace(t).As(t, "owner").Create(t, Object{}).ID()
	made := func(body Object) string { return owner.Create(t, body).ID() }
	a, b := made(Object{"owner": "agent_1"}), made(Object{"owner": "user_9"})
	absorbed, root := made(Object{}), made(Object{})
	merge(t, owner, root, absorbed)
	blocked, deleted := made(Object{}), made(Object{})
	owner.Post(t, "/v1/contacts/"+blocked+"/block", nil).Is(200)
	owner.Delete(t, "/v1/contacts/"+deleted).Is(204)
	ask := func(c *Client, headers []string, survivor string, others ...string) *Answer {
		t.Helper()
		return c.Post(t, "/v1/merges", Object{"survivor": survivor, "contacts": others}, headers...)
	}
	const nobody = "01JD3QZZZZZZZZZZZZZZZZZZZ0"
	for _, id := range []string{nobody, foreign, "nobody", "email:a@example.com"} {
		ask(owner, nil, a, id).Refused(404, "")
		ask(owner, nil, id, a).Refused(404, "")
		ask(owner, nil, a, blocked, id).Refused(404, "")
	}
	ask(owner, nil, a, deleted).Refused(410, "")
	ask(owner, nil, deleted, a).Refused(410, "")
	for _, refused := range []*Answer{ask(owner, nil, a, absorbed), ask(owner, nil, absorbed, a), ask(owner, nil, root, absorbed), ask(owner, nil, a, b, absorbed)} {
		if p := refused.Refused(409, "already_merged"); p["contactId"] != root {
			t.Errorf("%v does not name %s", p, root)
		}
	}
	for _, refused := range []*Answer{ask(owner, nil, a, blocked), ask(owner, nil, blocked, a)} {
		refused.Refused(409, "blocked_contact")
	}
	stale := []string{"If-Match", `"7"`}
	ask(owner, stale, a, b).Refused(412, "")
	ask(owner, stale, a, blocked).Refused(412, "")
	ask(owner, stale, a, nobody).Refused(404, "")
	ask(owner, []string{"If-Match", "7"}, a, b).Refused(400, "")
	agent := w.As(t, "agent", Sub("agent_1"), Restricted("only-assigned"))
	ask(agent, nil, a, b).Refused(404, "")
	ask(agent, nil, b, a).Refused(404, "")
	owner.Put(t, "/v1/contacts/"+b+"/followers/agent_1", nil).Is(200)
	merged := ask(agent, []string{"If-Match", `"1"`}, a, b).Is(201).HasHeader("ETag", `"2"`).JSON().ID()

	// Who sees the survivor sees the merge.
	manager := w.As(t, "manager", Sub("agent_1"), Restricted("only-assigned"))
	stranger := w.As(t, "manager", Sub("agent_2"), Restricted("only-assigned"))
	manager.Get(t, "/v1/merges/"+merged).Is(200)
	stranger.Get(t, "/v1/merges/"+merged).Refused(404, "")
	if all := manager.All(t, "/v1/merges"); len(all) != 1 || all[0].ID() != merged {
		t.Errorf("merges that are seen: %v", all)
	}
	if all := stranger.All(t, "/v1/merges"); len(all) != 0 {
		t.Errorf("merges of others: %v", all)
	}
	stranger.Post(t, "/v1/merges/"+merged+"/undo", nil).Refused(404, "")
	service.Workspace(t).As(t, "owner").Get(t, "/v1/merges/"+merged).Refused(404, "")
	w.Verified(t)
}

// TestMergeRefusesTooMany: what one contact cannot have is not made by merging.
func TestMergeRefusesTooMany(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, dialer := w.As(t, "owner"), w.As(t, "agent", Integration("dialer"))
	tagged := func(word string, n int) string {
		id := owner.Create(t, Object{}).ID()
		for some := range slices.Chunk(list(n, func(i int) any { return fmt.Sprint(word, i) }), 20) {
			owner.Post(t, "/v1/contacts/"+id+"/tags", Object{"tags": some}).Is(200)
		}
		return id
	}
	leased := func(word string, n int) string {
		id := owner.Create(t, Object{}).ID()
		for i := range n {
			dialer.Put(t, fmt.Sprintf("/v1/contacts/%s/locks/%s%d", id, word, i), Object{"expiresAt": "2999-01-01T00:00:00Z"}).Is(200)
		}
		return id
	}
	made := func(body Object) string { return owner.Create(t, body).ID() }
	for field, pair := range map[string][]string{
		"followers":   {made(Object{"followers": users(20)}), made(Object{"followers": []any{"one_more"}})},
		"otherEmails": {made(Object{"otherEmails": addresses(10)}), made(Object{"email": "x@example.com", "otherEmails": []any{"y@example.com"}})},
		"otherPhones": {made(Object{"phone": number(99), "otherPhones": numbers(10)}), made(Object{"phone": number(50)})},
		"externalIds": {made(Object{"externalIds": systems(10)}), made(Object{"externalIds": Object{"another": "K"}})},
		"tags":        {tagged("a", 100), tagged("b", 1)},
		"locks":       {leased("a", 20), leased("b", 1)},
	} {
		for range 2 {
			p := owner.Post(t, "/v1/merges", Object{"survivor": pair[0], "contacts": pair[1:]}).Refused(409, "too_many_merged")
			if p["field"] != field {
				t.Errorf("too many %s: %v", field, p)
			}
			slices.Reverse(pair)
		}
	}
	// As many as there may be.
	merge(t, owner, made(Object{"followers": users(20)}), made(Object{"followers": users(5)}), made(Object{"externalIds": Object{"more": "K"}}))
	// Leases of the same campaigns are one each to whoever asks, but the row has all.
	same := leased("same", 20)
	merge(t, owner, same, leased("same", 20), leased("same", 20))
	if p := owner.Post(t, "/v1/merges", Object{"survivor": same, "contacts": []string{leased("same", 1)}}).Refused(409, "too_many_merged"); p["field"] != "locks" {
		t.Error(p)
	}
	survivor := made(Object{})
	for range 3 {
		merge(t, owner, survivor, list9(func() string { return made(Object{}) })...)
	}
	merge(t, owner, survivor, made(Object{}), made(Object{}), made(Object{}))
	p := owner.Post(t, "/v1/merges", Object{"survivor": survivor, "contacts": []any{made(Object{})}}).Refused(409, "too_many_merged")
	if p["field"] != "mergedIds" {
		t.Errorf("the 31st: %v", p)
	}
	w.Verified(t)
}

func list9(element func() string) []string {
	all := make([]string, 9)
	for i := range all {
		all[i] = element()
	}
	return all
}

// TestMergeOfManagedFields: a merge may fill one, and only its manager choose.
func TestMergeOfManagedFields(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, crm := w.As(t, "owner"), w.As(t, "agent", Integration("crm"))
	owner.Patch(t, "/v1/fields/department", Object{"managedBy": "crm"}).Is(200)
	made := func(department any) string { return crm.Create(t, Object{"department": department}).ID() }
	blank, one, two := made(nil), made("Acquisti"), made("Vendite")
	ask := func(c *Client, survivor, other string) *Answer {
		t.Helper()
		return c.Post(t, "/v1/merges", Object{"survivor": survivor, "contacts": []any{other}, "choose": Object{"department": other}})
	}
	if p := ask(owner, one, two).Refused(409, "field_managed"); p["field"] != "department" || p["managedBy"] != "crm" {
		t.Errorf("refused: %v", p)
	}
	ask(owner, one, blank).Refused(409, "field_managed")
	id, got := merge(t, owner, blank, one)
	if survivor := got["survivor"].(map[string]any); survivor["department"] != "Acquisti" {
		t.Errorf("not filled: %v", survivor)
	}
	undone := owner.Post(t, "/v1/merges/"+id+"/undo", nil).Is(200).JSON()
	if survivor := undone["survivor"].(map[string]any); survivor["department"] != nil {
		t.Errorf("not emptied: %v", survivor)
	}
	ask(crm, one, two).Is(201)
	owner.Get(t, "/v1/contacts/"+two).Is(200).Has(Object{"id": one, "department": "Vendite"})
	w.Verified(t)
}
