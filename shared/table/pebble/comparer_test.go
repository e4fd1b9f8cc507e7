package pebble_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

func TestSubjects(t *testing.T) {
	t.Parallel()
	ws := workspace(t)
	for _, c := range []struct {
		parts   []string
		subject bool
	}{
		{nil, false},
		{[]string{"tags"}, false},
		{[]string{"contacts", "3"}, false},
		{[]string{"contacts", "31"}, false},
		{[]string{"owner", "user_7", "3"}, false},
		{[]string{"of", ""}, false},
		{[]string{"of", "01JZX2M7Q8R9S0T1V2W3X4Y5Z6"}, true},
		{[]string{"identity", "email", "ada@example.com"}, true},
		{[]string{"identity", "phone", "+393515550123"}, true},
		{[]string{"identity", "ext", "crm/7"}, true},
		{[]string{"idempotency", "1234"}, true},
	} {
		of := table.In(ws, c.parts...)
		want := 0
		if c.subject {
			want = len(of.PK()) + 1
		}
		for _, sk := range []string{"-", "a/b", "7"} {
			if got := pebble.Subject(of.Row(sk)); got != want {
				t.Errorf("%q · %q: the subject takes %d bytes, want %d", of.PK(), sk, got, want)
			}
		}
	}
}

// What the engine demands: of a prefix the prefix is all, and keys are in the order
// of their prefixes first.
func TestOrder(t *testing.T) {
	t.Parallel()
	part := rapid.StringOfN(rapid.SampledFrom([]rune("a0/%\x01é")), 0, 3, -1)
	key := rapid.Custom(func(t *rapid.T) []byte {
		if rapid.IntRange(0, 9).Draw(t, "no row") == 0 {
			return rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "bytes")
		}
		parts := rapid.SliceOfN(part, 0, 4).Draw(t, "parts")
		return pebble.StoredKey(table.In(tenant.System(), parts...).Row(part.Draw(t, "sort key")))
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := key.Draw(t, "a"), key.Draw(t, "b")
		of, other := a[:pebble.Split(a)], b[:pebble.Split(b)]
		if pebble.Split(of) != len(of) {
			t.Errorf("the prefix of %q is %q, of which it is %q", a, of, of[:pebble.Split(of)])
		}
		if next := pebble.ImmediateSuccessor(of); pebble.Split(next) != len(next) || bytes.Compare(a, next) >= 0 {
			t.Errorf("the prefix behind %q is not %q", of, next)
		}
		if c := bytes.Compare(of, other); c != 0 && c != bytes.Compare(a, b) {
			t.Errorf("%q and %q are in another order than their prefixes %q and %q", a, b, of, other)
		}
	})
}

// An address that one of many files has is not looked for in the others.
func TestRangesOfASubjectAskTheFilters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of     func(tenant.Workspace, int) table.Partition
		spares bool
	}{
		{func(ws tenant.Workspace, i int) table.Partition {
			return table.In(ws, "identity", "email", fmt.Sprint("a", i))
		}, true},
		{func(ws tenant.Workspace, i int) table.Partition {
			return table.In(ws, "owner", fmt.Sprint("a", i), "3")
		}, false},
	} {
		dir, ws := t.TempDir(), workspace(t)
		ctx := tenant.Bind(t.Context(), ws)
		const files, rows = 3, 20 // of four, the engine makes one
		for file := range files { // each time that a folder is opened, its log becomes one
			s := must(pebble.Open(dir, pebble.Options{}))(t)
			for i := range rows {
				err := table.New(s.Table("main")).Write(ctx, table.Put(table.Row{Key: c.of(ws, i*files+file).Row("x"), Doc: []byte(`{}`)}))
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		s := open(t, dir, pebble.Options{})
		tbl := table.New(s.Table("main"))
		before := s.FilterHits()
		for i := range files * rows {
			page, err := tbl.Query(ctx, table.Range{Of: c.of(ws, i), Limit: 2})
			if err != nil || len(page.Rows) != 1 {
				t.Fatal(page, err)
			}
		}
		if hits := s.FilterHits() - before; hits > 0 != c.spares {
			t.Errorf("%s: the filters spared %d looks into files", c.of(ws, 1).PK(), hits)
		}
	}
}

// A folder of the first format stays as it is, and is read and written.
func TestFormerFormat(t *testing.T) {
	t.Parallel()
	dir, ws := t.TempDir(), workspace(t)
	ctx := tenant.Bind(t.Context(), ws)
	s := must(pebble.OpenOlder(dir, 1))(t)
	var want []string
	for round := range 3 {
		tbl := table.New(s.Table("main"))
		for i := range 20 {
			sk := fmt.Sprintf("%02d/%d", i, round)
			want = append(want, sk)
			for _, of := range []table.Partition{table.In(ws, "things", "one"), table.In(ws, "things", "1"), table.In(ws, "things")} {
				if err := tbl.Write(ctx, table.Put(table.Row{Key: of.Row(sk)}, table.Absent())); err != nil {
					t.Fatal(err)
				}
			}
		}
		slices.Sort(want)
		for _, of := range []table.Partition{table.In(ws, "things", "one"), table.In(ws, "things", "1"), table.In(ws, "things")} {
			var got []string
			err := tbl.All(ctx, table.Range{Of: of, Limit: 7}, func(r table.Row) error {
				got = append(got, r.Key.SK())
				return nil
			})
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("%s, round %d: %s, want %s, error %v", of.PK(), round, strings.Join(got, " "), strings.Join(want, " "), err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = must(pebble.Open(dir, pebble.Options{}))(t)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// A folder of the first format that was cut off while it was made is one of nobody.
func TestFormerFormatCutOff(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := must(pebble.OpenOlder(dir, 1))(t).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "format")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := must(pebble.Open(dir, pebble.Options{}))(t).Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// must ends the test if what it is given came with an error.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
