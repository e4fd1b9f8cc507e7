package record_test

import (
	"testing"

	"rubrica/shared/table/dynamo/record"
)

func TestChange(t *testing.T) {
	t.Parallel()
	image := map[string]string{"pk": "acme/contacts/0", "sk": "01J", "_out": "audit,reindex"}
	silent := map[string]string{"pk": "acme/contacts/0", "sk": "01J"}
	foreign := map[string]string{"pk": "No Workspace/x", "sk": "1", "_out": "audit"}
	for name, tc := range map[string]struct {
		event  string
		image  map[string]string
		want   bool
		failed bool
	}{
		"Insert":        {"INSERT", image, true, false},
		"Modify":        {"MODIFY", image, true, false},
		"Remove":        {"REMOVE", image, false, false},
		"NoImage":       {"INSERT", nil, false, false},
		"WithoutAnOut":  {"MODIFY", silent, false, false},
		"OfNoWorkspace": {"INSERT", foreign, false, true},
		"AnotherEvent":  {"ARCHIVE", image, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			change, ok, err := record.Change(tc.event, func(name string) string { return tc.image[name] })
			if ok != tc.want || (err != nil) != tc.failed {
				t.Fatalf("%+v, %t, %v", change, ok, err)
			}
			if ok && (change.Key.PK() != image["pk"] || change.Key.SK() != image["sk"] || change.Out != image["_out"]) {
				t.Errorf("change = %+v", change)
			}
		})
	}
}
