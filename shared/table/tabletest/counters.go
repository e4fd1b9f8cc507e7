package tabletest

import (
	"math"
	"sync"
	"testing"

	"rubrica/shared/table"
)

func exerciseCounters(t *testing.T, open func(*testing.T) Opened) {
	shared := open(t)

	t.Run("AddMakesAndChangesACounter", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		want := int64(0)
		var rev table.Rev
		for _, delta := range []int64{1, 41, -50, 0, 8, 1 << 52, -(1 << 53)} {
			s.mustWrite(t, table.Add(s.key("n"), delta))
			want += delta
			got := s.mustGet(t, s.key("n"))
			if !got.Exists() || got.Count != want || len(got.Doc) != 0 {
				t.Fatalf("row %+v, want count %d alone", got, want)
			}
			if got.Rev == rev {
				t.Error("an add left the revision as it was")
			}
			rev = got.Rev
		}
	})

	t.Run("AnAddLeavesItsRevision", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		for range 2 { // once when there was none, once when there was
			add := []table.Action{table.Add(s.key("n"), 1)}
			s.mustWrite(t, add...)
			if got := s.mustGet(t, s.key("n")); got.Rev != add[0].Row.Rev {
				t.Errorf("revision %q, want %q", got.Rev, add[0].Row.Rev)
			}
		}
	})

	t.Run("AnAddIsPartOfItsWrite", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		s.mustWrite(t, table.Add(s.key("n"), 1), table.Put(s.doc("a", `{}`), table.Absent()))
		s.mustFail(t, []int{1}, table.Add(s.key("n"), 1), table.Put(s.doc("a", `{}`), table.Absent()))
		if got := s.mustGet(t, s.key("n")); got.Count != 1 {
			t.Errorf("count %d, want 1", got.Count)
		}
	})

	t.Run("AnAddMayHaveACondition", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		s.mustFail(t, []int{0}, table.Add(s.key("n"), 1, table.Exists()))
		s.mustWrite(t, table.Add(s.key("n"), 2, table.Absent()))
		failed := s.mustFail(t, []int{0}, table.Add(s.key("n"), 4, table.Absent()))
		if failed.Failed[0].Row.Count != 2 {
			t.Errorf("the failure shows count %d, want 2", failed.Failed[0].Row.Count)
		}
		read := s.mustGet(t, s.key("n"))
		s.mustWrite(t, table.Add(s.key("n"), 8, table.Unchanged(read)))
		s.mustFail(t, []int{0}, table.Add(s.key("n"), 16, table.Unchanged(read)))
		if got := s.mustGet(t, s.key("n")); got.Count != 10 {
			t.Errorf("count %d, want 10", got.Count)
		}
	})

	t.Run("ADeletedCounterBeginsAnew", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		s.mustWrite(t, table.Add(s.key("n"), 7))
		s.mustWrite(t, table.Delete(s.key("n")))
		s.mustWrite(t, table.Add(s.key("n"), 1))
		if got := s.mustGet(t, s.key("n")); got.Count != 1 {
			t.Errorf("count %d, want 1", got.Count)
		}
	})

	t.Run("CountersStandInQueries", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		s.mustWrite(t, table.Add(s.key("-"), math.MaxInt32), table.Put(s.doc("a", `{}`)))
		page, err := s.Query(s.ctx, table.Range{Of: s.key("-").Partition(), Limit: 10})
		if err != nil || len(page.Rows) != 2 || page.Rows[0].Count != math.MaxInt32 {
			t.Errorf("page %+v, error %v", page, err)
		}
	})

	t.Run("NoAddIsLostAmongMany", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		const adders, each = 16, 10
		var all sync.WaitGroup
		for i := range adders {
			all.Go(func() {
				for range each {
					var err error
					if i%2 == 0 {
						err = s.Write(s.ctx, table.Add(s.key("n"), 1))
					} else { // as a transaction
						err = s.Write(s.ctx, table.Add(s.key("n"), 1), table.Add(s.key("other"), -1))
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if got := s.mustGet(t, s.key("n")); got.Count != adders*each {
			t.Errorf("count %d, want %d", got.Count, adders*each)
		}
		if got := s.mustGet(t, s.key("other")); got.Count != -adders*each/2 {
			t.Errorf("other count %d, want %d", got.Count, -adders*each/2)
		}
	})
}
