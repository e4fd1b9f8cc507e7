package audit_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/seal"
	"rubrica/shared/tenant"
)

// TestSharedChangesNeedAllTheirKeys: what is shared is erased with any of those
// whose values may be in it, and nothing else is.
func TestSharedChangesNeedAllTheirKeys(t *testing.T) {
	t.Parallel()
	const a, b, c = "01M7ZFRV2W3FX7HYXMWVHNQK81", "01M7ZFRV2W3FX7HYXMWVHNQK82", "01M7ZFRV2W3FX7HYXMWVHNQK83"
	keys := audit.Keys{a: seal.NewKey(), b: seal.NewKey(), c: seal.NewKey()}
	e := audit.Entry{ID: "01M7ZFRV2X5NN2CA7MKF0E9CV0", Subject: a, Version: 2, Action: audit.ContactMerged}
	err := e.Seal(audit.Values{
		Changes: []contact.Change{{Field: "email", To: "b@example.it"}, {Field: "city", From: "Torino", To: "Roma"}, {Field: "tags", From: []string{"x"}}},
		Detail:  map[string]any{"merge": "m"},
		Shared: audit.Shared{
			Keys: map[string]seal.Key{b: keys[b], c: keys[c]},
			Has:  func(member string) bool { return member != "city" },
		},
	}, keys[a])
	if err != nil {
		t.Fatal(err)
	}
	place, _ := audit.Places(tenant.Workspace{}, &e)
	row := e.Row(place, time.Time{})
	if e, err = audit.Decode(row); err != nil || row.Schema != audit.Schema {
		t.Fatalf("schema %d, %v", row.Schema, err)
	}
	city := audit.ChangeView{Field: "city", From: []byte(`"Torino"`), To: []byte(`"Roma"`)}
	erased := func(member string) audit.ChangeView { return audit.ChangeView{Field: member, Erased: true} }
	for name, test := range map[string]struct {
		keys   audit.Keys
		opens  bool
		detail string
		want   []audit.ChangeView
	}{
		"all": {keys, true, `{"merge":"m"}`, []audit.ChangeView{
			{Field: "email", To: []byte(`"b@example.it"`)}, city, {Field: "tags", From: []byte(`["x"]`)},
		}},
		"one of the others is erased": {audit.Keys{a: keys[a], c: keys[c]}, true, `{"merge":"m"}`, []audit.ChangeView{erased("email"), city, erased("tags")}},
		"a key is another":            {audit.Keys{a: keys[a], b: seal.NewKey(), c: keys[c]}, false, `{"merge":"m"}`, []audit.ChangeView{erased("email"), city, erased("tags")}},
		"the subject is erased":       {audit.Keys{b: keys[b], c: keys[c]}, false, "", []audit.ChangeView{erased("email"), erased("city"), erased("tags")}},
	} {
		view := e.View(test.keys)
		if diff := cmp.Diff(test.want, view.Changes); diff != "" || string(view.Detail) != test.detail {
			t.Errorf("%s: detail %s\n%s", name, view.Detail, diff)
		}
		if e.Opens(test.keys) != test.opens {
			t.Errorf("%s: opens is not %v", name, test.opens)
		}
	}
	if found := e.WithoutValues(); found.Shared != "" || found.Others != nil || found.Members != nil {
		t.Errorf("the workspace's log has %+v", found)
	}
}
