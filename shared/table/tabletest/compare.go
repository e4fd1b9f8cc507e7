package tabletest

import (
	"reflect"
	"testing"

	"github.com/go-json-experiment/json"

	"rubrica/shared/table"
)

// mustEqualRow demands the same row, where documents may be written differently.
func mustEqualRow(t *testing.T, got, want table.Row) {
	t.Helper()
	mustEqualJSON(t, got.Doc, string(want.Doc))
	if got.Key != want.Key || got.Rev != want.Rev || got.Schema != want.Schema || got.Out != want.Out ||
		got.Count != want.Count || !got.Expires.Equal(want.Expires) {
		t.Errorf("row %+v, want %+v", got, want)
	}
}

// mustEqualJSON demands the same value; members may come in any order and
// numbers in any form. "" is no document.
func mustEqualJSON(t *testing.T, got []byte, want string) {
	t.Helper()
	if len(got) == 0 || want == "" {
		if string(got) != want {
			t.Errorf("document %s, want %s", got, want)
		}
		return
	}
	if !reflect.DeepEqual(decoded(t, got), decoded(t, []byte(want))) {
		t.Errorf("document %s, want %s", got, want)
	}
}

func decoded(t *testing.T, doc []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(doc, &v); err != nil {
		t.Fatalf("document %q: %v", doc, err)
	}
	return v
}
