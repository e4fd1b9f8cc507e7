package field_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rubrica/shared/field"
)

// TestAChangeLeavesTheOldSetAsItWas, for others work with it.
func TestAChangeLeavesTheOldSetAsItWas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := field.Set{}
		for step := range rapid.IntRange(1, 8).Draw(t, "steps") {
			before, err := json.Marshal(s, json.Deterministic(true))
			if err != nil {
				t.Fatal(err)
			}
			after, what := randomChange(t, s, step)
			if now, err := json.Marshal(s, json.Deterministic(true)); err != nil || string(now) != string(before) {
				t.Fatalf("%s changed the set itself from\n%s\nto\n%s, %v", what, before, now, err)
			}
			s = after
			holds(t, s, what)
		}
		comesBack(t, s)
	})
}

// randomChange makes some change; where it is refused the set stays.
func randomChange(t *rapid.T, s field.Set, step int) (field.Set, string) {
	all, folders := s.All(), s.Folders()
	key := rapid.SampledFrom(all).Draw(t, "field").Key
	folder := rapid.SampledFrom(folders).Draw(t, "folder").ID
	d := field.Draft{Key: fmt.Sprint("f", rapid.IntRange(0, 4).Draw(t, "key")), Type: field.Text}
	if rapid.Bool().Draw(t, "moved") {
		d.Folder = &folder
	}
	var position *int
	if rapid.Bool().Draw(t, "placed") {
		position = new(rapid.IntRange(-1, 4).Draw(t, "position")) // -1 clears it
	}
	d.Position = position
	var after field.Set
	var made field.Definition
	var err error
	what := rapid.SampledFrom([]string{"create", "update", "delete", "create folder", "update folder", "delete folder"}).Draw(t, "what")
	switch what {
	case "create":
		after, made, err = s.Create(d)
	case "update":
		after, made, err = s.Update(key, d)
	case "delete":
		after, _, err = s.Delete(key)
	case "create folder":
		after, _, err = s.CreateFolder(fmt.Sprint("new", step), fmt.Sprint("Name ", step), position)
	case "update folder":
		after, _, err = s.UpdateFolder(folder, nil, position)
	case "delete folder":
		after, _, err = s.DeleteFolder(folder)
	}
	if err != nil {
		return s, what
	}
	if made.Key != "" {
		if now, _ := after.Field(made.Key); !cmp.Equal(now, made) || position != nil && *position >= 0 && now.Position != *position {
			t.Fatalf("%s at %v: answered %+v, is %+v", what, position, made, now)
		}
	}
	return after, what
}

// holds checks what is true of every set.
func holds(t *rapid.T, s field.Set, what string) {
	folders := map[string]bool{}
	positions := map[string]bool{}
	take := func(place string) {
		if positions[place] {
			t.Fatalf("after %s two stand at %s: %+v", what, place, s)
		}
		positions[place] = true
	}
	for _, f := range s.Folders() {
		folders[f.ID] = true
		take(fmt.Sprint("folder ", f.Position))
	}
	ids := map[string]bool{}
	for _, d := range s.All() {
		if !folders[d.Folder] || ids[d.ID] || !d.Standard && !s.Knows(d.ID) {
			t.Fatalf("after %s: %+v", what, d)
		}
		ids[d.ID] = true
		take(fmt.Sprint(d.Folder, " ", d.Position))
	}
	if len(s.All()) != 26+len(s.Custom) || !slices.IsSortedFunc(s.Folders(), func(a, b field.Folder) int { return a.Position - b.Position }) {
		t.Fatalf("after %s: %+v", what, s)
	}
}

// comesBack checks that a set is the same once it was stored.
func comesBack(t *rapid.T, s field.Set) {
	encoded, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var again field.Set
	if err := json.Unmarshal(encoded, &again); err != nil || !cmp.Equal(again.All(), s.All()) || !cmp.Equal(again.Folders(), s.Folders()) {
		t.Fatalf("%s comes back otherwise: %v", encoded, err)
	}
}
