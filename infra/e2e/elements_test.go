package e2e

import "testing"

// TestWrongElementsAreNotMissing: a list whose elements are all of a wrong type is
// told of them alone, not of missing as well.
func TestWrongElementsAreNotMissing(t *testing.T) {
	t.Parallel()
	owner := Owner(t)
	a := owner.Create(t, Object{}).ID()
	owner.Post(t, "/v1/merges", Object{"survivor": a, "contacts": []any{5}}).Invalid("contacts[0] wrong_type")
	owner.Post(t, "/v1/merges", Object{"survivor": a, "contacts": []any{5, a}}).Invalid("contacts[0] wrong_type", "contacts[1] survivor")
	owner.Post(t, "/v1/merges", Object{"survivor": a, "contacts": []any{}}).Invalid("contacts required")
	owner.Post(t, "/v1/jobs", Object{"type": "unblock", "select": Object{"ids": []any{5, nil}}}).Invalid("select.ids[0] wrong_type", "select.ids[1] wrong_type")
	owner.Post(t, "/v1/jobs", Object{"type": "unblock", "select": Object{"ids": []any{}}}).Invalid("select.ids required")
	owner.Post(t, "/v1/jobs", Object{"type": "tag", "tags": []any{5}, "select": Object{"all": true}}).Invalid("tags[0] wrong_type")
	owner.Post(t, "/v1/fields", Object{"key": "kind", "type": "list", "options": []any{5}}).Invalid("options[0] wrong_type")
	owner.Post(t, "/v1/fields", Object{"key": "kind", "type": "list", "options": []any{}}).Invalid("options required")
	define(t, owner, "kind list")
	owner.Patch(t, "/v1/fields/kind", Object{"options": []any{5}}).Invalid("options[0] wrong_type")
	owner.Post(t, "/v1/contacts/"+a+"/tags", Object{"tags": []any{5}}).Invalid("tags[0] wrong_type")
}
