package field_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rubrica/shared/field"
	"rubrica/shared/problem"
)

// names are those of the folders in their order.
func names(s field.Set) []string {
	var all []string
	for _, f := range s.Folders() {
		all = append(all, f.Name)
	}
	return all
}

func TestFolders(t *testing.T) {
	t.Parallel()
	var s field.Set
	check := func(what string, err error, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, names(s)); err != nil || diff != "" {
			t.Errorf("%s: %v; folders differ (-want +got):\n%s", what, err, diff)
		}
	}
	check("at first", nil, "Contact", "General Info", "Additional Info")
	s, made, err := s.CreateFolder("a", "Contract", nil)
	check("made", err, "Contact", "General Info", "Additional Info", "Contract")
	if made != (field.Folder{ID: "a", Name: "Contract", Position: 3}) {
		t.Errorf("made %+v", made)
	}
	s, _, err = s.CreateFolder("b", "Visits", new(1))
	check("made in between", err, "Contact", "Visits", "General Info", "Additional Info", "Contract")
	s, moved, err := s.UpdateFolder("a", nil, new(0))
	check("moved to the front", err, "Contract", "Contact", "Visits", "General Info", "Additional Info")
	if moved.Position != 0 {
		t.Errorf("moved to %+v", moved)
	}
	s, _, err = s.UpdateFolder("contact", nil, new(9))
	check("a default one moved", err, "Contract", "Visits", "General Info", "Additional Info", "Contact")
	s, _, err = s.UpdateFolder("b", new("VISITS"), nil)
	check("renamed in another case", err, "Contract", "VISITS", "General Info", "Additional Info", "Contact")
	s, _, err = s.UpdateFolder("contact", new("Contact"), new(-1))
	check("moved back", err, "Contact", "Contract", "VISITS", "General Info", "Additional Info")
	s, _, err = s.UpdateFolder("a", nil, new(-1))
	check("moved to the end", err, "Contact", "VISITS", "General Info", "Additional Info", "Contract")
	if same, _, err := s.UpdateFolder("a", new("Contract"), new(moveOf(s, "a"))); err != nil || !cmp.Equal(same.Folders(), s.Folders()) {
		t.Errorf("moved to where it is: %v, %v", names(same), err)
	}

	for name, c := range map[string]struct {
		err  error
		code string
	}{
		"a taken name":               {last(s.CreateFolder("c", "contract", nil)), "folder_exists"},
		"a default one's name":       {last(s.CreateFolder("c", "GENERAL INFO", nil)), "folder_exists"},
		"renamed to a taken name":    {last(s.UpdateFolder("a", new("visits"), nil)), "folder_exists"},
		"renaming a default one":     {last(s.UpdateFolder("contact", new("Person"), nil)), "standard_folder"},
		"its name in another case":   {last(s.UpdateFolder("contact", new("CONTACT"), nil)), "standard_folder"},
		"deleting a default one":     {last(s.DeleteFolder("additional")), "standard_folder"},
		"changing what is not there": {last(s.UpdateFolder("c", new("x"), nil)), "not_found"},
		"deleting what is not there": {last(s.DeleteFolder("c")), "not_found"},
	} {
		if !problem.HasCode(c.err, c.code) {
			t.Errorf("%s: %v, want %s", name, c.err, c.code)
		}
	}

	s = create(t, s, `{"key":"score","type":"number","folder":"a"}`)
	if err := last(s.DeleteFolder("a")); !problem.HasCode(err, "folder_not_empty") {
		t.Errorf("deleting one that holds a field: %v", err)
	}
	hidden := update(t, s, "score", `{"shown":false}`)
	if err := last(hidden.DeleteFolder("a")); !problem.HasCode(err, "folder_not_empty") {
		t.Errorf("deleting one that holds a hidden field: %v", err)
	}
	s = update(t, s, "score", `{"folder":"contact"}`)
	s = update(t, s, "email", `{"folder":"a"}`)
	if err := last(s.DeleteFolder("a")); !problem.HasCode(err, "folder_not_empty") {
		t.Errorf("deleting one that holds a standard field: %v", err)
	}
	s = update(t, s, "email", `{"folder":null}`)
	s, _, err = s.DeleteFolder("a")
	check("deleted", err, "Contact", "VISITS", "General Info", "Additional Info")
}

func last(_ field.Set, _ field.Folder, err error) error { return err }

func moveOf(s field.Set, id string) int {
	f, _ := s.Folder(id)
	return f.Position
}

// TestAFieldGoesWhereItIsSent: to the place itself, behind the last where none is
// named, and the others keep their order.
func TestAFieldGoesWhereItIsSent(t *testing.T) {
	t.Parallel()
	s, _, err := (field.Set{}).CreateFolder("f", "F", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"a", "b", "c"} {
		s = create(t, s, `{"key":"`+key+`","type":"text","folder":"f"}`)
	}
	for _, c := range []struct {
		key, text string
		want      []string
	}{
		{"c", `{"position":0}`, []string{"c", "a", "b"}},
		{"c", `{"position":1}`, []string{"a", "c", "b"}},
		{"c", `{"position":1}`, []string{"a", "c", "b"}}, // it stands there already
		{"b", `{"position":1}`, []string{"a", "b", "c"}},
		{"a", `{"position":100}`, []string{"b", "c", "a"}},
		{"b", `{"position":100}`, []string{"c", "a", "b"}},
		{"c", `{"position":null}`, []string{"a", "b", "c"}},
		{"b", `{"folder":"contact"}`, []string{"a", "c"}},
		{"b", `{"folder":"f"}`, []string{"a", "c", "b"}},
		{"c", `{"folder":"f"}`, []string{"a", "c", "b"}},
	} {
		s = update(t, s, c.key, c.text)
		if diff := cmp.Diff(c.want, keys(s, "f")); diff != "" {
			t.Fatalf("%s %s (-want +got):\n%s", c.key, c.text, diff)
		}
	}
}
