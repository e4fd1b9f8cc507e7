package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReferencesInPaths(t *testing.T) {
	t.Parallel()
	owner := Owner(t)
	const absent = "01JD3QZZZZZZZZZZZZZZZZZZZ0"

	t.Run("ThatAreNoneAreRefused", func(t *testing.T) {
		t.Parallel()
		for ref, status := range map[string]int{
			absent: 404, "id:" + absent: 404, "nobody": 404, "id:nobody": 404, strings.ToLower(absent): 404, "fax:12": 404, "8" + absent[1:]: 404,
			"email:nobody@example.com": 404, "phone:+393514117320": 404, "ext:sap:K-17": 404, "ext:sap:a:b:c": 404,
			"email:nobody": 400, "email:": 400, "phone:12": 400, "phone:": 400, "phone:3514117320": 400, "ext:": 400, "ext:SAP:1": 400,
			"ext:sap:": 400, "ext:sap": 400, "email:a b@example.com": 400, "phone: 393514117320": 400, "email:\xff@example.com": 400,
			"/../": 404, "..": 404, "\x00": 404, "ext:sap:\x00": 400, "phone:+39351411732\x00": 400, "email:a\x00@example.com": 400,
		} {
			path := "/v1/contacts/" + escaped(ref)
			owner.Get(t, path).Refused(status, "")
			owner.Get(t, path+"/audit").Refused(status, "")
			owner.Patch(t, path, Object{}).Refused(status, "")
			owner.Delete(t, path).Refused(status, "")
			owner.Put(t, path+"/followers/user_1", nil).Refused(status, "")
			if status == 400 {
				owner.Put(t, path, Object{}).Refused(400, "")
			}
		}
		owner.Put(t, "/v1/contacts/"+absent, Object{}).Is(400).Refused(400, "")
	})

	t.Run("ArePercentEncoded", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			body  Object
			paths []string
		}{
			{Object{"email": "müller+x@bücher.example"}, []string{"email:müller+x@bücher.example", "email%3Am%C3%BCller%2Bx%40b%C3%BCcher.example"}},
			{Object{"phone": "+33612345678"}, []string{"phone:+33612345678", "phone%3a%2b33612345678"}},
			{Object{"externalIds": Object{"sap": "a/b c?d#e%f:g"}}, []string{"ext:sap:a%2Fb%20c%3Fd%23e%25f:g", "ext%3Asap%3Aa%2fb%20c%3Fd%23e%25f%3Ag"}},
			{Object{"externalIds": Object{"sap": "//a/../b/."}}, []string{"ext:sap:%2F%2Fa%2F..%2Fb%2F.", "ext:sap:%2F%2Fa%2F%2E%2E%2Fb%2F%2E"}},
			{Object{"externalIds": Object{"web": "山"}}, []string{"ext:web:山", "ext:web:%E5%B1%B1"}},
			{Object{"email": "a/b@example.com"}, []string{"email:a%2Fb@example.com"}},
		} {
			id := owner.Create(t, c.body).ID()
			for _, p := range c.paths {
				if got := owner.Get(t, "/v1/contacts/"+p).Is(200).JSON().ID(); got != id {
					t.Errorf("%s finds %s, want %s", p, got, id)
				}
				owner.Patch(t, "/v1/contacts/"+p, Object{"city": "Roma"}).Is(200)
			}
		}
	})

	t.Run("FitSeveralContacts", func(t *testing.T) {
		t.Parallel()
		var ids []string
		for _, body := range []Object{
			{"email": "same@example.com"}, {"otherEmails": []any{"SAME@example.com"}}, {"email": "Same@example.com", "vip": true},
		} {
			ids = append(ids, owner.Create(t, body).ID())
		}
		if !slices.IsSorted(ids) {
			t.Errorf("ids do not rise with time: %v", ids)
		}
		const path = "/v1/contacts/email:same@example.com"
		want := []any{ids[0], ids[1], ids[2]}
		for _, a := range []*Answer{
			owner.Get(t, path), owner.Get(t, path+"/audit"), owner.Patch(t, path, Object{"city": "Roma"}), owner.Delete(t, path),
			owner.Put(t, path+"/followers/user_1", nil), owner.Delete(t, path+"/followers/user_1"),
			owner.Put(t, path+"/identities/email:x@example.com", nil), owner.Delete(t, path+"/identities/email:x@example.com"),
			owner.Patch(t, path, Object{}, "If-Match", `"7"`),
		} {
			if diff := cmp.Diff(want, a.Refused(409, "ambiguous_identity")["contacts"]); diff != "" {
				t.Errorf("%v\ncontacts differ (-want +got):\n%s", a, diff)
			}
		}
		// What is wrong with the body comes first; an upsert takes the oldest.
		owner.Patch(t, path, Object{"vip": 1}).Invalid("vip wrong_type")
		owner.Put(t, path, Object{"city": "Roma"}).Is(200).Has(Object{"id": ids[0]})
		owner.Delete(t, "/v1/contacts/"+ids[0]).Is(204)
		owner.Put(t, path, Object{"city": "Roma"}).Is(200).Has(Object{"id": ids[1]})
		owner.Delete(t, "/v1/contacts/"+ids[1]).Is(204)
		owner.Get(t, path).Is(200).Has(Object{"id": ids[2]})
	})
}
