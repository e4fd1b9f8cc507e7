package tabletest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// patience is how long changes may take to come up: at once in an embedded
// store, some seconds in a stream.
const patience = 30 * time.Second

// feed reads the changes of one table from the beginning.
type feed struct {
	*space
	operator context.Context
	after    string
	seen     []table.Change // of the workspace, repeats left out
}

func newFeed(t *testing.T, open func(*testing.T) Opened) (*feed, Opened) {
	t.Helper()
	s, o := open1(t, open)
	lacking(t, "the change stream", o.Lacks.Changes)
	return &feed{space: s, operator: tenant.BindOperator(t.Context())}, o
}

// out is a row whose being written causes work.
func (f *feed) out(sk, out string) table.Row {
	row := f.doc(sk, `{}`)
	row.Out = out
	return row
}

// until reads until a change of the given row comes up, and returns what came
// with it, the row's own included. Each Out tells one write from another.
func (f *feed) until(t *testing.T, key table.Key, out string, limit int) []table.Change {
	t.Helper()
	from := len(f.seen)
	for begin := time.Now(); time.Since(begin) < patience; {
		page, err := f.Changes(f.operator, f.after, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Items) > limit {
			t.Fatalf("%d changes, limit %d", len(page.Items), limit)
		}
		if page.Next == "" {
			t.Fatal("no position to go on from")
		}
		f.after = page.Next
		for _, c := range page.Items {
			if c.Key.Workspace() == f.ws && !slices.Contains(f.seen, c) {
				f.seen = append(f.seen, c)
			}
		}
		if slices.Contains(f.seen[from:], table.Change{Key: key, Out: out}) {
			return f.seen[from:]
		}
		if len(page.Items) == 0 {
			time.Sleep(5 * time.Millisecond)
		}
	}
	t.Fatalf("the change of %s did not come up", key)
	return nil
}

func exerciseChanges(t *testing.T, open func(*testing.T) Opened) {
	t.Run("NoneAtFirst", func(t *testing.T) {
		t.Parallel()
		f, _ := newFeed(t, open)
		page, err := f.Changes(f.operator, "", 10)
		if err != nil || len(page.Items) != 0 || page.Next == "" {
			t.Fatalf("%+v, error %v", page, err)
		}
		f.after = page.Next
		f.mustWrite(t, table.Put(f.out("a", "1")))
		f.until(t, f.key("a"), "1", 10)
	})

	t.Run("OfRowsWithAnOutAlone", func(t *testing.T) {
		t.Parallel()
		f, _ := newFeed(t, open)
		f.mustWrite(t, table.Put(f.doc("silent", `{}`)), table.Put(f.out("a", "audit,reindex")), table.Add(f.key("n"), 1),
			table.Check(f.key("x"), table.Absent()))
		f.mustWrite(t, table.Put(f.doc("silent", `{"n":1}`)))
		f.mustBatch(t, []table.Row{f.doc("silent2", `{}`), f.out("b", "purge")})
		got := f.until(t, f.key("b"), "purge", 10)
		want := []table.Change{{Key: f.key("a"), Out: "audit,reindex"}, {Key: f.key("b"), Out: "purge"}}
		if !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})

	t.Run("NotOfDeletes", func(t *testing.T) {
		t.Parallel()
		f, _ := newFeed(t, open)
		f.mustWrite(t, table.Put(f.out("a", "1")), table.Put(f.out("b", "2")))
		f.mustWrite(t, table.Delete(f.key("a"), table.Exists()))
		f.mustBatch(t, []table.Row{f.out("last", "3")}, f.key("b"))
		f.mustWrite(t, table.Put(f.out("last", "4")))
		if got := f.until(t, f.key("last"), "4", 10); len(got) != 4 {
			t.Errorf("%v, want four", got)
		}
	})

	t.Run("NotOfWritesThatWereRefused", func(t *testing.T) {
		t.Parallel()
		f, _ := newFeed(t, open)
		f.mustWrite(t, table.Put(f.doc("there", `{}`)))
		f.mustFail(t, []int{1}, table.Put(f.out("a", "1")), table.Put(f.out("there", "2"), table.Absent()))
		f.mustWrite(t, table.Put(f.out("last", "3")))
		if got := f.until(t, f.key("last"), "3", 10); len(got) != 1 {
			t.Errorf("%v, want one", got)
		}
	})

	t.Run("NotOfExpiry", func(t *testing.T) {
		t.Parallel()
		f, o := newFeed(t, open)
		lacking(t, "a clock that can be moved", o.Lacks.Clock)
		row := f.out("a", "1")
		row.Expires = time.Now().Add(time.Minute).Truncate(time.Second)
		f.mustWrite(t, table.Put(row))
		o.Advance(time.Hour)
		f.mustWrite(t, table.Put(f.out("last", "2")))
		if got := f.until(t, f.key("last"), "2", 10); len(got) != 2 {
			t.Errorf("%v, want two", got)
		}
	})

	t.Run("InTheirOrderWithinAPartition", func(t *testing.T) {
		t.Parallel()
		f, _ := newFeed(t, open)
		const parts, each = 4, 15
		var all sync.WaitGroup
		for p := range parts {
			all.Go(func() {
				for n := range each {
					row := table.Row{Key: table.In(f.ws, fmt.Sprint(p)).Row(fmt.Sprint(n % 4)), Doc: []byte(`{}`), Out: fmt.Sprint(n)}
					if err := f.Write(f.ctx, table.Put(row), table.Put(f.doc(fmt.Sprint(p, "-", n), `{}`))); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		f.mustWrite(t, table.Put(f.out("last", "last")))
		f.until(t, f.key("last"), "last", 7)
		for p := range parts { // a stream may be ahead of one partition with another
			f.mustWrite(t, table.Put(table.Row{Key: table.In(f.ws, fmt.Sprint(p)).Row("last"), Out: "last"}))
		}
		for p := range parts {
			if key := table.In(f.ws, fmt.Sprint(p)).Row("last"); !slices.Contains(f.seen, table.Change{Key: key, Out: "last"}) {
				f.until(t, key, "last", 7)
			}
		}
		for p := range parts {
			var outs []string
			for _, c := range f.seen {
				if c.Key.Partition() == table.In(f.ws, fmt.Sprint(p)) {
					outs = append(outs, c.Out)
				}
			}
			var want []string
			for n := range each {
				want = append(want, fmt.Sprint(n))
			}
			if want = append(want, "last"); !slices.Equal(outs, want) {
				t.Errorf("partition %d: %v, want %v", p, outs, want)
			}
		}
	})

	t.Run("AreRepeatedFromAnEarlierPosition", func(t *testing.T) {
		t.Parallel()
		f, _ := newFeed(t, open)
		f.mustWrite(t, table.Put(f.out("a", "1")))
		f.until(t, f.key("a"), "1", 1)
		before := f.after
		f.mustWrite(t, table.Put(f.out("b", "2")))
		f.mustWrite(t, table.Put(f.out("c", "3")))
		f.until(t, f.key("c"), "3", 10)
		again := &feed{space: f.space, operator: f.operator, after: before}
		again.until(t, f.key("c"), "3", 10)
	})

	t.Run("PositionsSurviveReopening", func(t *testing.T) {
		t.Parallel()
		f, o := newFeed(t, open)
		lacking(t, "stopping and starting on the same data", o.Lacks.Reopen)
		f.mustWrite(t, table.Put(f.out("a", "1")))
		f.until(t, f.key("a"), "1", 10)
		f.mustWrite(t, table.Put(f.out("b", "2")))
		f.Table = table.New(o.Reopen(t))
		f.mustWrite(t, table.Put(f.out("c", "3")))
		got := f.until(t, f.key("c"), "3", 10)
		want := []table.Change{{Key: f.key("b"), Out: "2"}, {Key: f.key("c"), Out: "3"}}
		if !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		// All are done and forgotten; what comes next still gets new positions.
		if _, err := f.Changes(f.operator, f.after, 1); err != nil {
			t.Fatal(err)
		}
		f.Table = table.New(o.Reopen(t))
		f.mustWrite(t, table.Put(f.out("d", "4")))
		if got := f.until(t, f.key("d"), "4", 10); len(got) != 1 {
			t.Errorf("%v, want one", got)
		}
	})

	t.Run("AThousandArePagedOnce", func(t *testing.T) {
		t.Parallel()
		f, _ := newFeed(t, open)
		const rows = 1100
		var puts []table.Row
		for i := range rows {
			puts = append(puts, f.out(fmt.Sprintf("%04d", i), fmt.Sprint(i)))
		}
		f.mustBatch(t, puts)
		f.mustWrite(t, table.Put(f.out("last", "last")))
		got := f.until(t, f.key("last"), "last", 100)
		if len(got) != rows+1 {
			t.Errorf("%d changes, want %d", len(got), rows+1)
		}
	})
}
