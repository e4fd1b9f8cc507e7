package pebble_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

func TestSweepRemovesWhatHasExpiredAndNothingElse(t *testing.T) {
	t.Parallel()
	var c clock
	store := open(t, "", pebble.Options{Memory: true, Now: c.Now})
	ws := workspace(t)
	ctx := tenant.Bind(t.Context(), ws)
	tables := []*table.Table{table.New(store.Table("main")), table.New(store.Table("audit"))}
	hour := func(n int) time.Time { return c.Now().Add(time.Duration(n) * time.Hour) }
	row := func(sk string, expires time.Time) table.Row {
		return table.Row{Key: table.In(ws, "things").Row(sk), Doc: []byte(`{}`), Out: "audit", Expires: expires}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	swept := func(want int) {
		t.Helper()
		if n, err := store.Sweep(ctx); err != nil || n != want {
			t.Errorf("%d rows were removed, want %d, error %v", n, want, err)
		}
	}

	changes := 0
	for _, tbl := range tables {
		// More than are removed at a time, and in every way that a row can come
		// to another expiry than one that is in the index.
		var many []table.Row
		for i := range 150 {
			many = append(many, row(fmt.Sprintf("many%03d", i), hour(1)))
		}
		must(tbl.Batch(ctx, many, nil))
		must(tbl.Batch(ctx, []table.Row{row("never", time.Time{}), row("later", hour(5)), row("prolonged", hour(1)),
			row("kept", hour(1)), row("shortened", hour(9)), row("deleted", hour(1)), row("deleted blindly", hour(1))}, nil))
		must(tbl.Batch(ctx, []table.Row{row("prolonged", hour(9))}, nil))
		must(tbl.Write(ctx, table.Put(row("kept", time.Time{}), table.Exists())))
		must(tbl.Write(ctx, table.Put(row("shortened", hour(1)), table.Exists())))
		must(tbl.Write(ctx, table.Delete(row("deleted", hour(1)).Key, table.Exists())))
		must(tbl.Write(ctx, table.Delete(row("deleted blindly", hour(1)).Key)))
		changes = 150 + 7 + 3
	}
	swept(0)
	c.Advance(2 * time.Hour)
	swept(2 * 151) // the many, and the shortened
	swept(0)
	// An hour back they would be there still, were they not removed. The others
	// are untouched.
	c.Advance(-2 * time.Hour)
	for _, tbl := range tables {
		got := 0
		must(tbl.All(ctx, table.Range{Of: table.In(ws, "things"), Limit: 100}, func(row table.Row) error {
			got++
			return nil
		}))
		if got != 4 {
			t.Errorf("%d rows are left, want never, later, prolonged and kept", got)
		}
		page, err := tbl.Changes(tenant.BindOperator(ctx), "", 1000)
		if err != nil || len(page.Items) != changes {
			t.Errorf("%d changes, want %d, error %v", len(page.Items), changes, err)
		}
	}
	c.Advance(24 * time.Hour)
	swept(2 * 2)
	c.Advance(24 * 365 * time.Hour)
	swept(0)
}

func TestSweepComesByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := open(t, "", pebble.Options{Memory: true})
		ws := workspace(t)
		ctx := tenant.Bind(t.Context(), ws)
		row := table.Row{Key: table.In(ws, "things").Row("a"), Expires: time.Now().Add(10 * time.Second)}
		if err := table.New(store.Table("main")).Write(ctx, table.Put(row)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if n, err := store.Sweep(ctx); err != nil || n != 0 {
			t.Errorf("%d rows were left to be removed, error %v", n, err)
		}
	})
}
