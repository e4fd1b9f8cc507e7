package e2e

import "testing"

func TestUpsert(t *testing.T) {
	t.Parallel()
	owner := Owner(t)

	t.Run("CreatesByEveryIdentity", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			ref        string
			body, want Object
		}{
			{"email:New@example.com", Object{}, Object{"email": "New@example.com", "name": "New@example.com"}},
			{"phone:+393514000001", Object{}, Object{"phone": "+393514000001", "country": "IT"}},
			{"ext:sap:U-1", Object{}, Object{"externalIds": Object{"sap": "U-1"}, "name": ""}},
			{"email:b@example.com", Object{"firstName": "B", "phone": "+393514000002"}, Object{"email": "b@example.com", "phone": "+393514000002", "name": "B"}},
			{"ext:sap:U-2", Object{"externalIds": Object{"crm": "U-3"}}, Object{"externalIds": Object{"sap": "U-2", "crm": "U-3"}}},
			{"email:c@example.com", Object{"email": "C@example.com"}, Object{"email": "C@example.com"}},
			{"email:d@example.com", Object{"otherEmails": []any{"D@example.com", "e@example.com"}}, Object{"email": "d@example.com", "otherEmails": []any{"e@example.com"}}},
			{"phone:+551187650001", Object{"phone": "+5511987650001"}, Object{"phone": "+5511987650001"}},
			{"ext:sap:U-4", Object{"externalIds": Object{"sap": "U-4"}}, Object{"externalIds": Object{"sap": "U-4"}}},
			{"email:f@example.com", Object{"city": "", "owner": nil, "vip": true}, Object{"city": nil, "owner": nil, "vip": true}},
		} {
			a := owner.Put(t, "/v1/contacts/"+escaped(c.ref), c.body).Is(201)
			a.HasHeader("ETag", `"1"`).HasHeader("Location", "/v1/contacts/"+a.JSON().ID())
			a.Has(c.want)
			a.Has(Object{"version": 1})
		}
	})

	t.Run("UpdatesLikeAPatch", func(t *testing.T) {
		t.Parallel()
		id := owner.Create(t, Object{
			"email": "up@example.com", "phone": "+393514100001", "city": "Roma", "otherEmails": []any{"up2@example.com"},
			"externalIds": Object{"sap": "P-1"},
		}).ID()
		for i, c := range []struct {
			ref        string
			body, want Object
		}{
			{"email:UP@example.com", Object{"city": "Milano"}, Object{"city": "Milano"}},
			{"phone:+393514100001", Object{"city": nil, "state": "MI"}, Object{"city": nil, "state": "MI"}},
			{"ext:sap:P-1", Object{"externalIds": Object{"crm": "P-2"}}, Object{"externalIds": Object{"sap": "P-1", "crm": "P-2"}}},
			{"email:up2@example.com", Object{"firstName": "U"}, Object{"email": "up@example.com", "otherEmails": []any{"up2@example.com"}, "firstName": "U"}},
			{"email:up2@example.com", Object{"email": "UP2@example.com"}, Object{"email": "UP2@example.com", "otherEmails": nil}},
		} {
			a := owner.Put(t, "/v1/contacts/"+escaped(c.ref), c.body).Is(200).HasHeader("Location", "")
			a.Has(c.want)
			a.Has(Object{"id": id, "version": i + 2})
		}
		owner.Put(t, "/v1/contacts/ext:crm:P-2", Object{"firstName": "U"}).Is(200).Has(Object{"version": 6})
		owner.Put(t, "/v1/contacts/ext:crm:P-2", Object{}).Is(200).HasHeader("ETag", `"6"`)
	})

	t.Run("RefusesAnotherValueOfTheSameMember", func(t *testing.T) {
		t.Parallel()
		id := owner.Create(t, Object{"email": "same@example.com", "phone": "+393514200001", "externalIds": Object{"sap": "S-1"}}).ID()
		for _, c := range []struct {
			ref  string
			body Object
			want string
		}{
			{"email:same@example.com", Object{"email": "other@example.com"}, "email identity_mismatch"},
			{"email:same@example.com", Object{"email": nil}, "email identity_mismatch"},
			{"email:same@example.com", Object{"email": ""}, "email identity_mismatch"},
			{"phone:+393514200001", Object{"phone": "+393514200002"}, "phone identity_mismatch"},
			{"ext:sap:S-1", Object{"externalIds": Object{"sap": "S-2"}}, "externalIds.sap identity_mismatch"},
			{"ext:sap:S-1", Object{"externalIds": Object{"sap": nil}}, "externalIds.sap identity_mismatch"},
			{"email:unknown@example.com", Object{"email": "other@example.com"}, "email identity_mismatch"},
		} {
			owner.Put(t, "/v1/contacts/"+escaped(c.ref), c.body).Invalid(c.want)
			c.body["country"] = "x"
			owner.Put(t, "/v1/contacts/"+escaped(c.ref), c.body).Invalid(c.want, "country invalid_country")
		}
		owner.Put(t, "/v1/contacts/phone:+551187660001", Object{"phone": "+5511987660001"}).Is(201)
		if got := owner.Contact(t, id); got.Version() != 1 {
			t.Errorf("refused upserts have changed the contact: %v", got)
		}
		owner.Get(t, "/v1/contacts/email:unknown@example.com").Refused(404, "")
	})

	t.Run("TakesNoID", func(t *testing.T) {
		t.Parallel()
		id := owner.Create(t, Object{}).ID()
		owner.Put(t, "/v1/contacts/"+id, Object{"city": "Roma"}).Refused(400, "")
		owner.Put(t, "/v1/contacts/id:"+id, Object{"city": "Roma"}).Refused(400, "")
		owner.Put(t, "/v1/contacts/"+id, Object{"city": 1}).Invalid("city wrong_type")
	})

	t.Run("MatchesAVersion", func(t *testing.T) {
		t.Parallel()
		const path = "/v1/contacts/email:match@example.com"
		owner.Put(t, path, Object{"city": "Roma"}, "If-Match", "*").Refused(412, "")
		owner.Put(t, path, Object{"city": "Roma"}).Is(201)
		owner.Put(t, path, Object{"city": "Bari"}, "If-Match", `"2"`).Refused(412, "")
		owner.Put(t, path, Object{"city": "Bari"}, "If-Match", `"1"`).Is(200).HasHeader("ETag", `"2"`)
		owner.Put(t, path, Object{"city": "Lodi"}, "If-Match", "*").Is(200).HasHeader("ETag", `"3"`)
	})

	t.Run("CreatesAgainAfterADeletion", func(t *testing.T) {
		t.Parallel()
		const path = "/v1/contacts/email:again@example.com"
		first := owner.Put(t, path, Object{}).Is(201).JSON().ID()
		owner.Delete(t, path).Is(204)
		second := owner.Put(t, path, Object{}).Is(201).JSON().ID()
		if first == second {
			t.Errorf("the id %s has come back", first)
		}
	})
}

func TestDuplicatesPolicy(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	policy := func(t *testing.T, name string) *Client {
		owner := service.Workspace(t).As(t, "owner")
		owner.Patch(t, "/v1/workspace", Object{"duplicates": name}).Is(200)
		return owner
	}
	// holder has each kind of identity; takers are bodies that repeat one of them.
	holder := Object{
		"email": "taken@example.com", "phone": "+551187654321", "otherEmails": []any{"taken2@example.com"}, "otherPhones": []any{"+541123456789"},
	}
	takers := []Object{
		{"email": "TAKEN@example.com"}, {"otherEmails": []any{"Taken@example.com"}}, {"email": "taken2@EXAMPLE.com"},
		{"phone": "+551187654321"}, {"phone": "+5511987654321"}, {"otherPhones": []any{"+5511987654321"}}, {"phone": "+5491123456789"},
	}

	t.Run("AllowStoresRepeats", func(t *testing.T) {
		t.Parallel()
		owner := policy(t, "allow")
		owner.Create(t, holder)
		for _, body := range takers {
			owner.Create(t, body)
			id := owner.Create(t, Object{}).ID()
			owner.Patch(t, "/v1/contacts/"+id, body).Is(200)
		}
		owner.Put(t, "/v1/contacts/ext:sap:1", takers[0]).Is(201)
		owner.Put(t, "/v1/contacts/ext:sap:1", takers[3]).Is(200)
		owner.Put(t, "/v1/contacts/ext:sap:2", Object{}).Is(201)
		owner.Put(t, "/v1/contacts/ext:sap:2/identities/email:taken@example.com", nil).Is(200)
	})

	t.Run("RejectNamesTheContact", func(t *testing.T) {
		t.Parallel()
		owner := policy(t, "reject")
		id := owner.Create(t, holder).ID()
		refused := func(a *Answer) {
			t.Helper()
			if p := a.Refused(409, "duplicate_identity"); p["contactId"] != id {
				t.Errorf("%v\nwant contactId %s", a, id)
			}
		}
		other := "/v1/contacts/" + owner.Create(t, Object{"email": "other@example.com"}).ID()
		for _, body := range takers {
			refused(owner.Post(t, "/v1/contacts", body))
			refused(owner.Patch(t, other, body))
			refused(owner.Put(t, "/v1/contacts/email:other@example.com", Object{"otherEmails": body["otherEmails"], "phone": body["phone"], "otherPhones": append([]any{}, "+551187654321")}))
			refused(owner.Put(t, "/v1/contacts/ext:sap:1", body))
		}
		refused(owner.Put(t, other+"/identities/email:TAKEN2@example.com", nil))
		refused(owner.Put(t, other+"/identities/phone:+5511987654321", nil))
		owner.Get(t, "/v1/contacts/ext:sap:1").Refused(404, "")
		owner.Get(t, other).Is(200).Has(Object{"version": 1})
		// Its own it may spell otherwise, move and keep.
		owner.Patch(t, "/v1/contacts/"+id, Object{"phone": "+5511987654321", "email": "Taken2@example.com"}).Is(200)
		owner.Patch(t, "/v1/contacts/"+id, Object{"email": "taken@example.com", "otherEmails": []any{"taken2@example.com"}}).Is(200)
		// What it gives up others may have, also after a deletion.
		owner.Patch(t, "/v1/contacts/"+id, Object{"email": "free@example.com"}).Is(200)
		owner.Patch(t, other, Object{"email": "taken@example.com"}).Is(200)
		owner.Delete(t, "/v1/contacts/"+id).Is(204)
		owner.Patch(t, other, Object{"phone": "+551187654321", "otherEmails": []any{"taken2@example.com"}}).Is(200)
	})

	t.Run("UpsertStillUpdatesUnderReject", func(t *testing.T) {
		t.Parallel()
		owner := policy(t, "reject")
		id := owner.Create(t, holder).ID()
		owner.Put(t, "/v1/contacts/phone:+5511987654321", Object{"email": "taken@example.com", "city": "Roma"}).Is(200).Has(Object{"id": id})
		owner.Put(t, "/v1/contacts/email:taken2@example.com", Object{"city": "Bari"}).Is(200).Has(Object{"id": id})
	})

	t.Run("CanBeSwitchedWithContactsThere", func(t *testing.T) {
		t.Parallel()
		owner := policy(t, "allow")
		a := owner.Create(t, Object{"email": "twice@example.com"}).ID()
		b := owner.Create(t, Object{"email": "twice@example.com"}).ID()
		owner.Patch(t, "/v1/workspace", Object{"duplicates": "reject"}).Is(200)
		owner.Post(t, "/v1/contacts", Object{"email": "twice@example.com"}).Refused(409, "duplicate_identity")
		owner.Patch(t, "/v1/contacts/"+b, Object{"city": "Roma"}).Is(200)
		owner.Put(t, "/v1/contacts/email:twice@example.com", Object{"city": "Roma"}).Is(200).Has(Object{"id": a})
		owner.Patch(t, "/v1/contacts/"+b, Object{"email": nil}).Is(200)
		owner.Patch(t, "/v1/contacts/"+b, Object{"email": "twice@example.com"}).Refused(409, "duplicate_identity")
		owner.Patch(t, "/v1/workspace", Object{"duplicates": "allow"}).Is(200)
		owner.Patch(t, "/v1/contacts/"+b, Object{"email": "twice@example.com"}).Is(200)
		owner.Patch(t, "/v1/workspace", Object{"duplicates": nil}).Is(200).Has(Object{"duplicates": "allow"})
	})
}
