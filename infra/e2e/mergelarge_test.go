package e2e

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMergeOfTenLargest: ten contacts with as much as contacts can have become one,
// and ten again, in one transaction each.
func TestMergeOfTenLargest(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	names := make([]any, 100)
	for i := range names {
		names[i] = fmt.Sprintf("tag %02d", i)
	}
	company := owner.Post(t, "/v1/companies", Object{"name": "Rossi srl"}).Is(201).JSON().ID()
	var ids []string
	before := map[string]Object{}
	for i := range 10 {
		emails, phones := addresses(11), numbers(11)
		id := owner.Create(t, Object{
			"email": emails[0], "otherEmails": emails[1:], "phone": phones[0], "otherPhones": phones[1:], "followers": users(20), "vip": true, "owner": "user_1",
			"companyId": company, "externalIds": Object{fmt.Sprintf("system%d", i): fmt.Sprintf("K-%d", i)},
		}).ID()
		for some := range slices.Chunk(names, 20) {
			owner.Post(t, "/v1/contacts/"+id+"/tags", Object{"tags": some}).Is(200)
		}
		ids = append(ids, id)
		before[id] = owner.Get(t, "/v1/contacts/"+id).Is(200).JSON()
	}
	merged, got := merge(t, owner, ids[0], ids[1:]...)
	survivor := Object(got["survivor"].(map[string]any))
	if n := len(survivor["tags"].([]any)); n != 100 {
		t.Errorf("%d tags", n)
	}
	if n := len(survivor["externalIds"].(map[string]any)); n != 10 {
		t.Errorf("%d external ids", n)
	}
	for i, id := range ids {
		owner.Get(t, "/v1/contacts/"+id).Is(200).Has(Object{"id": ids[0]})
		owner.Get(t, fmt.Sprintf("/v1/contacts/ext:system%d:K-%d", i, i)).Is(200).Has(Object{"id": ids[0]})
	}
	owner.Get(t, "/v1/contacts/phone:"+number(3)).Is(200).Has(Object{"id": ids[0]}) // which was ambiguous
	w.Verified(t)
	if tagged := owner.All(t, "/v1/contacts?tag=tag+42"); len(tagged) != 1 || tagged[0].ID() != ids[0] {
		t.Errorf("tagged: %v", IDs(tagged))
	}

	undone := owner.Post(t, "/v1/merges/"+merged+"/undo", nil).Is(200).JSON()
	after := map[string]Object{}
	for _, c := range append(undone["restored"].([]any), undone["survivor"]) {
		o := Object(c.(map[string]any))
		after[o.ID()] = o
	}
	for id, was := range before {
		is := maps.Clone(after[id])
		for _, member := range []string{"version", "updatedAt"} {
			is[member] = was[member]
		}
		if diff := cmp.Diff(was, is); diff != "" {
			t.Errorf("after the undo: %s", diff)
		}
	}
	w.Verified(t)
	if tagged := owner.All(t, "/v1/contacts?tag=tag+42"); len(tagged) != 10 {
		t.Errorf("tagged: %v", IDs(tagged))
	}
}

// TestMergeOfDifferentLargest: the identities of who is absorbed are more than a
// transaction can move, and each finds the survivor, and its own contact after the
// undo.
func TestMergeOfDifferentLargest(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	var ids []string
	for i := range 10 {
		external := Object{}
		for j := range 10 {
			external[fmt.Sprintf("system%d", j)] = fmt.Sprintf("K-%d-%d", i, j)
		}
		ids = append(ids, owner.Create(t, Object{"externalIds": external, "email": fmt.Sprintf("e%d@example.com", i), "phone": number(i)}).ID())
	}
	id, _ := merge(t, owner, ids[0], ids[1:]...)
	each := func(home func(i int) string) {
		t.Helper()
		for i := range ids {
			owner.Get(t, fmt.Sprintf("/v1/contacts/email:e%d@example.com", i)).Is(200).Has(Object{"id": home(i)})
			owner.Get(t, "/v1/contacts/phone:"+number(i)).Is(200).Has(Object{"id": home(i)})
			for j := range 10 {
				owner.Get(t, fmt.Sprintf("/v1/contacts/ext:system%d:K-%d-%d", j, i, j)).Is(200).Has(Object{"id": home(i)})
			}
		}
	}
	each(func(int) string { return ids[0] })
	w.Verified(t)
	each(func(int) string { return ids[0] })
	owner.Post(t, "/v1/merges/"+id+"/undo", nil).Is(200)
	each(func(i int) string { return ids[i] })
	w.Verified(t)
	each(func(i int) string { return ids[i] })
}
