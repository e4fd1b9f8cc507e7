package tabletest

import (
	"fmt"
	"testing"

	"rubrica/shared/table"
)

func exerciseBatch(t *testing.T, open func(*testing.T) Opened) {
	shared := open(t)

	t.Run("ThreeHundredRowsAreWrittenAndDeleted", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		var puts, some []table.Row
		var deletes []table.Key
		for i := range 300 {
			row := table.Row{Key: table.In(s.ws, "p", fmt.Sprint(i%3)).Row(fmt.Sprintf("%03d", i)), Doc: fmt.Appendf(nil, `{"i":%d}`, i)}
			puts = append(puts, row)
			if i%2 == 0 {
				deletes = append(deletes, row.Key)
			} else {
				row.Doc = fmt.Appendf(nil, `{"again":%d}`, i)
				some = append(some, row)
			}
		}
		s.mustBatch(t, puts)
		for i, row := range puts {
			if row.Rev == "" {
				t.Fatalf("row %d has no revision", i)
			}
		}
		for p := range 3 {
			if got := s.mustAll(t, table.Range{Of: table.In(s.ws, "p", fmt.Sprint(p)), Limit: 60}); len(got) != 100 {
				t.Fatalf("partition %d has %d rows, want 100", p, len(got))
			}
		}
		s.mustBatch(t, some, deletes...)
		for _, row := range some {
			got := s.mustGet(t, row.Key)
			mustEqualJSON(t, got.Doc, string(row.Doc))
			if got.Rev != row.Rev {
				t.Errorf("row %s has revision %q, want %q", row.Key.SK(), got.Rev, row.Rev)
			}
		}
		for p := range 3 {
			if got := s.mustAll(t, table.Range{Of: table.In(s.ws, "p", fmt.Sprint(p)), Limit: 60}); len(got) != 50 {
				t.Errorf("partition %d has %d rows, want 50", p, len(got))
			}
		}
	})

	t.Run("DeletingAbsentRowsIsFine", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		s.mustBatch(t, []table.Row{s.doc("a", `{}`)}, s.key("b"), s.key("c"))
		s.mustBatch(t, nil, s.key("a"), s.key("b"))
		if s.mustGet(t, s.key("a")).Exists() {
			t.Error("the row is still there")
		}
	})

	t.Run("ABatchBreaksTheConditionOfWhoReadBefore", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		s.mustWrite(t, table.Put(s.doc("a", `{}`)))
		read := s.mustGet(t, s.key("a"))
		s.mustBatch(t, []table.Row{s.doc("a", `{}`)})
		s.mustFail(t, []int{0}, table.Put(s.doc("a", `{}`), table.Unchanged(read)))
	})
}
