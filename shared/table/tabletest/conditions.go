package tabletest

import (
	"fmt"
	"testing"

	"rubrica/shared/table"
)

// state is what a condition is tested on, and read is what the writer of the
// condition had read before.
type state struct {
	name    string
	prepare func(t *testing.T, s *space, sk string) (read table.Row)
}

var states = []state{
	{"AbsentRow", func(*testing.T, *space, string) table.Row { return table.Row{} }},
	{"Row", func(t *testing.T, s *space, sk string) table.Row {
		s.mustWrite(t, table.Put(s.doc(sk, `{"n":1}`)))
		return s.mustGet(t, s.key(sk))
	}},
	{"RowChangedSinceRead", func(t *testing.T, s *space, sk string) table.Row {
		s.mustWrite(t, table.Put(s.doc(sk, `{"n":1}`)))
		read := s.mustGet(t, s.key(sk))
		s.mustWrite(t, table.Put(s.doc(sk, `{"n":1}`)))
		return read
	}},
	{"RowDeletedSinceRead", func(t *testing.T, s *space, sk string) table.Row {
		s.mustWrite(t, table.Put(s.doc(sk, `{"n":1}`)))
		read := s.mustGet(t, s.key(sk))
		s.mustWrite(t, table.Delete(s.key(sk)))
		return read
	}},
	{"RowMadeSinceRead", func(t *testing.T, s *space, sk string) table.Row {
		s.mustWrite(t, table.Put(s.doc(sk, `{"n":1}`)))
		return table.Row{}
	}},
	{"ExpiredRow", func(t *testing.T, s *space, sk string) table.Row {
		s.mustWrite(t, table.Put(s.expired(sk)))
		return table.Row{}
	}},
	{"ExpiredRowAsWritten", func(t *testing.T, s *space, sk string) table.Row {
		put := []table.Action{table.Put(s.expired(sk))}
		s.mustWrite(t, put...)
		return put[0].Row
	}},
	{"RowExpiredSinceRead", func(t *testing.T, s *space, sk string) table.Row {
		s.mustWrite(t, table.Put(s.doc(sk, `{"n":1}`)))
		read := s.mustGet(t, s.key(sk))
		s.mustWrite(t, table.Put(s.expired(sk)))
		return read
	}},
}

var conditions = []struct {
	name string
	of   func(read table.Row) table.Condition
	// holds is the specification: the names of the states it holds in.
	holds map[string]bool
}{
	{"Always", func(table.Row) table.Condition { return table.Condition{} }, map[string]bool{
		"AbsentRow": true, "Row": true, "RowChangedSinceRead": true, "RowDeletedSinceRead": true,
		"RowMadeSinceRead": true, "ExpiredRow": true, "ExpiredRowAsWritten": true, "RowExpiredSinceRead": true}},
	{"Exists", func(table.Row) table.Condition { return table.Exists() }, map[string]bool{
		"Row": true, "RowChangedSinceRead": true, "RowMadeSinceRead": true}},
	{"Absent", func(table.Row) table.Condition { return table.Absent() }, map[string]bool{
		"AbsentRow": true, "RowDeletedSinceRead": true, "ExpiredRow": true, "ExpiredRowAsWritten": true,
		"RowExpiredSinceRead": true}},
	{"Unchanged", table.Unchanged, map[string]bool{
		"AbsentRow": true, "Row": true, "ExpiredRow": true}},
}

var verbs = []struct {
	name string
	make func(s *space, sk string, c table.Condition) table.Action
	// left is the row's document and count if the action is applied to a row
	// with a given document, "" for none.
	left func(was table.Row) (doc string, count int64)
}{
	{"Put", func(s *space, sk string, c table.Condition) table.Action {
		return table.Put(s.doc(sk, `{"put":true}`), c)
	}, func(table.Row) (string, int64) { return `{"put":true}`, 0 }},
	{"Delete", func(s *space, sk string, c table.Condition) table.Action {
		return table.Delete(s.key(sk), c)
	}, func(table.Row) (string, int64) { return "", 0 }},
	{"Check", func(s *space, sk string, c table.Condition) table.Action {
		return table.Check(s.key(sk), c)
	}, func(was table.Row) (string, int64) { return string(was.Doc), 0 }},
}

func exerciseConditions(t *testing.T, open func(*testing.T) Opened) {
	shared := open(t)
	for _, verb := range verbs {
		for _, condition := range conditions {
			if verb.name == "Check" && condition.name == "Always" {
				continue // refused in front
			}
			for _, state := range states {
				// Alone it is a plain write to some engines, else a transaction.
				for _, beside := range []string{"Alone", "InATransaction"} {
					name := fmt.Sprintf("%sIf%sOn%s%s", verb.name, condition.name, state.name, beside)
					holds := condition.holds[state.name]
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						s := newSpace(t, shared.Driver)
						read := state.prepare(t, s, "x")
						was := s.mustGet(t, s.key("x"))
						actions := []table.Action{verb.make(s, "x", condition.of(read))}
						if beside == "InATransaction" {
							actions = append([]table.Action{table.Put(s.doc("other", `{}`))}, actions...)
						}
						at := len(actions) - 1
						if !holds {
							failed := s.mustFail(t, []int{at}, actions...)
							mustEqualRow(t, failed.Failed[0].Row, was)
							mustEqualRow(t, s.mustGet(t, s.key("x")), was)
							if s.mustGet(t, s.key("other")).Exists() {
								t.Error("the other action was applied")
							}
							return
						}
						s.mustWrite(t, actions...)
						got := s.mustGet(t, s.key("x"))
						doc, count := verb.left(was)
						mustEqualJSON(t, got.Doc, doc)
						if got.Count != count {
							t.Errorf("count %d, want %d", got.Count, count)
						}
						if verb.name == "Put" && got.Rev != actions[at].Row.Rev {
							t.Errorf("revision %q, want %q as filled in", got.Rev, actions[at].Row.Rev)
						}
						if verb.name == "Check" && got.Rev != was.Rev {
							t.Error("a check changed the revision")
						}
					})
				}
			}
		}
	}

	t.Run("AllThatFailAreTold", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		s.mustWrite(t, table.Put(s.doc("there", `{"n":1}`)), table.Put(s.doc("held", `{"n":2}`)), table.Put(s.expired("expired")))
		there := s.mustGet(t, s.key("there"))
		failed := s.mustFail(t, []int{0, 2, 3, 5},
			table.Put(s.doc("there", `{"n":9}`), table.Absent()),
			table.Check(s.key("held"), table.Exists()),
			table.Delete(s.key("missing"), table.Exists()),
			table.Add(s.key("expired"), 1, table.Exists()),
			table.Put(s.doc("new", `{}`)),
			table.Check(s.key("gone"), table.Condition{Test: table.HasRev, Rev: there.Rev}),
		)
		mustEqualRow(t, failed.Failed[0].Row, there)
		for _, f := range failed.Failed[1:] {
			mustEqualRow(t, f.Row, table.Row{})
		}
		if f, ok := failed.At(0); !ok || f.Row.Rev != there.Rev {
			t.Error("At does not find the first")
		}
		if _, ok := failed.At(1); ok {
			t.Error("At finds one that held")
		}
		if s.mustGet(t, s.key("new")).Exists() {
			t.Error("an action without a condition was applied")
		}
	})

	t.Run("OnlyChecksChangeNothing", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		s.mustWrite(t, table.Put(s.doc("a", `{"n":1}`)))
		was := s.mustGet(t, s.key("a"))
		s.mustWrite(t, table.Check(s.key("a"), table.Unchanged(was)), table.Check(s.key("b"), table.Absent()))
		mustEqualRow(t, s.mustGet(t, s.key("a")), was)
		s.mustFail(t, []int{1}, table.Check(s.key("a"), table.Exists()), table.Check(s.key("b"), table.Exists()))
	})

	t.Run("ARevisionIsNeverTheSame", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		seen := map[table.Rev]bool{"": true}
		for range 5 {
			s.mustWrite(t, table.Put(s.doc("a", `{"n":1}`)))
			rev := s.mustGet(t, s.key("a")).Rev
			if seen[rev] {
				t.Fatalf("revision %q twice", rev)
			}
			seen[rev] = true
		}
	})
}
