package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// field is the field with a key, as GET /v1/fields shows it; nil if there is none.
func field(t testing.TB, c *Client, key string) Object {
	t.Helper()
	for _, f := range c.All(t, "/v1/fields") {
		if f.Text("key") == key {
			return f
		}
	}
	return nil
}

// keys are those of the fields in a folder, in the order of GET /v1/fields.
func keys(t testing.TB, c *Client, folder string) []string {
	t.Helper()
	var all []string
	for _, f := range c.All(t, "/v1/fields") {
		if f.Text("folder") == folder {
			all = append(all, f.Text("key"))
		}
	}
	return all
}

// define makes custom fields, each "key type", of lists with the options a, b, c.
func define(t testing.TB, c *Client, fields ...string) {
	t.Helper()
	for _, f := range fields {
		key, kind, _ := strings.Cut(f, " ")
		body := Object{"key": key, "type": kind}
		if strings.HasSuffix(kind, "list") {
			body["options"] = []any{"a", "b", "c"}
		}
		c.Post(t, "/v1/fields", body).Is(201)
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	service := Serve(t)

	t.Run("OfANewWorkspaceAreTheStandardOnes", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		all := owner.All(t, "/v1/fields")
		want := map[string][]string{
			"contact":    {"firstName", "lastName", "email", "phone", "dateOfBirth", "source", "type"},
			"general":    {"businessName", "streetAddress", "city", "country", "state", "postalCode", "website", "timezone"},
			"additional": {"language", "otherEmails", "otherPhones", "externalIds", "companyId", "department", "owner", "followers", "status", "vip", "description"},
		}
		for folder, members := range want {
			if diff := cmp.Diff(members, keys(t, owner, folder)); diff != "" {
				t.Errorf("%s differs (-want +got):\n%s", folder, diff)
			}
		}
		if len(all) != 26 {
			t.Errorf("%d fields, want 26", len(all))
		}
		first := Object{"key": "firstName", "label": "First Name", "type": "text", "folder": "contact", "position": 0.0, "standard": true, "shown": true}
		if diff := cmp.Diff(first, all[0]); diff != "" {
			t.Errorf("the first differs (-want +got):\n%s", diff)
		}
		for _, f := range all {
			if f["standard"] != true || f["shown"] != true || f.Text("label") == "" {
				t.Errorf("%v", f)
			}
		}
	})

	t.Run("AreMadeChangedAndDeleted", func(t *testing.T) {
		t.Parallel()
		manager := service.Workspace(t).As(t, "manager")
		a := manager.Post(t, "/v1/fields", Object{"key": "score", "type": "number"}).Is(201).HasHeader("Location", "/v1/fields/score").HasHeader("ETag", "")
		score := Object{"key": "score", "label": "score", "type": "number", "folder": "additional", "position": 11.0, "standard": false, "shown": true}
		if diff := cmp.Diff(score, a.JSON()); diff != "" {
			t.Errorf("differs (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(score, field(t, manager, "score")); diff != "" {
			t.Errorf("listed it differs (-want +got):\n%s", diff)
		}
		manager.Post(t, "/v1/fields", Object{
			"key": "segment", "type": "list", "label": "Segment", "folder": "contact", "position": 0, "options": []any{"Private", " Business "}, "managedBy": "crm", "shown": false,
		}).Is(201).Has(Object{"label": "Segment", "folder": "contact", "position": 0, "options": []any{"Private", "Business"}, "managedBy": "crm", "shown": false})
		if got := keys(t, manager, "contact"); got[0] != "segment" || got[1] != "firstName" {
			t.Errorf("the folder contact is %v", got)
		}

		manager.Patch(t, "/v1/fields/segment", Object{"label": "Kind", "options": []any{"Business", "Public"}, "managedBy": nil, "shown": true, "folder": "general"}).Is(200).Has(Object{
			"key": "segment", "type": "list", "label": "Kind", "folder": "general", "position": 8, "options": []any{"Business", "Public"}, "managedBy": nil, "shown": true,
		})
		manager.Patch(t, "/v1/fields/segment", Object{"position": 2}, "Content-Type", "application/merge-patch+json").Is(200).Has(Object{"position": 2})
		if diff := cmp.Diff([]string{"businessName", "streetAddress", "segment", "city"}, keys(t, manager, "general")[:4]); diff != "" {
			t.Errorf("its folder differs (-want +got):\n%s", diff)
		}
		manager.Patch(t, "/v1/fields/segment", Object{"label": nil, "folder": "", "position": nil, "shown": ""}).Is(200).Has(Object{
			"label": "segment", "folder": "additional", "position": 12, "shown": true,
		})
		manager.Patch(t, "/v1/fields/phone", Object{"folder": "additional", "position": 0, "managedBy": "sap", "shown": false}).Is(200).Has(Object{
			"key": "phone", "label": "Phone", "type": "phone", "folder": "additional", "position": 0, "standard": true, "managedBy": "sap", "shown": false,
		})
		if got := keys(t, manager, "additional"); got[0] != "phone" || got[1] != "language" {
			t.Errorf("the folder additional is %v", got)
		}
		manager.Patch(t, "/v1/fields/phone", Object{"folder": nil, "position": nil, "managedBy": nil, "shown": nil, "label": "Phone"}).Is(200).Has(Object{
			"folder": "contact", "position": 3, "managedBy": nil, "shown": true,
		})

		if a := manager.Delete(t, "/v1/fields/score").Is(204); len(a.Body) > 0 {
			t.Errorf("%v", a)
		}
		if got := field(t, manager, "score"); got != nil {
			t.Errorf("it is listed after it was deleted: %v", got)
		}
		manager.Delete(t, "/v1/fields/score").Refused(404, "")
		manager.Post(t, "/v1/fields", Object{"key": "shoeSize_2", "type": "number"}).Is(201)
		manager.Create(t, Object{"fields": Object{"shoeSize_2": 42}})
		manager.Patch(t, "/v1/fields/score", Object{"label": "x"}).Refused(404, "")
	})

	t.Run("AreRefusedWithAllThatIsWrong", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		owner.Post(t, "/v1/fields", Object{}).Invalid("key required", "type required")
		owner.Post(t, "/v1/fields", Object{
			"key": "Score", "type": "integer", "label": 1, "folder": "nowhere", "position": -1, "shown": 1, "options": "x", "managedBy": strings.Repeat("m", 65), "Label": "x", "standard": true,
		}).Invalid("key invalid_key", "type invalid_choice", "label wrong_type", "folder unknown_folder", "position invalid_value", "shown wrong_type",
			"options wrong_type", "managedBy too_long", "Label unknown_member", "standard read_only")
		owner.Post(t, "/v1/fields", Object{"key": "a", "type": "list"}).Invalid("options required")
		owner.Post(t, "/v1/fields", Object{"key": "a", "type": "text", "options": []any{"x"}}).Invalid("options invalid_value")
		owner.Post(t, "/v1/fields", Object{"key": "a", "type": "multilist", "options": []any{"x", "x", ""}}).Invalid("options[1] invalid_value", "options[2] invalid_value")
		owner.Post(t, "/v1/fields", `{"key":"a","key":"b","type":"text"}`).Invalid("key duplicate_member")
		define(t, owner, "a text", "l list")
		owner.Patch(t, "/v1/fields/a", Object{"key": "b", "type": "number", "standard": true, "folder": "nowhere", "options": []any{"x"}}).Invalid(
			"key read_only", "type read_only", "standard read_only", "folder unknown_folder", "options invalid_value")
		owner.Patch(t, "/v1/fields/l", Object{"options": nil}).Invalid("options required")
		owner.Patch(t, "/v1/fields/l", Object{"options": []any{}}).Invalid("options required")
		owner.Patch(t, "/v1/fields/none", Object{"key": "b"}).Invalid("key read_only") // the body comes before what the path names
		owner.Get(t, "/v1/fields?limit=5").Invalid("limit unknown_parameter")
		owner.Post(t, "/v1/fields", `{}`, "Content-Type", "application/merge-patch+json").Refused(415, "")
		if got := field(t, owner, "a"); got.Text("label") != "a" || got.Text("folder") != "additional" {
			t.Errorf("a refused change left %v", got)
		}
	})

	t.Run("ConflictWithWhatIsThere", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		define(t, owner, "score number")
		owner.Post(t, "/v1/fields", Object{"key": "score", "type": "text"}).Refused(409, "field_exists")
		for _, key := range []string{"email", "phone", "city", "status", "vip", "type", "firstName", "dateOfBirth", "externalIds"} {
			owner.Post(t, "/v1/fields", Object{"key": key, "type": "text"}).Refused(409, "standard_field")
			owner.Delete(t, "/v1/fields/"+key).Refused(409, "standard_field")
			owner.Patch(t, "/v1/fields/"+key, Object{"label": "Other"}).Refused(409, "standard_field")
		}
		for _, member := range []string{"id", "name", "tags", "fields", "blocked", "createdAt", "mergedIds"} {
			owner.Post(t, "/v1/fields", Object{"key": member, "type": "text"}).Refused(409, "standard_field")
		}
		owner.Patch(t, "/v1/fields/status", Object{"options": []any{"active", "gone"}}).Refused(409, "standard_field")
		if log := logged(t, w, 2, "field.", "folder."); len(log) != 1 {
			t.Errorf("refused changes are in the log: %v", log)
		}
	})

	t.Run("AreTwoHundredAtMost", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		id := owner.Create(t, Object{}).ID()
		values := Object{}
		var wg sync.WaitGroup
		for worker := range 4 { // who come in each other's way
			wg.Go(func() {
				for i := range 50 {
					key := fmt.Sprintf("f%d_%d", worker, i)
					a, err := patient(func(int) (*Answer, error) {
						return owner.Try(t.Context(), "POST", "/v1/fields", Object{"key": key, "type": "number"}, "Idempotency-Key", key)
					})(i)
					if err != nil || a.Status != 201 {
						t.Errorf("%v, %v", a, err)
					}
				}
			})
			for i := range 50 {
				values[fmt.Sprintf("f%d_%d", worker, i)] = i
			}
		}
		wg.Wait()
		owner.Post(t, "/v1/fields", Object{"key": "more", "type": "number"}).Refused(409, "too_many_fields")
		owner.Patch(t, "/v1/contacts/"+id, Object{"fields": values}).Is(200).Has(Object{"fields": values})
		owner.Delete(t, "/v1/fields/f0_0").Is(204)
		define(t, owner, "more number")
	})

	t.Run("AreDefinedBySeveralAtOnce", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		var mu sync.Mutex
		statuses := map[string]int{}
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				a, err := owner.Try(t.Context(), "POST", "/v1/fields", Object{"key": fmt.Sprintf("same_%d", i%4), "type": "text", "position": 0})
				if err != nil {
					t.Error(err)
					return
				}
				code := ""
				if a.Status == 409 {
					a.t = t
					code = a.JSON().Text("code")
				}
				mu.Lock()
				defer mu.Unlock()
				statuses[fmt.Sprint(a.Status, code)]++
			})
		}
		wg.Wait()
		if diff := cmp.Diff(map[string]int{"201": 4, "409field_exists": 12}, statuses); diff != "" {
			t.Errorf("16 calls make 4 fields (-want +got):\n%s", diff)
		}
		positions := map[any]bool{}
		for _, f := range owner.All(t, "/v1/fields") {
			if f.Text("folder") == "additional" {
				positions[f["position"]] = true
			}
		}
		if len(positions) != 11+4 {
			t.Errorf("15 fields have %d positions", len(positions))
		}
		if got := len(logged(t, w, 5, "field.")); got != 4 {
			t.Errorf("%d entries, want 4", got)
		}
		w.Verified(t)
	})
}
