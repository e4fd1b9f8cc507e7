package e2e

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// merge makes one contact of several and returns its id and the answer.
func merge(t *testing.T, c *Client, survivor string, others ...string) (id string, a Object) {
	t.Helper()
	got := c.Post(t, "/v1/merges", Object{"survivor": survivor, "contacts": others}).Is(201).JSON()
	return got.Text("id"), got
}

func TestMerge(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, anna := w.As(t, "owner"), w.As(t, "agent", Sub("anna"))
	maria := owner.Create(t, Object{
		"firstName": "Maria", "email": "maria@example.it", "tags": []string{"lead"}, "followers": []string{"u1"}, "externalIds": Object{"sap": "K-1"}, "owner": "u1",
	}).ID()
	mary := owner.Create(t, Object{
		"lastName": "Rossi", "email": "mary@example.it", "phone": "+393514117320", "tags": []string{"VIP", "lead"}, "followers": []string{"u2"},
		"externalIds": Object{"sap": "K-2", "crm": "7"}, "vip": true, "owner": "u2", "city": "Roma",
	}).ID()
	owner.Put(t, "/v1/contacts/"+mary+"/dnd", Object{"email": true}).Is(200)
	note := owner.Post(t, "/v1/contacts/"+mary+"/notes", Object{"text": "prefers tea"}).Is(201).JSON().ID()
	before := owner.Get(t, "/v1/contacts/"+mary).Is(200).JSON()
	own := owner.Get(t, "/v1/contacts/"+maria).Is(200).JSON()

	dry := anna.Post(t, "/v1/merges?dryRun=true", Object{"survivor": maria, "contacts": []string{mary}, "choose": Object{"email": mary}}).Is(200).JSON()
	if dry["id"] != nil || dry["origin"].(map[string]any)["email"] != mary || dry["origin"].(map[string]any)["firstName"] != maria || dry["origin"].(map[string]any)["city"] != mary {
		t.Errorf("a dry run: %v", dry)
	}
	if email := dry["survivor"].(map[string]any)["email"]; email != "mary@example.it" {
		t.Errorf("chosen: %v", email)
	}
	owner.Get(t, "/v1/contacts/"+maria).Is(200).Has(Object{"version": 1})

	id, got := merge(t, anna, maria, mary)
	survivor := Object(got["survivor"].(map[string]any))
	want := Object{
		"id": maria, "version": 2.0, "firstName": "Maria", "lastName": "Rossi", "name": "Maria Rossi", "email": "maria@example.it", "phone": "+393514117320",
		"otherEmails": []any{"mary@example.it"}, "externalIds": map[string]any{"sap": "K-1", "crm": "7"}, "city": "Roma", "country": "IT", "owner": "u1",
		"followers": []any{"u1", "u2"}, "status": "active", "vip": true, "tags": []any{"lead", "VIP"}, "fields": map[string]any{}, "blocked": false,
		"dnd":       map[string]any{"all": false, "email": true, "messages": false, "calls": false, "inbound": false},
		"mergedIds": []any{mary}, "createdAt": own["createdAt"], "firstCreatedAt": own["createdAt"], "updatedAt": survivor["updatedAt"],
	}
	if diff := cmp.Diff(want, survivor); diff != "" {
		t.Errorf("survivor: %s", diff)
	}
	if diff := cmp.Diff(Object{"id": id, "survivor": map[string]any(survivor), "merged": []any{mary}, "undoable": true}, got); diff != "" {
		t.Error(diff)
	}
	// The old id and every identity lead to the survivor.
	owner.Get(t, "/v1/contacts/"+mary).Is(200).HasHeader("Content-Location", "/v1/contacts/"+maria).Has(Object{"id": maria})
	for _, ref := range []string{"email:mary@example.it", "phone:+393514117320", "ext:sap:K-1", "ext:sap:K-2", "ext:crm:7", "email:maria@example.it"} {
		owner.Get(t, "/v1/contacts/"+ref).Is(200).Has(Object{"id": maria})
	}
	if ids := idsOf(t, owner, "/v1/contacts"); !slices.Equal(ids, []string{maria}) {
		t.Errorf("listed: %v", ids)
	}
	owner.Patch(t, "/v1/contacts/"+mary, Object{"department": "Acquisti"}).Is(200).Has(Object{"id": maria, "version": 3})
	if notes := owner.All(t, "/v1/contacts/"+maria+"/notes"); len(notes) != 1 || notes[0].ID() != note {
		t.Errorf("notes: %v", notes)
	}
	owner.Patch(t, "/v1/contacts/"+maria+"/notes/"+note, Object{"text": "prefers coffee"}).Is(200)
	owner.Post(t, "/v1/contacts/"+mary+"/notes", Object{"text": "new"}).Is(201)
	anna.Get(t, "/v1/merges").Refused(403, "forbidden")
	owner.Get(t, "/v1/merges/"+id).Is(200).Has(Object{"id": id, "survivor": maria, "merged": []any{mary}, "undone": false})
	if all := owner.All(t, "/v1/merges"); len(all) != 1 || all[0].ID() != id {
		t.Errorf("merges: %v", all)
	}
	var log []string
	for _, e := range owner.All(t, "/v1/contacts/"+mary+"/audit") {
		log = append(log, e.Text("action"))
	}
	if got := len(log); got != 9 || !slices.Contains(log, "contact.merged") {
		t.Errorf("log: %v", log)
	}

	undone := anna.Post(t, "/v1/merges/"+id+"/undo", nil).Is(200).JSON()
	restored := undone["restored"].([]any)[0].(map[string]any)
	for _, member := range []string{"version", "updatedAt"} {
		before[member] = restored[member]
	}
	if diff := cmp.Diff(map[string]any(before), restored); diff != "" {
		t.Errorf("restored: %s", diff)
	}
	own["department"], own["version"], own["updatedAt"] = "Acquisti", 4.0, undone["survivor"].(map[string]any)["updatedAt"]
	if diff := cmp.Diff(map[string]any(own), undone["survivor"]); diff != "" {
		t.Errorf("survivor after the undo: %s", diff)
	}
	owner.Get(t, "/v1/contacts/ext:sap:K-2").Is(200).Has(Object{"id": mary})
	owner.Get(t, "/v1/contacts/email:mary@example.it").Is(200).Has(Object{"id": mary})
	if notes := owner.All(t, "/v1/contacts/"+mary+"/notes"); len(notes) != 1 || notes[0].Text("text") != "prefers coffee" {
		t.Errorf("notes that are home: %v", notes)
	}
	if notes := owner.All(t, "/v1/contacts/"+maria+"/notes"); len(notes) != 1 || notes[0].Text("text") != "new" {
		t.Errorf("notes that stay: %v", notes)
	}
	anna.Post(t, "/v1/merges/"+id+"/undo", nil).Refused(409, "already_undone")
	owner.Get(t, "/v1/merges/"+id).Is(200).Has(Object{"undone": true})
	w.Verified(t)
	for _, tag := range owner.All(t, "/v1/tags") {
		if want := map[string]float64{"lead": 2, "VIP": 1}[tag.Text("name")]; tag["contacts"] != want {
			t.Errorf("tag %v", tag)
		}
	}
}
