package e2e

import (
	"slices"
	"testing"
)

func TestIdentitiesOfOneContact(t *testing.T) {
	t.Parallel()
	owner := Owner(t)

	for _, c := range []struct {
		name string
		body Object
		want Object
	}{
		{
			"AreHeldOnceTheMainOneFirst",
			Object{"email": "A@example.com", "otherEmails": []any{"a@EXAMPLE.com", "b@example.com", "B@example.com"}},
			Object{"email": "A@example.com", "otherEmails": []any{"b@example.com"}},
		},
		{
			"KeepTheFirstSpellingOfTheOthers",
			Object{"otherEmails": []any{"B@example.com", "b@example.com"}, "otherPhones": []any{"+551187654321", "+5511987654321"}},
			Object{"otherEmails": []any{"B@example.com"}, "otherPhones": []any{"+551187654321"}},
		},
		{
			"AreOneInBrazilWithAndWithoutTheNine",
			Object{"phone": "+551187654321", "otherPhones": []any{"+5511987654321", "+5521987654321"}},
			Object{"phone": "+551187654321", "otherPhones": []any{"+5521987654321"}},
		},
		{
			"AreOneInMexicoWithAndWithoutTheOne",
			Object{"phone": "+525512345678", "otherPhones": []any{"+5215512345678"}},
			Object{"phone": "+525512345678", "otherPhones": nil},
		},
		{
			"AreOneInArgentinaWithAndWithoutTheNine",
			Object{"phone": "+5491123456789", "otherPhones": []any{"+541123456789"}},
			Object{"phone": "+5491123456789", "otherPhones": nil},
		},
		{
			"AreTwoWhereABrazilianLandlineLooksLikeAMobile",
			Object{"phone": "+5511941234567", "otherPhones": []any{"+551141234567"}},
			Object{"phone": "+5511941234567", "otherPhones": []any{"+551141234567"}},
		},
		{
			"MayBeOthersAlone",
			Object{"otherEmails": []any{"b@example.com"}, "otherPhones": []any{"+393514117320"}},
			Object{"email": nil, "phone": nil, "otherEmails": []any{"b@example.com"}, "otherPhones": []any{"+393514117320"}},
		},
		{"MayBeEmptyLists", Object{"otherEmails": []any{}, "followers": []any{}}, Object{"otherEmails": nil, "followers": nil}},
		{"KeepFollowersOnce", Object{"followers": []any{"b", "a", "b"}}, Object{"followers": []any{"b", "a"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			owner.Post(t, "/v1/contacts", c.body).Is(201).Has(c.want)
			id := owner.Create(t, Object{"firstName": "x"}).ID()
			owner.Patch(t, "/v1/contacts/"+id, c.body).Is(200).Has(c.want)
		})
	}

	t.Run("MoveWhenAnOtherBecomesTheMainOne", func(t *testing.T) {
		t.Parallel()
		id := owner.Create(t, Object{"email": "main@example.com", "otherEmails": []any{"other@example.com"}}).ID()
		owner.Patch(t, "/v1/contacts/"+id, Object{"email": "OTHER@example.com"}).Is(200).
			Has(Object{"email": "OTHER@example.com", "otherEmails": nil})
		owner.Get(t, "/v1/contacts/email:main@example.com").Refused(404, "")
	})

	t.Run("AreLimited", func(t *testing.T) {
		t.Parallel()
		full := Object{"otherEmails": addresses(10), "otherPhones": numbers(10), "externalIds": systems(10), "followers": users(20)}
		id := owner.Post(t, "/v1/contacts", full).Is(201).Has(full).ID()
		path := "/v1/contacts/" + id
		for member, value := range map[string]any{"otherEmails": addresses(11), "otherPhones": numbers(11), "followers": users(21)} {
			owner.Post(t, "/v1/contacts", Object{member: value}).Invalid(member + " too_many")
			owner.Patch(t, path, Object{member: value}).Invalid(member + " too_many")
		}
		// One more could be the main one, which only the contact tells; two more are too many of any.
		for member, value := range map[string]any{"otherEmails": addresses(12), "otherPhones": numbers(12), "followers": users(21)} {
			owner.Patch(t, path, Object{member: value, "country": "x"}).Invalid(member+" too_many", "country invalid_country")
		}
		owner.Post(t, "/v1/contacts", Object{"externalIds": systems(11)}).Invalid("externalIds too_many")
		owner.Patch(t, path, Object{"externalIds": Object{"eleventh": "K"}}).Invalid("externalIds too_many")
		owner.Patch(t, path, Object{"externalIds": Object{"eleventh": "K", "system0": nil}}).Is(200)
		owner.Put(t, path+"/followers/user_20", nil).InvalidField("followers")
		owner.Put(t, path+"/identities/email:new@example.com", nil).InvalidField("otherEmails")
		owner.Put(t, path+"/identities/phone:+393519999999", nil).InvalidField("otherPhones")
		owner.Put(t, path+"/followers/user_19", nil).Is(200)
		// A repeat, in whatever spelling, is not counted.
		owner.Patch(t, path, Object{"otherEmails": append(addresses(10), "A3@EXAMPLE.com")}).Is(200).Has(Object{"otherEmails": addresses(10)})
		owner.Patch(t, path, Object{"email": "a10@example.com", "otherEmails": addresses(11)}).Is(200).Has(Object{"otherEmails": addresses(10)})
		owner.Patch(t, path, Object{"otherEmails": addresses(11)}).Is(200).Has(Object{"otherEmails": addresses(10), "email": "a10@example.com"})
	})
}

func TestSingleFollowersAndIdentities(t *testing.T) {
	t.Parallel()
	owner := Owner(t)

	t.Run("FollowersComeAndGo", func(t *testing.T) {
		t.Parallel()
		path := "/v1/contacts/" + owner.Create(t, Object{}).ID()
		steps := []struct {
			method, user string
			followers    any
			version      float64
		}{
			{"PUT", "user_9", []any{"user_9"}, 2},
			{"PUT", "user_9", []any{"user_9"}, 2},
			{"PUT", "auth0|7", []any{"user_9", "auth0|7"}, 3},
			{"DELETE", "user_8", []any{"user_9", "auth0|7"}, 3},
			{"DELETE", "user_9", []any{"auth0|7"}, 4},
			{"DELETE", "auth0|7", nil, 5},
			{"DELETE", "auth0|7", nil, 5},
		}
		for _, s := range steps {
			a := owner.Do(t, s.method, path+"/followers/"+escaped(s.user), nil).Is(200)
			a.Has(Object{"followers": s.followers, "version": s.version})
		}
		owner.Put(t, path+"/followers/a%20b", nil).Is(400)
		owner.Put(t, path+"/followers/", nil).Refused(404, "")
		owner.Put(t, path+"/followers/user_1", nil, "If-Match", `"4"`).Refused(412, "")
		owner.Put(t, path+"/followers/user_1", nil, "If-Match", `"5"`).Is(200).HasHeader("ETag", `"6"`)
		owner.Delete(t, path+"/followers/user_1", "If-Match", `"5"`).Refused(412, "")
	})

	t.Run("OtherIdentitiesComeAndGo", func(t *testing.T) {
		t.Parallel()
		path := "/v1/contacts/" + owner.Create(t, Object{"email": "one@example.com", "phone": "+551187654321"}).ID()
		steps := []struct {
			method, identity string
			want             Object
			version          float64
		}{
			{"PUT", "email:Two@example.com", Object{"otherEmails": []any{"Two@example.com"}}, 2},
			{"PUT", "email:two@EXAMPLE.com", Object{"otherEmails": []any{"Two@example.com"}}, 2},
			{"PUT", "email:ONE@example.com", Object{"otherEmails": []any{"Two@example.com"}, "email": "one@example.com"}, 2},
			{"PUT", "phone:+5511987654321", Object{"otherPhones": nil, "phone": "+551187654321"}, 2},
			{"PUT", "phone:+393514117320", Object{"otherPhones": []any{"+393514117320"}, "country": "BR"}, 3},
			{"DELETE", "email:one@example.com", Object{"email": "one@example.com"}, 3},
			{"DELETE", "email:nobody@example.com", Object{"otherEmails": []any{"Two@example.com"}}, 3},
			{"DELETE", "email:TWO@example.com", Object{"otherEmails": nil}, 4},
			{"DELETE", "phone:+393514117320", Object{"otherPhones": nil}, 5},
		}
		for _, s := range steps {
			a := owner.Do(t, s.method, path+"/identities/"+escaped(s.identity), nil).Is(200)
			a.Has(s.want)
			a.Has(Object{"version": s.version})
		}
		for _, bad := range []string{"email:nobody", "phone:12", "ext:sap:1", "fax:1", "email", "email:"} {
			owner.Put(t, path+"/identities/"+escaped(bad), nil).Is(400).Refused(400, "")
			owner.Delete(t, path+"/identities/"+escaped(bad)).Refused(400, "")
		}
	})

	t.Run("EveryOneOfThemFindsTheContact", func(t *testing.T) {
		t.Parallel()
		id := owner.Create(t, Object{
			"email": "main@find.example", "phone": "+5491122223333", "otherEmails": []any{"Other@find.example"},
			"otherPhones": []any{"+5511987650000"}, "externalIds": Object{"sap": "F/1"},
		}).ID()
		owner.Put(t, "/v1/contacts/"+id+"/identities/email:third@find.example", nil).Is(200)
		for _, ref := range []string{
			"email:MAIN@find.example", "email:other@FIND.example", "email:third@find.example", "phone:+5491122223333", "phone:+541122223333",
			"phone:+551187650000", "phone:+5511987650000", "ext:sap:F/1", id, "id:" + id,
		} {
			if got := owner.Get(t, "/v1/contacts/"+escaped(ref)).Is(200).JSON().ID(); got != id {
				t.Errorf("%s finds %s, want %s", ref, got, id)
			}
		}
		owner.Delete(t, "/v1/contacts/"+id+"/identities/email:third@find.example").Is(200)
		owner.Get(t, "/v1/contacts/email:third@find.example").Refused(404, "")
	})

	t.Run("NeedTheContact", func(t *testing.T) {
		t.Parallel()
		const nobody = "/v1/contacts/01JD3QZZZZZZZZZZZZZZZZZZZ0"
		owner.Put(t, nobody+"/followers/user_1", nil).Refused(404, "")
		owner.Delete(t, nobody+"/followers/user_1").Refused(404, "")
		owner.Put(t, nobody+"/identities/email:a@example.com", nil).Refused(404, "")
		owner.Delete(t, nobody+"/identities/email:a@example.com").Refused(404, "")
	})
}

func TestExternalIDs(t *testing.T) {
	t.Parallel()
	owner := Owner(t)

	t.Run("MergeMemberByMember", func(t *testing.T) {
		t.Parallel()
		path := "/v1/contacts/" + owner.Create(t, Object{"externalIds": Object{"sap": "M-1", "crm": "M-2"}}).ID()
		for i, s := range []struct {
			patch any
			want  any
		}{
			{Object{"shop": "M-3"}, Object{"sap": "M-1", "crm": "M-2", "shop": "M-3"}},
			{Object{"sap": "M-4", "crm": nil}, Object{"sap": "M-4", "shop": "M-3"}},
			{Object{"shop": ""}, Object{"sap": "M-4"}},
			{nil, nil},
			{Object{"sap": " M-1 "}, Object{"sap": "M-1"}},
			{"", nil},
		} {
			owner.Patch(t, path, Object{"externalIds": s.patch}).Is(200).Has(Object{"version": i + 2, "externalIds": s.want})
		}
		owner.Patch(t, path, Object{"externalIds": Object{}}).Is(200).Has(Object{"version": 7.0})
		owner.Patch(t, path, Object{"externalIds": Object{"unknown": nil}}).Is(200).Has(Object{"version": 7.0})
		owner.Patch(t, path, Object{"externalIds": []any{"sap"}}).Invalid("externalIds wrong_type")
	})

	t.Run("AreOnceInTheWorkspaceUnderEitherPolicy", func(t *testing.T) {
		t.Parallel()
		for _, policy := range []string{"allow", "reject"} {
			owner := Serve(t).Workspace(t).As(t, "owner")
			owner.Patch(t, "/v1/workspace", Object{"duplicates": policy}).Is(200)
			id := owner.Create(t, Object{"externalIds": Object{"sap": "K-17"}}).ID()
			a := owner.Post(t, "/v1/contacts", Object{"firstName": "b", "externalIds": Object{"sap": "K-17"}})
			if p := a.Refused(409, "duplicate_identity"); p["contactId"] != id {
				t.Errorf("%v\nwant contactId %s", a, id)
			}
			other := "/v1/contacts/" + owner.Create(t, Object{"externalIds": Object{"sap": "k-17", "crm": "K-17"}}).ID()
			owner.Patch(t, other, Object{"externalIds": Object{"sap": "K-17"}}).Refused(409, "duplicate_identity")
			owner.Put(t, "/v1/contacts/ext:crm:K-17", Object{"externalIds": Object{"sap": "K-17"}}).Refused(409, "duplicate_identity")
			owner.Put(t, "/v1/contacts/ext:new:1", Object{"externalIds": Object{"sap": "K-17"}}).Refused(409, "duplicate_identity")
			owner.Get(t, "/v1/contacts/ext:new:1").Refused(404, "")
			// Freed, by a patch or by a deletion, it can be had again.
			owner.Patch(t, "/v1/contacts/"+id, Object{"externalIds": nil}).Is(200)
			owner.Patch(t, other, Object{"externalIds": Object{"sap": "K-17"}}).Is(200)
			owner.Delete(t, other).Is(204)
			owner.Patch(t, "/v1/contacts/"+id, Object{"externalIds": Object{"sap": "K-17"}}).Is(200)
		}
	})

	t.Run("HaveASyntax", func(t *testing.T) {
		t.Parallel()
		s63 := "s" + string(slices.Repeat([]byte("0"), 62))
		k255 := string(slices.Repeat([]byte("k"), 255))
		for _, system := range []string{"s", "sap", "sales_force-2", s63} {
			owner.Post(t, "/v1/contacts", Object{"externalIds": Object{system: k255}}).Is(201)
			owner.Get(t, "/v1/contacts/ext:"+system+":"+k255).Is(200)
		}
		for _, system := range []string{"", "SAP", "2sap", "-sap", "sap.de", s63 + "0", "sàp", " sap"} {
			owner.Post(t, "/v1/contacts", Object{"externalIds": Object{system: "1"}}).Is(400)
			owner.Get(t, "/v1/contacts/"+escaped("ext:"+system+":1")).Refused(400, "")
		}
		owner.Post(t, "/v1/contacts", Object{"externalIds": Object{"sap": k255 + "k"}}).Invalid("externalIds.sap invalid_key")
		owner.Post(t, "/v1/contacts", Object{"externalIds": Object{"sap": "a\nb"}}).Invalid("externalIds.sap invalid_key")
		owner.Post(t, "/v1/contacts", Object{"externalIds": Object{"sap": 17}}).Invalid("externalIds.sap wrong_type")
	})
}
