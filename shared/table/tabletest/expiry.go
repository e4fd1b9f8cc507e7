package tabletest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"rubrica/shared/table"
)

func exerciseExpiry(t *testing.T, open func(*testing.T) Opened) {
	shared := open(t)
	// Conditions on expired rows are in exerciseConditions.

	t.Run("AnExpiredRowIsAbsentForGet", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		s.mustWrite(t, table.Put(s.expired("a")))
		s.mustBatch(t, []table.Row{s.expired("b")})
		for _, sk := range []string{"a", "b"} {
			mustEqualRow(t, s.mustGet(t, s.key(sk)), table.Row{})
		}
	})

	t.Run("AnExpiredRowIsAbsentForQueryButCounted", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		var rows []table.Row
		want := []string{}
		for i := range 20 {
			sk := fmt.Sprintf("%02d", i)
			if i%3 == 0 || i > 4 && i < 11 || i > 16 {
				rows = append(rows, s.expired(sk))
			} else {
				rows = append(rows, s.doc(sk, `{}`))
				want = append(want, sk)
			}
		}
		s.mustBatch(t, rows)
		for _, descending := range []bool{false, true} {
			for _, limit := range []int{1, 2, 5, 19, 20, 21} {
				r := table.Range{Of: s.key("x").Partition(), Limit: limit, Descending: descending}
				got := []string{}
				for pages := 0; ; pages++ {
					page, err := s.Query(s.ctx, r)
					if err != nil {
						t.Fatal(err)
					}
					for _, row := range page.Rows {
						got = append(got, row.Key.SK())
					}
					if page.Next == "" {
						break
					}
					if pages > 21/limit+1 {
						t.Fatalf("limit %d: still more after %d pages", limit, pages)
					}
					r.After = page.Next
				}
				if descending {
					slices.Reverse(got)
				}
				if !slices.Equal(got, want) {
					t.Errorf("limit %d, descending %t: %v, want %v", limit, descending, got, want)
				}
			}
		}
	})

	t.Run("AnExpiredRowIsRevivedByAPut", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		s.mustBatch(t, []table.Row{s.expired("a"), s.expired("b"), s.expired("c")})
		s.mustWrite(t, table.Put(s.doc("a", `{"n":1}`)))
		s.mustWrite(t, table.Put(s.doc("b", `{"n":1}`), table.Absent()), table.Check(s.key("a"), table.Exists()))
		s.mustBatch(t, []table.Row{s.doc("c", `{"n":1}`)})
		for _, sk := range []string{"a", "b", "c"} {
			got := s.mustGet(t, s.key(sk))
			mustEqualJSON(t, got.Doc, `{"n":1}`)
			if !got.Expires.IsZero() {
				t.Errorf("row %s still expires at %s", sk, got.Expires)
			}
		}
	})

	t.Run("ARowTellsWhenItExpires", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		for i, at := range []time.Time{
			time.Now().Add(time.Hour).Truncate(time.Second),
			time.Now().AddDate(13, 0, 0).Truncate(time.Second),
			time.Date(9998, 12, 31, 23, 59, 59, 0, time.UTC),
		} {
			row := s.doc(fmt.Sprint(i), `{}`)
			row.Expires = at
			s.mustWrite(t, table.Put(row))
			if got := s.mustGet(t, row.Key); !got.Expires.Equal(at) {
				t.Errorf("expires %s, want %s", got.Expires, at)
			}
		}
	})

	t.Run("ARowIsThereUntilTheSecondItExpires", func(t *testing.T) {
		t.Parallel()
		s, o := open1(t, open)
		lacking(t, "a clock that can be moved", o.Lacks.Clock)
		row := s.doc("a", `{}`)
		row.Expires = time.Now().Add(time.Hour).Truncate(time.Second)
		longer := s.doc("b", `{}`)
		longer.Expires = row.Expires.Add(time.Hour)
		s.mustBatch(t, []table.Row{row, longer})
		o.Advance(59 * time.Minute)
		if !s.mustGet(t, row.Key).Exists() {
			t.Error("it is absent before its time")
		}
		s.mustFail(t, []int{0}, table.Put(row, table.Absent()))
		o.Advance(2 * time.Minute)
		if s.mustGet(t, row.Key).Exists() || !s.mustGet(t, longer.Key).Exists() {
			t.Error("want the first absent and the second there")
		}
		if got := s.mustAll(t, table.Range{Of: row.Key.Partition(), Limit: 10}); !slices.Equal(got, []string{"b"}) {
			t.Errorf("query shows %v", got)
		}
		s.mustFail(t, []int{0}, table.Check(row.Key, table.Exists()), table.Check(longer.Key, table.Exists()))
		s.mustWrite(t, table.Put(s.doc("a", `{"again":true}`), table.Absent()))
		o.Advance(24 * time.Hour)
		if !s.mustGet(t, row.Key).Exists() {
			t.Error("the row that was put again expired with the former one")
		}
	})
}
