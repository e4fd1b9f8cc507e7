package tabletest

import (
	"fmt"
	"testing"

	"rubrica/shared/table"
)

func exerciseAtomicity(t *testing.T, open func(*testing.T) Opened) {
	shared := open(t)

	// many is a Write of a hundred actions of all verbs, over rows that are
	// there already (even) or not (odd).
	many := func(t *testing.T, s *space) []table.Action {
		t.Helper()
		var before []table.Row
		for i := 0; i < table.MaxActions; i += 2 {
			before = append(before, s.doc(fmt.Sprintf("%03d", i), `{"old":true}`))
		}
		s.mustBatch(t, before)
		var actions []table.Action
		for i := range table.MaxActions {
			sk := fmt.Sprintf("%03d", i)
			switch {
			case i%10 == 1:
				actions = append(actions, table.Add(s.key(sk), int64(i)))
			case i%10 == 2:
				actions = append(actions, table.Delete(s.key(sk), table.Exists()))
			case i%10 == 3:
				actions = append(actions, table.Check(s.key(sk), table.Absent()))
			case i%2 == 0:
				actions = append(actions, table.Put(s.doc(sk, `{"new":true}`), table.Exists()))
			default:
				actions = append(actions, table.Put(s.doc(sk, `{"new":true}`)))
			}
		}
		return actions
	}
	rows := func(t *testing.T, s *space) []table.Row {
		t.Helper()
		keys := make([]table.Key, table.MaxActions)
		for i := range keys {
			keys[i] = s.key(fmt.Sprintf("%03d", i))
		}
		got, err := s.Get(s.ctx, keys...)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}

	t.Run("AHundredActionsAreAllApplied", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		s.mustWrite(t, many(t, s)...)
		for i, row := range rows(t, s) {
			switch {
			case i%10 == 1:
				if row.Count != int64(i) {
					t.Errorf("counter %d is %d", i, row.Count)
				}
			case i%10 == 2, i%10 == 3:
				if row.Exists() {
					t.Errorf("row %d is there", i)
				}
			default:
				mustEqualJSON(t, row.Doc, `{"new":true}`)
			}
		}
	})

	t.Run("NothingIsAppliedIfOneConditionFails", func(t *testing.T) {
		t.Parallel()
		for _, at := range []int{0, 55, 99} {
			t.Run(fmt.Sprintf("OfAction%d", at), func(t *testing.T) {
				t.Parallel()
				s := newSpace(t, shared.Driver)
				actions := many(t, s)
				before := rows(t, s)
				key := s.key("decides")
				actions[at] = table.Check(key, table.Exists())
				s.mustFail(t, []int{at}, actions...)
				for i, row := range rows(t, s) {
					mustEqualRow(t, row, before[i])
				}
			})
		}
	})

	t.Run("AWriteMaySpanPartitions", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		a, b := table.In(s.ws, "a").Row("1"), table.In(s.ws, "b", "c").Row("1")
		put := []table.Action{table.Put(table.Row{Key: a, Doc: []byte(`{}`)}), table.Put(table.Row{Key: b, Doc: []byte(`{}`)}, table.Absent())}
		s.mustWrite(t, put...)
		s.mustFail(t, []int{1}, put...)
		if got := s.mustGet(t, b); !got.Exists() {
			t.Error("the row of the other partition is missing")
		}
	})

	t.Run("DeletingAnAbsentRowIsFine", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		s.mustWrite(t, table.Delete(s.key("a")))
		s.mustWrite(t, table.Delete(s.key("a")), table.Put(s.doc("b", `{}`)))
	})

	t.Run("APutReplacesTheWholeRow", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		full := s.doc("a", `{"a":1,"b":{"c":2}}`)
		full.Schema, full.Out = 3, "audit"
		s.mustWrite(t, table.Put(full))
		s.mustWrite(t, table.Put(s.doc("a", `{"b":{"d":3}}`)))
		got := s.mustGet(t, s.key("a"))
		mustEqualJSON(t, got.Doc, `{"b":{"d":3}}`)
		if got.Schema != 0 || got.Out != "" {
			t.Errorf("schema %d and out %q are left over", got.Schema, got.Out)
		}
	})

	t.Run("ADeletedRowCanBePutAgain", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		s.mustWrite(t, table.Put(s.doc("a", `{"n":1}`)))
		s.mustWrite(t, table.Delete(s.key("a"), table.Exists()))
		s.mustWrite(t, table.Put(s.doc("a", `{"n":2}`), table.Absent()))
		mustEqualJSON(t, s.mustGet(t, s.key("a")).Doc, `{"n":2}`)
	})
}
