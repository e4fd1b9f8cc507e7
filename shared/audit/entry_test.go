package audit_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/seal"
)

func TestSealedValuesComeOutAsTheyWere(t *testing.T) {
	t.Parallel()
	e := audit.Entry{ID: "01M7ZFRV2X5NN2CA7MKF0E9CV0", Subject: "01M7ZFRV2W3FX7HYXMWVHNQK81", Version: 2, Action: audit.ContactUpdated}
	key := seal.NewKey()
	err := e.Seal(audit.Values{
		Changes: []contact.Change{
			{Field: "city", From: "Torino", To: "Roma"},
			{Field: "email", To: "maria@example.it"},
			{Field: "phone", From: "+393514117320"},
			{Field: "followers", From: []string{"a"}, To: []string{"a", "b"}},
			{Field: "vip", From: false, To: true},
		},
		Detail: map[string]any{"into": "other"},
	}, key)
	if err != nil {
		t.Fatal(err)
	}
	view := e.View(audit.Keys{e.Subject: key})
	want := []audit.ChangeView{
		{Field: "city", From: []byte(`"Torino"`), To: []byte(`"Roma"`)},
		{Field: "email", To: []byte(`"maria@example.it"`)},
		{Field: "phone", From: []byte(`"+393514117320"`)},
		{Field: "followers", From: []byte(`["a"]`), To: []byte(`["a","b"]`)},
		{Field: "vip", From: []byte("false"), To: []byte("true")},
	}
	if diff := cmp.Diff(want, view.Changes); diff != "" {
		t.Error(diff)
	}
	if string(view.Detail) != `{"into":"other"}` {
		t.Errorf("detail %s", view.Detail)
	}

	another := e
	another.ID = "01M7ZFRV2X5NN2CA7MKF0E9CV1"
	renamed := e
	renamed.Members = []string{"state", "email", "phone", "followers", "vip"}
	for name, c := range map[string]struct {
		entry audit.Entry
		key   seal.Key
	}{
		"WithoutTheKey": {e, seal.Key{}}, "WithAnotherKey": {e, seal.NewKey()},
		"AsAnotherEntry": {another, key}, "UnderOtherNames": {renamed, key},
	} {
		keys := audit.Keys{e.Subject: c.key}
		if c.entry.Opens(keys) {
			t.Errorf("%s: opens", name)
		}
		for _, change := range c.entry.View(keys).Changes {
			if !change.Erased || change.From != nil || change.To != nil {
				t.Errorf("%s: %+v", name, change)
			}
		}
	}
}

func TestAnEntryWithoutValuesHasNothingSealed(t *testing.T) {
	t.Parallel()
	e := audit.Entry{ID: "01M7ZFRV2X5NN2CA7MKF0E9CV0", Subject: "token:x", Action: audit.TokenDeleted}
	if err := e.Seal(audit.Values{}, seal.NewKey()); err != nil || e.Sealed != "" {
		t.Errorf("%q, %v", e.Sealed, err)
	}
	if v := e.View(nil); v.Changes == nil || len(v.Changes) != 0 {
		t.Errorf("changes %v, want an empty list", v.Changes)
	}
}
