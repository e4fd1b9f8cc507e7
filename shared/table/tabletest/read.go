package tabletest

import (
	"fmt"
	"slices"
	"testing"

	"rubrica/shared/table"
)

func exerciseRead(t *testing.T, open func(*testing.T) Opened) {
	shared := open(t)

	t.Run("RowsAreInTheOrderOfTheKeys", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		var rows []table.Row
		var keys []table.Key
		for i := range table.MaxGet {
			key := table.In(s.ws, "p", fmt.Sprint(i%7)).Row(fmt.Sprint((i * 37) % table.MaxGet))
			keys = append(keys, key)
			if i%3 != 0 {
				rows = append(rows, table.Row{Key: key, Doc: fmt.Appendf(nil, `{"i":%d}`, i)})
			}
		}
		s.mustBatch(t, rows)
		got, err := s.Get(s.ctx, keys...)
		if err != nil || len(got) != len(keys) {
			t.Fatalf("%d rows, error %v", len(got), err)
		}
		for i, row := range got {
			if i%3 == 0 {
				mustEqualRow(t, row, table.Row{})
				continue
			}
			if row.Key != keys[i] {
				t.Errorf("row %d has key %s, want %s", i, row.Key, keys[i])
			}
			mustEqualJSON(t, row.Doc, fmt.Sprintf(`{"i":%d}`, i))
		}
	})

	t.Run("KeysAndRangesComeTogether", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		s.mustBatch(t, []table.Row{s.doc("a", `{}`), s.doc("b", `{}`), s.doc("c", `{}`)})
		of := s.key("x").Partition()
		rows, pages, err := s.Read(s.ctx,
			[]table.Key{s.key("none"), s.key("b")},
			[]table.Range{
				{Of: of, Limit: 2},
				{Of: table.In(s.ws, "empty"), Limit: 2},
				{Of: of, Limit: 1, Descending: true},
				{Of: of, Limit: 5, From: "z"},
			})
		if err != nil || len(rows) != 2 || len(pages) != 4 {
			t.Fatalf("%d rows, %d pages, error %v", len(rows), len(pages), err)
		}
		if rows[0].Exists() || rows[1].Key != s.key("b") {
			t.Errorf("rows %v", rows)
		}
		for i, want := range [][]string{{"a", "b"}, nil, {"c"}, nil} {
			if got := sortKeys(pages[i].Rows); !slices.Equal(got, want) {
				t.Errorf("page %d has %v, want %v", i, got, want)
			}
			if more := len(want) > 0; (pages[i].Next != "") != more {
				t.Errorf("page %d goes on at %q", i, pages[i].Next)
			}
		}
	})

	t.Run("AWriteIsSeenByWhateverComesAfter", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		for i := range 20 {
			doc := fmt.Sprintf(`{"i":%d}`, i)
			s.mustWrite(t, table.Put(s.doc("a", doc)), table.Put(s.doc(fmt.Sprintf("b%02d", i), doc)))
			done := make(chan table.Row)
			go func() {
				row, err := s.GetOne(s.ctx, s.key("a"))
				if err != nil {
					t.Error(err)
				}
				done <- row
			}()
			mustEqualJSON(t, (<-done).Doc, doc)
			if got := s.mustAll(t, table.Range{Of: s.key("a").Partition(), Prefix: "b", Limit: 100}); len(got) != i+1 {
				t.Fatalf("%d rows after write %d", len(got), i)
			}
			s.mustWrite(t, table.Delete(s.key("a")))
			if s.mustGet(t, s.key("a")).Exists() {
				t.Fatal("a deleted row is there")
			}
		}
	})

	t.Run("PartitionsAreApart", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		parts := []table.Partition{
			table.In(s.ws), table.In(s.ws, ""), table.In(s.ws, "a"), table.In(s.ws, "a", ""), table.In(s.ws, "a", "b"),
			table.In(s.ws, "a/b"), table.In(s.ws, "a%2Fb"), table.In(s.ws, "a\x01"), table.In(s.ws, "ab"), table.In(s.ws, "A"),
			table.In(s.ws, "ä"), table.In(s.ws, "😀"), table.In(s.ws, "+49 151"), table.In(s.ws, "o'hara\"\\"),
		}
		var rows []table.Row
		for i, p := range parts {
			rows = append(rows, table.Row{Key: p.Row("a"), Doc: fmt.Appendf(nil, `{"i":%d}`, i)},
				table.Row{Key: p.Row("b/😀"), Doc: fmt.Appendf(nil, `{"i":%d}`, i)})
		}
		s.mustBatch(t, rows)
		for i, p := range parts {
			page, err := s.Query(s.ctx, table.Range{Of: p, Limit: 10})
			if err != nil || !slices.Equal(sortKeys(page.Rows), []string{"a", "b/😀"}) {
				t.Fatalf("partition %q: %v, error %v", p.PK(), sortKeys(page.Rows), err)
			}
			for _, row := range append(page.Rows, s.mustGet(t, p.Row("a"))) {
				if row.Key.Partition() != p {
					t.Errorf("row of %q has partition %q", p.PK(), row.Key.PK())
				}
				mustEqualJSON(t, row.Doc, fmt.Sprintf(`{"i":%d}`, i))
			}
		}
	})
}

func sortKeys(rows []table.Row) (sks []string) {
	for _, row := range rows {
		sks = append(sks, row.Key.SK())
	}
	return sks
}
