package tabletest

import (
	"fmt"
	"testing"
	"time"

	"rubrica/shared/table"
)

func exerciseDurability(t *testing.T, open func(*testing.T) Opened) {
	t.Run("WhatWasWrittenIsThereAfterReopening", func(t *testing.T) {
		t.Parallel()
		s, o := open1(t, open)
		lacking(t, "stopping and starting on the same data", o.Lacks.Reopen)
		var rows []table.Row
		for i := range 50 {
			rows = append(rows, s.doc(fmt.Sprintf("%03d", i), fmt.Sprintf(`{"i":%d,"é":"😀"}`, i)))
		}
		later := s.doc("later", `{}`)
		later.Expires = time.Now().Add(time.Hour).Truncate(time.Second)
		s.mustBatch(t, rows)
		s.mustWrite(t, table.Add(s.key("n"), 41), table.Put(s.doc("changed", `{"n":1}`)), table.Put(s.doc("deleted", `{}`)))
		s.mustWrite(t, table.Add(s.key("n"), 1), table.Put(s.doc("changed", `{"n":2}`)), table.Delete(s.key("deleted")),
			table.Put(later), table.Put(s.expired("expired")))
		keys := []table.Key{s.key("n"), s.key("changed"), s.key("deleted"), s.key("later"), s.key("expired")}
		want, err := s.Get(s.ctx, keys...)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			s.Table = table.New(o.Reopen(t))
			got, err := s.Get(s.ctx, keys...)
			if err != nil {
				t.Fatal(err)
			}
			for i := range got {
				mustEqualRow(t, got[i], want[i])
			}
			for _, row := range rows {
				mustEqualRow(t, s.mustGet(t, row.Key), row)
			}
			s.mustWrite(t, table.Put(want[1], table.Unchanged(want[1])), table.Add(keys[0], 1))
			if want, err = s.Get(s.ctx, keys...); err != nil {
				t.Fatal(err)
			}
		}
	})
}
