package field_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"rubrica/shared/field"
)

// TestAMoveTakesTheAskedPlace: while nothing was removed places are the numbers
// of a list, and a move takes one out of it and puts it back elsewhere.
func TestAMoveTakesTheAskedPlace(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := field.Set{}
		for i := range rapid.IntRange(0, 3).Draw(t, "own") {
			name := string(rune('a' + i))
			var err error
			if s, _, err = s.Create(field.Draft{Key: name, Type: field.Text, Folder: new("contact")}); err != nil {
				t.Fatal(err)
			}
			if s, _, err = s.CreateFolder(name, name, nil); err != nil {
				t.Fatal(err)
			}
		}
		for range rapid.IntRange(1, 6).Draw(t, "moves") {
			before := keys(s, "contact")
			from, to := draw(t, "field", len(before)-1), draw(t, "place", len(before)-1)
			after, moved, err := s.Update(before[from], field.Draft{Position: &to})
			if err != nil || moved.Position != to {
				t.Fatalf("moved to %d: %+v, %v", to, moved, err)
			}
			s = after
			asked(t, before, keys(s, "contact"), from, to)
			for i, key := range keys(s, "contact") {
				if d, _ := s.Field(key); d.Position != i {
					t.Fatalf("%s has the place %d, and is number %d", key, d.Position, i)
				}
			}

			folders := names(s)
			from, to = draw(t, "folder", len(folders)-1), draw(t, "place", len(folders)-1)
			if s, _, err = s.UpdateFolder(s.Folders()[from].ID, nil, &to); err != nil {
				t.Fatal(err)
			}
			asked(t, folders, names(s), from, to)
			for i, f := range s.Folders() {
				if f.Position != i {
					t.Fatalf("%s has the place %d, and is number %d", f.Name, f.Position, i)
				}
			}
		}
		// Beyond the end is the end, and so is no place at all of what has none of its own.
		before, from := keys(s, "contact"), 0
		if own := slices.Index(before, "a"); own >= 0 {
			after, moved, err := s.Update("a", field.Draft{Position: new(-1)})
			if err != nil || moved.Position != len(before)-1 {
				t.Fatalf("moved behind all others: %+v, %v", moved, err)
			}
			asked(t, before, keys(after, "contact"), own, len(before)-1)
			from = own
		}
		after, _, err := s.Update(before[from], field.Draft{Position: new(len(before) + draw(t, "beyond", 9))})
		if err != nil {
			t.Fatal(err)
		}
		asked(t, before, keys(after, "contact"), from, len(before)-1)
	})
}

func draw(t *rapid.T, what string, most int) int { return rapid.IntRange(0, most).Draw(t, what) }

// asked checks that what stood at one place of a list stands at another, and all
// others as they did.
func asked(t *rapid.T, before, after []string, from, to int) {
	want := slices.Insert(slices.Delete(slices.Clone(before), from, from+1), to, before[from])
	if diff := cmp.Diff(want, after); diff != "" {
		t.Fatalf("from %d to %d of %v (-want +got):\n%s", from, to, before, diff)
	}
}

// TestAMoveLeavesTheOrderOfOthers, wherever there are gaps between them.
func TestAMoveLeavesTheOrderOfOthers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := field.Set{}
		for step := range draw(t, "steps", 8) {
			s, _ = randomChange(t, s, step)
		}
		d := rapid.SampledFrom(s.All()).Draw(t, "moved")
		folder := rapid.SampledFrom(s.Folders()).Draw(t, "to").ID
		draft := field.Draft{Folder: &folder}
		if rapid.Bool().Draw(t, "placed") {
			draft.Position = new(draw(t, "place", 12))
		}
		after, moved, err := s.Update(d.Key, draft)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range s.Folders() {
			except := func(key string) bool { return key == d.Key }
			want, got := slices.DeleteFunc(keys(s, f.ID), except), slices.DeleteFunc(keys(after, f.ID), except)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("the others of %s (-before +after):\n%s", f.ID, diff)
			}
		}
		// Who stood there stands beside it now, on the side that it came from.
		for _, other := range s.All() {
			if other.Folder != folder || other.Key == d.Key || other.Position != moved.Position {
				continue
			}
			now, _ := after.Field(other.Key)
			down := d.Folder == folder && d.Position < moved.Position
			if down && now.Position != moved.Position-1 || !down && now.Position != moved.Position+1 {
				t.Fatalf("%s took the place %d, and %s has %d", d.Key, moved.Position, other.Key, now.Position)
			}
		}
		holds(t, after, "moving "+d.Key)
	})
}
