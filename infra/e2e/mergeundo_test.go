package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// couple are two contacts, one of which has what the other has not.
func couple(t *testing.T, c *Client) (survivor, other string) {
	t.Helper()
	survivor = c.Create(t, Object{"firstName": "Maria", "email": "maria@example.it"}).ID()
	return survivor, c.Create(t, Object{"lastName": "Rossi", "email": "mary@example.it", "phone": "+393514117320", "externalIds": Object{"sap": "K-1"}}).ID()
}

func TestUndoRefuses(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	w := service.Workspace(t)
	owner, anna, ugo := w.As(t, "owner"), w.As(t, "agent", Sub("anna")), w.As(t, "agent", Sub("ugo"))
	survivor, other := couple(t, owner)
	id, _ := merge(t, anna, survivor, other)
	path := "/v1/merges/" + id + "/undo"
	for _, none := range []string{"01JD3QZZZZZZZZZZZZZZZZZZZ0", "none", other} {
		owner.Post(t, "/v1/merges/"+none+"/undo", nil).Refused(404, "")
		owner.Get(t, "/v1/merges/"+none).Refused(404, "")
	}
	service.Workspace(t).As(t, "owner").Post(t, path, nil).Refused(404, "")
	ugo.Post(t, path, nil).Refused(403, "")
	ugo.Post(t, path, nil, "If-Match", `"7"`).Refused(403, "") // who may not is told no more
	anna.Post(t, path, nil, "If-Match", `"7"`).Refused(412, "")
	anna.Post(t, path, Object{"reason": "x"}).Invalid("reason unknown_member")
	anna.Post(t, path+"?x=1", nil).Invalid("x unknown_parameter")
	first := anna.Post(t, path, Object{}, "If-Match", `"2"`, "Idempotency-Key", "undo").Is(200).HasHeader("ETag", `"3"`)
	again := anna.Post(t, path, Object{}, "If-Match", `"2"`, "Idempotency-Key", "undo").Is(200).HasHeader("Idempotency-Replayed", "true")
	if diff := cmp.Diff(string(first.Body), string(again.Body)); diff != "" {
		t.Errorf("replayed: %s", diff)
	}
	anna.Post(t, path, nil).Refused(409, "already_undone")
	anna.Post(t, path, nil, "If-Match", `"2"`).Refused(412, "")
	w.Verified(t)
}

// TestUndoUnderReject: what somebody else has taken meanwhile is not taken back.
func TestUndoUnderReject(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	for policy, status := range map[string]int{"allow": 200, "reject": 409} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			w := service.Workspace(t)
			owner := w.As(t, "owner")
			owner.Patch(t, "/v1/workspace", Object{"duplicates": policy}).Is(200)
			survivor, other := couple(t, owner)
			id, _ := merge(t, owner, survivor, other)
			owner.Delete(t, "/v1/contacts/"+survivor+"/identities/email:mary@example.it").Is(200)
			taker := owner.Create(t, Object{"email": "Mary@example.it"}).ID()
			a := owner.Post(t, "/v1/merges/"+id+"/undo", nil).Is(status)
			if status == 409 {
				if p := a.Refused(409, "duplicate_identity"); p["contactId"] != taker {
					t.Errorf("refused: %v", p)
				}
				owner.Get(t, "/v1/contacts/"+other).Is(200).Has(Object{"id": survivor})
				owner.Delete(t, "/v1/contacts/"+taker).Is(204)
				owner.Post(t, "/v1/merges/"+id+"/undo", nil).Is(200)
			}
			owner.Get(t, "/v1/contacts/"+other).Is(200).Has(Object{"id": other, "email": "mary@example.it", "externalIds": Object{"sap": "K-1"}})
			w.Verified(t)
		})
	}
}

// TestUndoOfExternalIDs: a key that somebody else has been given since is refused
// under either policy.
func TestUndoOfExternalIDs(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	survivor, other := couple(t, owner)
	id, _ := merge(t, owner, survivor, other)
	owner.Patch(t, "/v1/contacts/"+survivor, Object{"externalIds": Object{"sap": nil}}).Is(200)
	taker := owner.Create(t, Object{"externalIds": Object{"sap": "K-1"}}).ID()
	if p := owner.Post(t, "/v1/merges/"+id+"/undo", nil).Refused(409, "duplicate_identity"); p["contactId"] != taker {
		t.Errorf("refused: %v", p)
	}
	hidden := w.As(t, "owner", Sub("nobody"), Restricted("only-assigned"))
	hidden.Post(t, "/v1/merges/"+id+"/undo", nil).Refused(404, "")
	w.Verified(t)
}

// TestUndoKeeps: a member that was changed since stays, and is told of; one that a
// later merge wrote too waits for that one to be undone.
func TestUndoKeeps(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	survivor, other := couple(t, owner)
	third := owner.Create(t, Object{"lastName": "Verdi", "city": "Roma", "department": "Acquisti"}).ID()
	first, _ := merge(t, owner, survivor, other)
	second := owner.Post(t, "/v1/merges", Object{"survivor": survivor, "contacts": []any{third}, "choose": Object{"lastName": third}}).Is(201).JSON().ID()
	if p := owner.Post(t, "/v1/merges/"+first+"/undo", nil).Refused(409, "undo_later_first"); p["merge"] != second {
		t.Errorf("refused: %v", p)
	}
	owner.Patch(t, "/v1/contacts/"+third, Object{"city": "Torino", "department": "Vendite", "website": "https://rossi.example"}).Is(200)
	kept := func(id string, want ...string) Object {
		t.Helper()
		undone := owner.Post(t, "/v1/merges/"+id+"/undo", nil).Is(200).JSON()
		fields := []string{}
		for _, k := range undone["kept"].([]any) {
			o := Object(k.(map[string]any))
			if fields = append(fields, o.Text("field")); o.Text("why") == "" {
				t.Errorf("kept without a reason: %v", o)
			}
		}
		if diff := cmp.Diff(append([]string{}, want...), fields); diff != "" {
			t.Errorf("kept: %s", diff)
		}
		return undone["survivor"].(map[string]any)
	}
	after := kept(second, "city", "department")
	if after["lastName"] != "Rossi" || after["city"] != "Torino" || after["website"] != "https://rossi.example" {
		t.Errorf("after the second: %v", after)
	}
	after = kept(first)
	if after["lastName"] != nil || after["phone"] != nil || after["city"] != "Torino" {
		t.Errorf("after the first: %v", after)
	}
	owner.Get(t, "/v1/contacts/"+third).Is(200).Has(Object{"city": "Roma", "department": "Acquisti", "lastName": "Verdi"})
	w.Verified(t)
}

// TestDeleteOfASurvivor deletes with it all that it stands for: by every old id it
// is gone, and so are the histories, while the log says what happened.
func TestDeleteOfASurvivor(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	survivor, other := couple(t, owner)
	root := owner.Create(t, Object{"firstName": "Root"}).ID()
	first, _ := merge(t, owner, survivor, other)
	second, _ := merge(t, owner, root, survivor)
	owner.Post(t, "/v1/contacts/"+other+"/notes", Object{"text": "Likes cats"}).Is(201)
	owner.Delete(t, "/v1/contacts/"+other, "If-Match", `"2"`).Is(204)
	w.Verified(t)
	for _, id := range []string{root, survivor, other} {
		owner.Get(t, "/v1/contacts/"+id).Refused(410, "")
		owner.Patch(t, "/v1/contacts/"+id, Object{"city": "Roma"}).Refused(410, "")
		owner.Get(t, "/v1/contacts/"+id+"/notes").Refused(410, "")
		actions := map[string]int{}
		for _, e := range owner.All(t, "/v1/contacts/"+id+"/audit") {
			actions[e.Text("action")]++
			for _, c := range e["changes"].([]any) {
				if o := c.(map[string]any); o["erased"] != true || o["to"] != nil || o["from"] != nil {
					t.Errorf("a value that is not erased: %v", e)
				}
			}
		}
		want := map[string]int{root: 3, survivor: 1, other: 1}[id] // of all that it stood for, and its own
		if actions["contact.created"] < want || id == root && actions["contact.deleted"] != 1 {
			t.Errorf("log of %s: %v", id, actions)
		}
	}
	for _, id := range []string{first, second} {
		owner.Post(t, "/v1/merges/"+id+"/undo", nil).Refused(410, "")
		owner.Get(t, "/v1/merges/"+id).Is(200).Has(Object{"undone": false})
	}
	for _, ref := range []string{"email:mary@example.it", "phone:+393514117320", "ext:sap:K-1"} {
		owner.Get(t, "/v1/contacts/"+ref).Refused(404, "")
	}
	owner.Create(t, Object{"externalIds": Object{"sap": "K-1"}})
	w.Verified(t)
}
