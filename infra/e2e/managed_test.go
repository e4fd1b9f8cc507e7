package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// managedBy ends the test unless the answer says what is managed by whom.
func (a *Answer) managedBy(member, integration string) {
	a.t.Helper()
	p := a.Refused(409, "field_managed")
	if p["field"] != member || p["managedBy"] != integration {
		a.t.Errorf("%v\nwant %s, managed by %s", a, member, integration)
	}
}

// TestManagedFields: nobody edits them but the managing integration, by whatever
// route.
func TestManagedFields(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	w := service.Workspace(t)
	owner := w.As(t, "owner")
	sap := w.As(t, "agent", Sub("robot"), Integration("sap"))
	crm := w.As(t, "owner", Integration("crm"))
	token := owner.Post(t, "/v1/tokens", Object{"name": "sap", "role": "agent", "integration": "sap"}).Is(201).JSON().Text("token")
	sapByToken := owner.With(token)
	define(t, owner, "score number", "free text")
	managed := Object{
		"source": "fair", "vip": true, "status": "inactive", "owner": "user_2", "followers": []any{"user_9"}, "otherEmails": []any{"m@example.it"}, "phone": "+393514117320",
		"externalIds": Object{"erp": "E-1"}, "fields": Object{"score": 1},
	}
	paths := map[string]string{"fields": "fields.score"}
	id := owner.Create(t, Object{"firstName": "Maria", "email": "maria@example.it"}).ID()
	path := "/v1/contacts/" + id
	for member := range managed {
		key := member
		if member == "fields" {
			key = "score"
		}
		owner.Patch(t, "/v1/fields/"+key, Object{"managedBy": "sap"}).Is(200).Has(Object{"managedBy": "sap"})
	}

	t.Run("AreTheirManagersAlone", func(t *testing.T) {
		before := owner.Contact(t, id)
		for _, other := range []*Client{owner, crm, w.As(t, "manager"), w.As(t, "agent")} {
			for member, value := range managed {
				named := member
				if p, ok := paths[member]; ok {
					named = p
				}
				body := Object{"city": "Roma", member: value}
				other.Patch(t, path, body).managedBy(named, "sap")
				other.Post(t, "/v1/contacts", body).managedBy(named, "sap")
				other.Put(t, "/v1/contacts/email:maria@example.it", body).managedBy(named, "sap")
				other.Put(t, "/v1/contacts/email:new@example.it", body).managedBy(named, "sap")
			}
			other.Put(t, path+"/followers/user_9", nil).managedBy("followers", "sap")
			other.Put(t, path+"/identities/email:m@example.it", nil).managedBy("otherEmails", "sap")
			other.Put(t, "/v1/contacts/phone:+393514117320", Object{}).managedBy("phone", "sap")
			other.Put(t, "/v1/contacts/ext:erp:E-1", Object{}).managedBy("externalIds", "sap")
		}
		if diff := cmp.Diff(before, owner.Contact(t, id)); diff != "" {
			t.Errorf("a refused change has changed it (-before +after):\n%s", diff)
		}
		if n := len(owner.All(t, "/v1/contacts")); n != 1 {
			t.Errorf("%d contacts, want 1", n)
		}
		if n := len(owner.All(t, path+"/audit")); n != 1 {
			t.Errorf("%d entries, want 1", n)
		}
	})

	t.Run("AreSetByTheirManager", func(t *testing.T) {
		sap.Patch(t, path, managed).Is(200).Has(managed)
		sapByToken.Put(t, path+"/followers/user_8", nil).Is(200)
		sapByToken.Delete(t, path+"/followers/user_8").Is(200)
		sap.Put(t, path+"/identities/email:other@example.it", nil).Is(200)
		sap.Delete(t, path+"/identities/email:other@example.it").Is(200)
		sapByToken.Post(t, "/v1/contacts", Object{"source": "fair", "fields": Object{"score": 2}}).Is(201)
		sap.Put(t, "/v1/contacts/ext:erp:E-2", Object{"vip": true}).Is(201)
		sapByToken.Put(t, "/v1/contacts/ext:erp:E-2", Object{"vip": false}).Is(200)
	})

	t.Run("AreNotClearedByOthersEither", func(t *testing.T) {
		version := owner.Contact(t, id).Version()
		for member := range managed {
			named := member
			if p, ok := paths[member]; ok {
				named = p
			}
			owner.Patch(t, path, Object{member: nil}).managedBy(named, "sap")
		}
		owner.Patch(t, path, Object{"fields": Object{"score": nil, "free": "x"}}).managedBy("fields.score", "sap")
		owner.Patch(t, path, Object{"externalIds": Object{"erp": nil}}).managedBy("externalIds", "sap")
		owner.Delete(t, path+"/followers/user_9").managedBy("followers", "sap")
		owner.Delete(t, path+"/identities/email:m@example.it").managedBy("otherEmails", "sap")
		// What does not change them gets through: so does a card that is sent back whole.
		owner.Patch(t, path, managed).Is(200).Has(Object{"version": version})
		owner.Patch(t, path, Object{"city": "Roma", "fields": Object{"score": 1, "free": "x"}, "otherPhones": []any{"+393514117321"}}).Is(200).Has(Object{"version": version + 1})
		owner.Put(t, path+"/followers/user_9", nil).Is(200)
	})

	t.Run("ComeAfterWhatIsWrongAndStale", func(t *testing.T) {
		owner.Patch(t, path, Object{"vip": false, "city": 7}).Invalid("city wrong_type")
		owner.Patch(t, path, Object{"vip": false}, "If-Match", `"1"`).Refused(412, "")
		owner.Patch(t, path, Object{"vip": false}, "If-Match", `*`).managedBy("vip", "sap")
		owner.Patch(t, "/v1/contacts/01JD3QZZZZZZZZZZZZZZZZZZZ0", Object{"vip": true}).Refused(404, "")
		owner.Patch(t, path, Object{"vip": false}, "Idempotency-Key", "k").managedBy("vip", "sap")
	})

	t.Run("AreFreeAgainWhenNobodyManagesThem", func(t *testing.T) {
		owner.Patch(t, "/v1/fields/vip", Object{"managedBy": nil}).Is(200)
		owner.Patch(t, path, Object{"vip": false}, "Idempotency-Key", "k").Is(200).HasHeader("Idempotency-Replayed", "")
		owner.Patch(t, "/v1/fields/score", Object{"managedBy": "crm"}).Is(200)
		sap.Patch(t, path, Object{"fields": Object{"score": 7}}).managedBy("fields.score", "crm")
		crm.Patch(t, path, Object{"fields": Object{"score": 7}}).Is(200)
		owner.Delete(t, "/v1/fields/score").Is(204)
		define(t, owner, "score number")
		owner.Patch(t, path, Object{"fields": Object{"score": 8}}).Is(200)
	})

	owner.Delete(t, path).Is(204) // the contact is everybody's
	w.Verified(t)
}

// TestAManagedCountryDoesNotFollowThePhone: whoever changes the phone need not
// manage the country, and does not change it.
func TestAManagedCountryDoesNotFollowThePhone(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, sap, crm := w.As(t, "owner"), w.As(t, "agent", Integration("sap")), w.As(t, "agent", Integration("crm"))
	id := owner.Create(t, Object{"phone": "+393514117320"}).ID()
	path := "/v1/contacts/" + id
	owner.Patch(t, "/v1/fields/country", Object{"managedBy": "sap"}).Is(200)
	owner.Patch(t, path, Object{"phone": "+33612345678"}).Is(200).Has(Object{"country": "IT"})
	owner.Patch(t, path, Object{"phone": nil}).Is(200).Has(Object{"country": "IT"})
	owner.Post(t, "/v1/contacts", Object{"phone": "+33612345679"}).Is(201).Has(Object{"country": nil})
	owner.Put(t, "/v1/contacts/phone:+33612345670", Object{"city": "Paris"}).Is(201).Has(Object{"country": nil})
	for _, route := range []string{"/profile", "/validation"} { // nor do an integration's
		body := Object{"phone": "+33612345671"}
		if route == "/validation" {
			body = Object{"state": "validated", "values": body}
		}
		offered := owner.Create(t, Object{"city": "Lille"}).ID()
		crm.Put(t, "/v1/contacts/"+offered+route, body).Is(200).Has(Object{"phone": "+33612345671", "country": nil})
		sap.Put(t, "/v1/contacts/"+owner.Create(t, Object{}).ID()+route, body).Is(200).Has(Object{"country": "FR", "version": 2})
	}
	owner.Patch(t, path, Object{"country": nil}).managedBy("country", "sap")
	owner.Patch(t, path, Object{"phone": "+33612345678", "country": "FR"}).managedBy("country", "sap")
	sap.Patch(t, path, Object{"phone": "+33612345678"}).Is(200).Has(Object{"country": "FR"})
	sap.Put(t, "/v1/contacts/phone:+5511912345678", Object{}).Is(201).Has(Object{"country": "BR"})
	owner.Patch(t, "/v1/fields/country", Object{"managedBy": nil}).Is(200)
	owner.Patch(t, path, Object{"phone": "+393514117320"}).Is(200).Has(Object{"country": "IT"})
}

// TestAManagedOwnerIsNotTakenByCreating: a caller who sees only what is assigned
// to it owns what it creates, which is not for it to decide here.
func TestAManagedOwnerIsNotTakenByCreating(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, agent := w.As(t, "owner"), w.As(t, "agent", Sub("user_7"), Restricted("only-assigned"))
	owner.Patch(t, "/v1/fields/owner", Object{"managedBy": "sap"}).Is(200)
	agent.Post(t, "/v1/contacts", Object{"firstName": "Maria"}).managedBy("owner", "sap")
	owner.Post(t, "/v1/contacts", Object{"firstName": "Maria"}).Is(201)
	w.As(t, "agent", Sub("user_7"), Restricted("only-assigned"), Integration("sap")).Post(t, "/v1/contacts", Object{"firstName": "Maria"}).Is(201).Has(Object{"owner": "user_7"})
}
