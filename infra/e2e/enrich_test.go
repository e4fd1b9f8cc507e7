package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProfile(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, channel := w.As(t, "owner"), w.As(t, "agent", Integration("instagram"))
	id := owner.Create(t, Object{"phone": "+390612345678", "lastName": "Rossi"}).ID()
	path := "/v1/contacts/" + id
	profile := Object{"displayName": "Mari", "avatarUrl": "https://cdn.example/m.jpg", "network": "instagram", "handle": "@mari", "url": "https://instagram.com/mari"}
	body := Object{"firstName": "Maria", "lastName": "Bianchi", "country": "FR", "language": "it"}
	for k, v := range profile {
		body[k] = v
	}
	got := channel.Put(t, path+"/profile", body).Is(200).JSON()
	if diff := cmp.Diff(map[string]any(profile), got["profile"]); diff != "" {
		t.Error(diff)
	}
	// What a hand wrote stays; blanks are filled, what was derived is replaced.
	want := Object{"firstName": "Maria", "lastName": "Rossi", "country": "FR", "language": "it", "version": 2}
	owner.Get(t, path).Is(200).Has(want)
	channel.Put(t, path+"/profile", body).Is(200).Has(Object{"version": 2})
	// A channel's value does not replace a channel's; a hand's replaces all.
	channel.Put(t, path+"/profile", Object{"displayName": "Mari R.", "firstName": "Other"}).Is(200).Has(Object{"firstName": "Maria", "profile": Object{"displayName": "Mari R."}, "version": 3})
	owner.Patch(t, path, Object{"firstName": "Marta"}).Is(200)
	channel.Put(t, path+"/profile", Object{"firstName": "Other"}).Is(200).Has(Object{"firstName": "Marta", "version": 5})
	if _, shown := owner.Get(t, path).JSON()["profile"]; shown {
		t.Error("an empty profile is shown")
	}
	nameless := owner.Create(t, Object{"email": "x@example.com"}).ID()
	channel.Put(t, "/v1/contacts/"+nameless+"/profile", Object{"displayName": "Nick"}).Is(200).Has(Object{"name": "Nick"})

	owner.Put(t, path+"/profile", Object{}).Refused(403, "forbidden")
	channel.Put(t, path+"/profile", Object{"avatarUrl": "x", "email": "y", "zz": 1, "displayName": 7}).
		Invalid("avatarUrl invalid_url", "email invalid_email", "zz unknown_member", "displayName wrong_type")
	owner.Patch(t, path, Object{"profile": nil}).Invalid("profile read_only")
	owner.Post(t, "/v1/contacts", Object{"validation": Object{}}).Invalid("validation read_only")
	w.Complete(t, w.Versions(t, id, nameless))
	w.Verified(t)
}

func TestValidation(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, crm := w.As(t, "owner"), w.As(t, "agent", Integration("sap"))
	id := owner.Create(t, Object{"phone": "+390612345678", "lastName": "Rossi"}).ID()
	path := "/v1/contacts/" + id
	put := func(body Object) *Answer { return crm.Put(t, path+"/validation", body) }

	a := put(Object{"state": "validated", "managed": []any{"email", "city", "lastName"}, "values": Object{"email": "m@example.it", "city": "Roma", "lastName": "Bianchi", "country": "FR"}}).Is(200)
	a.Has(Object{"email": "m@example.it", "city": "Roma", "lastName": "Rossi", "country": "FR", "version": 2})
	v := a.JSON()["validation"].(map[string]any)
	if v["state"] != "validated" || v["system"] != "sap" || v["at"] != a.JSON()["updatedAt"] {
		t.Errorf("validation %v", v)
	}
	owner.Get(t, "/v1/contacts/email:m@example.it").Is(200)
	// Said again it changes nothing; what the CRM gives no more is cleared, if it
	// came from there and is managed.
	put(Object{"state": "validated", "managed": []any{"email", "city", "lastName"}, "values": Object{"email": "m@example.it", "city": "Roma", "country": "FR"}}).Is(200).Has(Object{"version": 2})
	got := put(Object{"state": "notValidated", "managed": []any{"email", "lastName"}, "values": Object{}}).Is(200).JSON()
	if got.Text("email") != "" || got.Text("city") != "Roma" || got.Text("lastName") != "Rossi" || got.Text("country") != "FR" || got.Version() != 3 {
		t.Errorf("%v", got)
	}
	owner.Get(t, "/v1/contacts/email:m@example.it").Refused(404, "")
	owner.Patch(t, path, Object{"city": "Milano"}).Is(200)
	put(Object{"state": "notValidated", "managed": []any{"city"}}).Is(200).Has(Object{"city": "Milano", "version": 4})

	// Under a lease the phone stays, whoever gives another.
	blank := owner.Create(t, Object{}).ID()
	crm.Put(t, "/v1/contacts/"+blank+"/locks/c", Object{"expiresAt": "2099-01-01T00:00:00Z"}).Is(200).Has(Object{"expiresAt": "2099-01-01T00:00:00.000Z"})
	crm.Put(t, "/v1/contacts/"+blank+"/validation", Object{"state": "validated", "values": Object{"phone": "+390612345678"}}).Refused(409, "phone_locked")
	crm.Put(t, "/v1/contacts/"+blank+"/profile", Object{"phone": "+390612345678"}).Refused(409, "phone_locked")

	owner.Put(t, path+"/validation", Object{"state": "validated"}).Refused(403, "forbidden")
	put(Object{}).Invalid("state required")
	put(Object{"state": "maybe", "managed": []any{"owner", "zz", 1}, "values": Object{"owner": "x", "email": "x", "zz": "y"}}).
		Invalid("state invalid_choice", "managed[0] invalid_choice", "managed[1] invalid_choice", "managed[2] wrong_type", "values.owner unknown_member", "values.email invalid_email", "values.zz unknown_member")

	var actions []string
	for _, e := range owner.All(t, path+"/audit") {
		actions = append(actions, e.Text("action"))
	}
	if diff := cmp.Diff([]string{"contact.updated", "contact.validated", "contact.validated", "contact.created"}, actions); diff != "" {
		t.Error(diff)
	}
	w.Verified(t)
}
