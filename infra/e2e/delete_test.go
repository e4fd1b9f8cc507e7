package e2e

import (
	"testing"
	"time"
)

func TestDeleteContact(t *testing.T) {
	t.Parallel()
	clock := &Clock{}
	service := Serve(t, clock.Set)
	w := service.Workspace(t)
	owner := w.As(t, "owner")
	body := Object{
		"firstName": "Maria", "email": "gone@example.com", "phone": "+393514117320", "externalIds": Object{"sap": "D-1"}, "owner": "user_7",
		"followers": []any{"user_9"}, "vip": true,
	}
	id := owner.Create(t, body).ID()
	path := "/v1/contacts/" + id

	owner.Delete(t, path, "If-Match", `"2"`).Refused(412, "")
	a := owner.Delete(t, path, "If-Match", `"1"`).Is(204)
	if len(a.Body) != 0 {
		t.Errorf("%v\nwant no body", a)
	}
	// Every route says that it is gone; by its identities it is unknown.
	for _, ref := range []string{id, "id:" + id} {
		p := "/v1/contacts/" + ref
		owner.Get(t, p).Refused(410, "")
		owner.Patch(t, p, Object{"city": "Roma"}).Refused(410, "")
		owner.Patch(t, p, Object{"city": 1}).Invalid("city wrong_type")
		owner.Delete(t, p).Refused(410, "")
		owner.Delete(t, p, "If-Match", `"1"`).Refused(410, "")
		owner.Put(t, p+"/followers/user_1", nil).Refused(410, "")
		owner.Delete(t, p+"/followers/user_9").Refused(410, "")
		owner.Put(t, p+"/identities/email:a@example.com", nil).Refused(410, "")
		owner.Delete(t, p+"/identities/email:a@example.com").Refused(410, "")
	}
	for _, ref := range []string{"email:gone@example.com", "phone:+393514117320", "ext:sap:D-1"} {
		owner.Get(t, "/v1/contacts/"+ref).Refused(404, "")
	}
	for _, query := range []string{"", "?owner=user_7", "?follower=user_9", "?vip=true", "?email=gone@example.com"} {
		if got := owner.All(t, "/v1/contacts"+query); len(got) != 0 {
			t.Errorf("%s still lists %v", query, got)
		}
	}
	again := owner.Create(t, body).ID()
	if again == id {
		t.Errorf("the id %s came back", id)
	}

	clock.Advance(29 * 24 * time.Hour)
	owner = w.As(t, "owner")
	owner.Get(t, path).Refused(410, "")
	clock.Advance(2 * 24 * time.Hour)
	owner = w.As(t, "owner")
	owner.Get(t, path).Refused(404, "")
	owner.Patch(t, path, Object{}).Refused(404, "")
	owner.Delete(t, path).Refused(404, "")
	if log := owner.All(t, path+"/audit"); len(log) != 2 {
		t.Errorf("the log has %d entries after 31 days, want 2: %v", len(log), log)
	}
	owner.Contact(t, again)
}
