package pebble_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

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
		// to another expiry.
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

// TestSweepGoesOn walks through more rows than one part has, and meets each once.
func TestSweepGoesOn(t *testing.T) {
	t.Parallel()
	var c clock
	store := open(t, "", pebble.Options{Memory: true, Now: c.Now})
	ws := workspace(t)
	ctx := tenant.Bind(t.Context(), ws)
	for _, name := range []string{"audit", "main"} {
		var rows []table.Row
		for i := range 100 {
			rows = append(rows, table.Row{Key: table.In(ws, "things").Row(fmt.Sprint(1000 + i)), Doc: []byte(`{}`), Expires: c.Now().Add(time.Duration(1+i%2) * time.Hour)})
		}
		if err := table.New(store.Table(name)).Batch(ctx, rows, nil); err != nil {
			t.Fatal(err)
		}
	}
	c.Advance(90 * time.Minute)
	removed, parts := 0, 0
	for at := []byte(nil); ; parts++ {
		n, next, err := store.SweepPart(at, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if removed += n; next == nil {
			break
		}
		if bytes.Compare(next, at) <= 0 {
			t.Fatalf("from %q to %q", at, next)
		}
		at = next
	}
	if removed != 100 || parts < 5 {
		t.Errorf("%d rows were removed in %d parts, want 100 in many", removed, parts)
	}
	if n, err := store.Sweep(ctx); err != nil || n != 0 {
		t.Errorf("%d more rows were removed, error %v", n, err)
	}
}

// TestSweepLooksAgain changes rows after they were found to be due.
func TestSweepLooksAgain(t *testing.T) {
	t.Parallel()
	for _, many := range []int{1, 20} { // looked up one by one, and together
		var c clock
		store := open(t, "", pebble.Options{Memory: true, Now: c.Now})
		ws := workspace(t)
		ctx := tenant.Bind(t.Context(), ws)
		main := table.New(store.Table("main"))
		rows := func(kind string, expires time.Time) (all []table.Row) {
			for i := range many {
				all = append(all, table.Row{Key: table.In(ws, kind).Row(fmt.Sprint(i)), Doc: []byte(`{}`), Expires: expires})
			}
			return all
		}
		var deletes []table.Key
		for _, r := range rows("deleted", time.Time{}) {
			deletes = append(deletes, r.Key)
		}
		soon, late := c.Now().Add(time.Minute), c.Now().Add(time.Hour)
		write := func(puts []table.Row, deletes []table.Key) {
			if err := main.Batch(ctx, puts, deletes); err != nil {
				t.Fatal(err)
			}
		}
		write(slices.Concat(rows("prolonged", soon), rows("deleted", soon), rows("due", soon)), nil)
		c.Advance(2 * time.Minute)
		n, err := store.SweepAround(func() { write(rows("prolonged", late), deletes) })
		if err != nil || n != many {
			t.Errorf("%d rows were removed, want %d, error %v", n, many, err)
		}
		page, err := main.Query(ctx, table.Range{Of: table.In(ws, "prolonged"), Limit: 100})
		if err != nil || len(page.Rows) != many {
			t.Errorf("%d rows are left, want %d, error %v", len(page.Rows), many, err)
		}
	}
}

// TestSweepPassesDamage: a key that is none of ours keeps no row behind it.
func TestSweepPassesDamage(t *testing.T) {
	t.Parallel()
	var c clock
	store := open(t, "", pebble.Options{Memory: true, Now: c.Now})
	ws := workspace(t)
	ctx := tenant.Bind(t.Context(), ws)
	soon := c.Now().Add(time.Minute)
	row := table.Row{Key: table.In(ws, "things").Row("a"), Doc: []byte(`{}`), Expires: soon}
	err := table.New(store.Table("main")).Batch(ctx, []table.Row{row}, nil)
	for _, key := range []string{"t", "tdamaged", "tdamaged\x00pk"} {
		err = errors.Join(err, store.PutDamaged(key, soon))
	}
	if err != nil {
		t.Fatal(err)
	}
	c.Advance(time.Hour)
	if n, err := store.Sweep(ctx); err != nil || n != 1 {
		t.Errorf("%d rows were removed, error %v", n, err)
	}
	if err := store.Compact(ctx); err != nil {
		t.Error(err)
	}
}

func TestIndexOfOlderProgramsIsDropped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store, err := pebble.Open(dir, pebble.Options{})
	if err == nil {
		err = errors.Join(store.KeepIndex(), store.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	if store := open(t, dir, pebble.Options{}); store.Indexed() {
		t.Error("it is still there")
	}
}

// TestSweepComesByItself over a store that has files, in one of which it begins.
func TestSweepComesByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := open(t, "", pebble.Options{Memory: true})
		ws := workspace(t)
		ctx := tenant.Bind(t.Context(), ws)
		main := table.New(store.Table("main"))
		for i := range 20 {
			row := table.Row{Key: table.In(ws, "things").Row(fmt.Sprint(i)), Expires: time.Now().Add(10 * time.Second)}
			if err := main.Write(ctx, table.Put(row)); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(2 * time.Minute)
		if n, err := store.Sweep(ctx); err != nil || n != 0 {
			t.Errorf("%d rows were left to be removed, error %v", n, err)
		}
	})
}

// TestSweepFromSomewhere begins where a file does, and comes around.
func TestSweepFromSomewhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		files := vfs.NewMem()
		ws := workspace(t)
		ctx := tenant.Bind(t.Context(), ws)
		store, err := pebble.OpenFiles(files, pebble.Options{})
		for i := 0; i < 20 && err == nil; i++ {
			row := table.Row{Key: table.In(ws, "things").Row(fmt.Sprint(i)), Expires: time.Now().Add(time.Second)}
			if err = table.New(store.Table("main")).Write(ctx, table.Put(row)); err == nil && i%5 == 0 {
				err = store.Flush()
			}
		}
		if err == nil {
			err = store.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		if store, err = pebble.OpenFiles(files, pebble.Options{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(150 * time.Second) // two parts: to the end, and from the beginning
		n, err := store.Sweep(ctx)
		if err = errors.Join(err, store.Close()); err != nil || n != 0 {
			t.Errorf("%d rows were left to be removed, error %v", n, err)
		}
	})
}
