package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPatchContact(t *testing.T) {
	t.Parallel()
	owner := Owner(t)
	whole := Object{
		"firstName": "Maria", "lastName": "Rossi", "email": "maria@example.it", "phone": "+393514117320",
		"otherEmails": []any{"m.rossi@example.com"}, "otherPhones": []any{"+390612345678"}, "dateOfBirth": "1990-04-01",
		"source": "web form", "type": "lead", "businessName": "Rossi srl", "streetAddress": "Via Po 1", "city": "Torino", "state": "TO",
		"postalCode": "10124", "country": "FR", "website": "https://rossi.example", "timezone": "Europe/Rome", "language": "it",
		"department": "Acquisti", "description": "One\nTwo", "owner": "user_7", "followers": []any{"user_9"}, "status": "inactive", "vip": true,
	}

	t.Run("ChangesOneMemberAndNoOther", func(t *testing.T) {
		t.Parallel()
		before := owner.Create(t, whole)
		a := owner.Patch(t, "/v1/contacts/"+before.ID(), Object{"city": "Milano"}).Is(200).HasHeader("ETag", `"2"`)
		after := a.JSON()
		if after.Text("updatedAt") < before.Text("updatedAt") {
			t.Errorf("updatedAt went back from %s to %s", before["updatedAt"], after["updatedAt"])
		}
		before["city"], before["version"], before["updatedAt"] = "Milano", 2.0, after["updatedAt"]
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("differs (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(after, owner.Contact(t, before.ID())); diff != "" {
			t.Errorf("what is read differs (-answered +read):\n%s", diff)
		}
	})

	t.Run("ClearsWithNullAndWithEmptyText", func(t *testing.T) {
		t.Parallel()
		for _, clear := range []any{nil, ""} {
			id := owner.Create(t, whole).ID()
			version := 1.0
			for member := range whole {
				version++
				want := Object{member: nil, "version": version}
				switch member {
				case "status":
					want[member] = "active"
				case "vip":
					want[member] = false
				}
				owner.Patch(t, "/v1/contacts/"+id, Object{member: clear}).Is(200).Has(want)
			}
			got := owner.Contact(t, id)
			want := Object{
				"id": id, "version": version, "name": "", "tags": []any{}, "fields": map[string]any{}, "status": "active", "vip": false,
				"blocked": false, "createdAt": got["createdAt"], "updatedAt": got["updatedAt"],
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("cleared with %v: differs (-want +got):\n%s", clear, diff)
			}
		}
	})

	t.Run("ThatChangesNothingWritesNothing", func(t *testing.T) {
		t.Parallel()
		before := owner.Create(t, whole)
		path := "/v1/contacts/" + before.ID()
		for _, patch := range []Object{
			{}, whole, {"city": " Torino "}, {"department": "Acquisti", "companyId": nil}, {"otherEmails": []any{"m.rossi@example.com", "MARIA@example.it"}},
			{"externalIds": Object{"none": nil}}, {"fields": Object{}},
		} {
			a := owner.Patch(t, path, patch).Is(200).HasHeader("ETag", `"1"`)
			if diff := cmp.Diff(before, a.JSON()); diff != "" {
				t.Errorf("patch %v: differs (-before +after):\n%s", patch, diff)
			}
		}
		if entries := owner.All(t, path+"/audit"); len(entries) != 1 {
			t.Errorf("%d entries, want 1: %v", len(entries), entries)
		}
		// A spelling is a value.
		owner.Patch(t, path, Object{"email": "Maria@Example.it"}).Is(200).Has(Object{"version": 2.0, "email": "Maria@Example.it"})
	})

	t.Run("RefusesReadOnlyMembersAndTags", func(t *testing.T) {
		t.Parallel()
		path := "/v1/contacts/" + owner.Create(t, Object{}).ID()
		for _, member := range append([]string{"tags"}, readOnly...) {
			for _, value := range []any{"x", nil, 1, []any{}, Object{}} {
				owner.Patch(t, path, Object{member: value}).Invalid(member + " read_only")
			}
		}
	})

	t.Run("ReplacesListsWhole", func(t *testing.T) {
		t.Parallel()
		path := "/v1/contacts/" + owner.Create(t, Object{"otherEmails": addresses(3), "followers": users(3)}).ID()
		owner.Patch(t, path, Object{"otherEmails": []any{"a1@example.com", "z@example.com"}, "followers": []any{"user_2"}}).Is(200).
			Has(Object{"otherEmails": []any{"a1@example.com", "z@example.com"}, "followers": []any{"user_2"}})
		owner.Patch(t, path, Object{"otherEmails": []any{}, "followers": nil}).Is(200).Has(Object{"otherEmails": nil, "followers": nil})
	})

	t.Run("NeedsAContact", func(t *testing.T) {
		t.Parallel()
		owner.Patch(t, "/v1/contacts/01JD3QZZZZZZZZZZZZZZZZZZZ0", Object{}).Refused(404, "")
		owner.Patch(t, "/v1/contacts/email:none@example.com", Object{"city": "Roma"}).Refused(404, "")
		owner.Patch(t, "/v1/contacts/email:none@example.com", Object{"city": 1}).Invalid("city wrong_type")
	})
}
