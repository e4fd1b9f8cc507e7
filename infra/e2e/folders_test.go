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
