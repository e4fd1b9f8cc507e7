package e2e

import "testing"

// TestUnsetIsAsIfItWereNotThere: on POST "" and null mean unset, inside of what a job
// selects and a merge chooses too.
func TestUnsetIsAsIfItWereNotThere(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	a, b := owner.Create(t, Object{}).ID(), owner.Create(t, Object{"firstName": "Maria"}).ID()
	define(t, owner, "score number")
	vip := Object{"field": "vip", "op": "eq", "value": false}
	for _, unset := range []any{nil, ""} {
		tag := func(selected Object) *Answer {
			t.Helper()
			return owner.Post(t, "/v1/jobs?dryRun=true", Object{"type": "tag", "tags": []string{"a"}, "select": selected})
		}
		tag(Object{"all": true, "ids": unset, "filter": unset}).Is(200).Has(Object{"total": 2})
		tag(Object{"all": unset, "ids": []string{a}, "filter": unset}).Is(200).Has(Object{"total": 1})
		tag(Object{"all": unset, "ids": unset, "filter": vip}).Is(200).Has(Object{"total": 2})
		for _, none := range []Object{{"all": unset}, {"ids": unset}, {"filter": unset}, {"all": unset, "ids": unset, "filter": unset}} {
			tag(none).Invalid("select invalid_value")
		}
		tag(Object{"all": true, "filter": unset, "some": unset}).Invalid("select.some unknown_member")

		merge := func(choose Object) *Answer {
			t.Helper()
			return owner.Post(t, "/v1/merges?dryRun=true", Object{"survivor": a, "contacts": []string{b}, "choose": choose})
		}
		if of := merge(Object{"firstName": unset, "fields.score": unset}).Is(200).JSON()["origin"].(map[string]any); of["firstName"] != b {
			t.Errorf("nothing is chosen, and the name is that of %v", of["firstName"])
		}
		merge(Object{"firstName": a, "fields.score": unset}).Is(200)
		merge(Object{"fields.none": unset}).Invalid("choose.fields.none unknown_field")
		merge(Object{"tags": unset}).Invalid("choose.tags unknown_member")
	}
}
