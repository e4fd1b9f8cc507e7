package tabletest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-json-experiment/json"

	"rubrica/shared/table"
)

func exerciseConcurrency(t *testing.T, open func(*testing.T) Opened) {
	shared := open(t)

	t.Run("NoUpdateIsLost", func(t *testing.T) {
		t.Parallel()
		for _, with := range []string{"Alone", "InATransaction"} {
			t.Run(with, func(t *testing.T) {
				t.Parallel()
				s := newSpace(t, shared.Driver)
				const writers, each = 16, 4
				var all sync.WaitGroup
				for w := range writers {
					all.Go(func() {
						for n := range each {
							if err := s.increment(fmt.Sprintf("log%d-%d", w, n), with == "InATransaction"); err != nil {
								t.Error(err)
								return
							}
						}
					})
				}
				all.Wait()
				mustEqualJSON(t, s.mustGet(t, s.key("a")).Doc, fmt.Sprintf(`{"n":%d}`, writers*each))
				if with == "InATransaction" {
					if got := s.mustAll(t, table.Range{Of: s.key("a").Partition(), Prefix: "log", Limit: 100}); len(got) != writers*each {
						t.Errorf("%d log rows, want %d", len(got), writers*each)
					}
				}
			})
		}
	})

	t.Run("OneOfManyMakesTheRow", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		var won atomic.Int64
		var all sync.WaitGroup
		for w := range 16 {
			all.Go(func() {
				doc := fmt.Sprintf(`{"by":%d}`, w)
				err := s.Write(s.ctx, table.Put(s.doc("a", doc), table.Absent()), table.Put(s.doc(fmt.Sprint("by", w), doc)))
				failed, ok := errors.AsType[*table.ConditionError](err)
				switch {
				case err == nil:
					won.Add(1)
				case !ok:
					t.Error(err)
				case !failed.Failed[0].Row.Exists():
					t.Error("the failure does not show the winner's row")
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			t.Errorf("%d won", won.Load())
		}
		if got := s.mustAll(t, table.Range{Of: s.key("a").Partition(), Prefix: "by", Limit: 20}); len(got) != 1 {
			t.Errorf("rows of %v were written, want those of one", got)
		}
	})

	t.Run("TwoThatCheckEachOthersRowDoNotBothWin", func(t *testing.T) {
		t.Parallel()
		for range 8 {
			s := newSpace(t, shared.Driver)
			var won atomic.Int64
			var all sync.WaitGroup
			for _, own := range []string{"a", "b"} {
				other := map[string]string{"a": "b", "b": "a"}[own]
				all.Go(func() {
					err := s.Write(s.ctx, table.Put(s.doc(own, `{}`)), table.Check(s.key(other), table.Absent()))
					if _, ok := errors.AsType[*table.ConditionError](err); err == nil {
						won.Add(1)
					} else if !ok {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if won.Load() != 1 {
				t.Errorf("%d won", won.Load())
			}
		}
	})
}

// increment reads a document's number and writes one more, until nobody is
// faster.
func (s *space) increment(log string, transaction bool) error {
	for {
		row, err := s.GetOne(s.ctx, s.key("a"))
		if err != nil {
			return err
		}
		var doc struct {
			N int `json:"n"`
		}
		if row.Exists() {
			if err := json.Unmarshal(row.Doc, &doc); err != nil {
				return err
			}
		}
		actions := []table.Action{table.Put(s.doc("a", fmt.Sprintf(`{"n":%d}`, doc.N+1)), table.Unchanged(row))}
		if transaction {
			actions = append(actions, table.Put(s.doc(log, `{}`), table.Absent()))
		}
		err = s.Write(s.ctx, actions...)
		if _, ok := errors.AsType[*table.ConditionError](err); !ok {
			return err
		}
	}
}
