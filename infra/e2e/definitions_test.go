package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestIdempotencyOfDefinitions: a repeated call is answered as the first, also
// where it would now be refused.
func TestIdempotencyOfDefinitions(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	for i, c := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/v1/fields", Object{"key": "score", "type": "number"}},
		{"PATCH", "/v1/fields/score", Object{"label": "Points"}},
		{"PATCH", "/v1/fields/score", Object{"label": "Points"}}, // changes nothing
		{"POST", "/v1/folders", Object{"name": "Contract"}},
		{"DELETE", "/v1/fields/score", nil},
	} {
		key := fmt.Sprint("k", i)
		first := owner.Do(t, c.method, c.path, c.body, "Idempotency-Key", key)
		if first.Status >= 300 {
			t.Fatal(first)
		}
		again := owner.Do(t, c.method, c.path, c.body, "Idempotency-Key", key).Is(first.Status).HasHeader("Idempotency-Replayed", "true")
		if string(again.Body) != string(first.Body) || again.Header.Get("Location") != first.Header.Get("Location") {
			t.Errorf("%v\nand again %v", first, again)
		}
		owner.Post(t, "/v1/fields", Object{"key": "other", "type": "text"}, "Idempotency-Key", key).Refused(422, "")
	}
	owner.Post(t, "/v1/fields", Object{"key": "email", "type": "text"}, "Idempotency-Key", "free").Refused(409, "standard_field")
	owner.Post(t, "/v1/fields", Object{"key": "mail", "type": "text"}, "Idempotency-Key", "free").Is(201).HasHeader("Idempotency-Replayed", "")
	if got := len(logged(t, w, 6, "field.", "folder.")); got != 5 {
		t.Errorf("%d entries, want 5", got)
	}
	w.Verified(t)
}

// logged waits until the workspace's log has a number of entries, and returns
// those whose actions begin so, oldest first.
func logged(t testing.TB, w *Workspace, n int, actions ...string) []Object {
	t.Helper()
	var all []Object
	Eventually(t, func() error {
		all = w.Log(t)
		if len(all) < n {
			return fmt.Errorf("%d entries in the log, want %d", len(all), n)
		}
		return nil
	})
	all = slices.DeleteFunc(all, func(e Object) bool {
		return !slices.ContainsFunc(actions, func(a string) bool { return strings.HasPrefix(e.Text("action"), a) })
	})
	slices.Reverse(all)
	return all
}

// TestDefinitionsAreOfOneWorkspace: those of another are as if they were not there.
func TestDefinitionsAreOfOneWorkspace(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	us, them := service.Workspace(t).As(t, "owner"), service.Workspace(t).As(t, "owner")
	define(t, them, "score number")
	folder := them.Post(t, "/v1/folders", Object{"name": "Theirs"}).Is(201).JSON().ID()
	us.Delete(t, "/v1/fields/score").Refused(404, "")
	us.Patch(t, "/v1/fields/score", Object{"label": "x"}).Refused(404, "")
	us.Delete(t, "/v1/folders/"+folder).Refused(404, "")
	us.Post(t, "/v1/fields", Object{"key": "a", "type": "text", "folder": folder}).Invalid("folder unknown_folder")
	us.Post(t, "/v1/contacts", Object{"fields": Object{"score": 1}}).Invalid("fields.score unknown_field")
	define(t, us, "score text")
	us.Create(t, Object{"fields": Object{"score": "high"}})
	them.Create(t, Object{"fields": Object{"score": 1}})
	if len(us.All(t, "/v1/fields")) != 27 || len(us.All(t, "/v1/folders")) != 3 {
		t.Error("another workspace's definitions are listed")
	}
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
