package e2e

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// folderNames are those of GET /v1/folders, in its order.
func folderNames(t testing.TB, c *Client) []string {
	t.Helper()
	var all []string
	for _, f := range c.All(t, "/v1/folders") {
		all = append(all, f.Text("name"))
	}
	return all
}

func TestFolders(t *testing.T) {
	t.Parallel()
	service := Serve(t)

	t.Run("AreMadeRenamedMovedAndDeleted", func(t *testing.T) {
		t.Parallel()
		manager := service.Workspace(t).As(t, "manager")
		order := func(want ...string) {
			t.Helper()
			if diff := cmp.Diff(want, folderNames(t, manager)); diff != "" {
				t.Errorf("folders differ (-want +got):\n%s", diff)
			}
		}
		order("Contact", "General Info", "Additional Info")
		made := manager.Post(t, "/v1/folders", Object{"name": "  Contract "}).Is(201)
		folder := made.Has(Object{"name": "Contract", "position": 3})
		id := folder.ID()
		made.HasHeader("Location", "/v1/folders/"+id)
		path := "/v1/folders/" + id
		manager.Post(t, "/v1/folders", Object{"name": "Visits", "position": 0}).Is(201).Has(Object{"position": 0})
		order("Visits", "Contact", "General Info", "Additional Info", "Contract")
		manager.Patch(t, path, Object{"name": "Deal", "position": 1}).Is(200).Has(Object{"id": id, "name": "Deal", "position": 1})
		order("Visits", "Deal", "Contact", "General Info", "Additional Info")
		manager.Patch(t, "/v1/folders/contact", Object{"position": 100, "name": "Contact"}).Is(200).Has(Object{"id": "contact", "position": 100, "standard": true})
		order("Visits", "Deal", "General Info", "Additional Info", "Contact")
		manager.Patch(t, "/v1/folders/contact", Object{"position": nil}).Is(200).Has(Object{"position": 0})
		order("Contact", "Visits", "Deal", "General Info", "Additional Info")
		manager.Patch(t, path, Object{"position": ""}).Is(200)
		order("Contact", "Visits", "General Info", "Additional Info", "Deal")
		manager.Patch(t, path, Object{"name": "DEAL"}).Is(200).Has(Object{"name": "DEAL"})
		manager.Delete(t, path).Is(204)
		order("Contact", "Visits", "General Info", "Additional Info")
		manager.Delete(t, path).Refused(404, "")
		manager.Patch(t, path, Object{"name": "x"}).Refused(404, "")
	})

	t.Run("AreRefused", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		for _, body := range []any{Object{}, Object{"name": nil}, Object{"name": "  "}} {
			owner.Post(t, "/v1/folders", body).Invalid("name required")
		}
		owner.Post(t, "/v1/folders", Object{"name": "a\nb", "position": -1, "id": "x", "standard": true, "Name": "x"}).Invalid(
			"name control_character", "position invalid_value", "id read_only", "standard read_only", "Name unknown_member")
		id := owner.Post(t, "/v1/folders", Object{"name": "Straße"}).Is(201).JSON().ID()
		owner.Patch(t, "/v1/folders/"+id, Object{"name": ""}).Invalid("name required")
		owner.Post(t, "/v1/folders", Object{"name": "STRAßE"}).Refused(409, "folder_exists")
		owner.Post(t, "/v1/folders", Object{"name": "general info"}).Refused(409, "folder_exists")
		owner.Patch(t, "/v1/folders/"+id, Object{"name": "Contact"}).Refused(409, "folder_exists")
		for _, standard := range []string{"contact", "general", "additional"} {
			owner.Patch(t, "/v1/folders/"+standard, Object{"name": "Other"}).Refused(409, "standard_folder")
			owner.Delete(t, "/v1/folders/"+standard).Refused(409, "standard_folder")
		}
		for i := range 49 {
			owner.Post(t, "/v1/folders", Object{"name": fmt.Sprint(i)}).Is(201)
		}
		owner.Post(t, "/v1/folders", Object{"name": "more"}).Invalid("name too_many")
	})

	t.Run("ThatHoldFieldsStay", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		path := "/v1/folders/" + owner.Post(t, "/v1/folders", Object{"name": "Contract"}).Is(201).JSON().ID()
		id := path[len("/v1/folders/"):]
		owner.Post(t, "/v1/fields", Object{"key": "score", "type": "number", "folder": id, "shown": false}).Is(201)
		owner.Delete(t, path).Refused(409, "folder_not_empty")
		owner.Patch(t, "/v1/fields/email", Object{"folder": id}).Is(200)
		owner.Delete(t, "/v1/fields/score").Is(204)
		owner.Delete(t, path).Refused(409, "folder_not_empty")
		owner.Patch(t, "/v1/fields/email", Object{"folder": nil}).Is(200)
		owner.Delete(t, path).Is(204)
		owner.Post(t, "/v1/fields", Object{"key": "score", "type": "number", "folder": id}).Invalid("folder unknown_folder")
	})
}

// TestDefinitionsAreAudited: what was done to fields and folders, and by whom, in
// one sequence of versions without a gap.
func TestDefinitionsAreAudited(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	manager := w.As(t, "manager", Sub("user_5"))
	folder := manager.Post(t, "/v1/folders", Object{"name": "Contract"}).Is(201).JSON().ID()
	manager.Patch(t, "/v1/folders/"+folder, Object{"name": "Deal", "position": 0}).Is(200)
	manager.Post(t, "/v1/fields", Object{"key": "segment", "type": "list", "options": []any{"a"}, "managedBy": "crm"}).Is(201)
	manager.Patch(t, "/v1/fields/segment", Object{"options": []any{"b", "a"}, "shown": false, "managedBy": nil, "folder": folder}).Is(200)
	manager.Patch(t, "/v1/fields/segment", Object{"options": []any{"b", "a"}, "shown": false}).Is(200) // nothing
	manager.Patch(t, "/v1/folders/"+folder, Object{"name": "Deal"}).Is(200)                            // nothing
	manager.Patch(t, "/v1/fields/phone", Object{"position": 0}).Is(200)
	manager.Delete(t, "/v1/fields/segment").Is(204)
	manager.Delete(t, "/v1/folders/"+folder).Is(204)

	type entry struct {
		version        int
		action, detail string
		changes        map[string][2]any
	}
	field := "map[field:segment]"
	want := []entry{
		{1, "folder.created", "map[folder:" + folder + "]", map[string][2]any{"name": {nil, "Contract"}, "position": {nil, 3.0}}},
		{2, "folder.updated", "map[folder:" + folder + "]", map[string][2]any{"name": {"Contract", "Deal"}, "position": {3.0, 0.0}}},
		{3, "field.created", field, map[string][2]any{
			"label": {nil, "segment"}, "type": {nil, "list"}, "folder": {nil, "additional"}, "position": {nil, 11.0}, "options": {nil, []any{"a"}}, "managedBy": {nil, "crm"}, "shown": {nil, true},
		}},
		{4, "field.updated", field, map[string][2]any{
			"options": {[]any{"a"}, []any{"b", "a"}}, "managedBy": {"crm", nil}, "shown": {true, false}, "folder": {"additional", folder}, "position": {11.0, 0.0},
		}},
		{5, "field.updated", "map[field:phone]", map[string][2]any{"position": {3.0, 0.0}}},
		{6, "field.deleted", field, map[string][2]any{
			"label": {"segment", nil}, "type": {"list", nil}, "folder": {folder, nil}, "position": {0.0, nil}, "options": {[]any{"b", "a"}, nil}, "shown": {false, nil},
		}},
		{7, "folder.deleted", "map[folder:" + folder + "]", map[string][2]any{"name": {"Deal", nil}, "position": {0.0, nil}}},
	}
	var got []entry
	for _, e := range logged(t, w, 8, "field.", "folder.") {
		got = append(got, entry{e.Version(), e.Text("action"), fmt.Sprint(e["detail"]), changes(t, e)})
		if actor := fmt.Sprint(e["actor"]); actor != "map[id:user_5 type:user]" || e["contactId"] != nil || e.Text("requestId") == "" {
			t.Errorf("the entry is %v", e)
		}
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(entry{})); diff != "" {
		t.Errorf("entries differ (-want +got):\n%s", diff)
	}
	for _, action := range []string{"field.updated", "folder.created"} {
		for _, e := range manager.All(t, "/v1/audit?action="+action) {
			if e.Text("action") != action {
				t.Errorf("%s among entries of %s", e.Text("action"), action)
			}
		}
	}
	w.Verified(t)
}
