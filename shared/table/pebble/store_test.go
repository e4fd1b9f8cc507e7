package pebble_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

func TestTablesAreApart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store := open(t, dir, pebble.Options{})
	ws := workspace(t)
	ctx := tenant.Bind(t.Context(), ws)
	operator := tenant.BindOperator(t.Context())
	key := table.In(ws, "things").Row("a")
	names := []string{"main", "mai", "main2", "audit"}
	for i, name := range names {
		tbl := table.New(store.Table(name))
		for n := range i + 1 {
			row := table.Row{Key: key, Schema: i + 1, Out: fmt.Sprint(name, n)}
			if err := tbl.Write(ctx, table.Put(row)); err != nil {
				t.Fatal(err)
			}
		}
	}
	check := func() {
		t.Helper()
		for i, name := range names {
			tbl := table.New(store.Table(name))
			row, err := tbl.GetOne(ctx, key)
			if err != nil || row.Schema != i+1 {
				t.Errorf("%s has %d, error %v", name, row.Schema, err)
			}
			page, err := tbl.Query(ctx, table.Range{Of: key.Partition(), Limit: 10})
			if err != nil || len(page.Rows) != 1 || page.Rows[0].Schema != i+1 {
				t.Errorf("%s has %v, error %v", name, page, err)
			}
			page, err = tbl.Scan(operator, table.Segment{Of: 1, Limit: 10})
			if err != nil || len(page.Rows) != 1 || page.Rows[0].Schema != i+1 {
				t.Errorf("%s has %v, error %v", name, page, err)
			}
			changes, err := tbl.Changes(operator, "", 10)
			if err != nil || len(changes.Items) != i+1 {
				t.Errorf("%s has changes %v, error %v", name, changes, err)
			}
		}
	}
	check()
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	store = open(t, dir, pebble.Options{})
	check()
}

func TestClose(t *testing.T) {
	t.Parallel()

	t.Run("WaitsForWhatIsRunning", func(t *testing.T) {
		t.Parallel()
		store := open(t, "", pebble.Options{Memory: true})
		e := store.Engine()
		if err := e.Enter(); err != nil {
			t.Fatal(err)
		}
		var left atomic.Bool
		closed := make(chan error)
		go func() {
			err := store.Close()
			if !left.Load() {
				err = errors.Join(err, errors.New("closed while somebody was inside"))
			}
			closed <- err
		}()
		<-e.Closing()
		b := e.NewBatch()
		err := errors.Join(b.Set([]byte("qa"), []byte("1"), nil), e.Commit(b))
		if got, getErr := e.Get([]byte("qa")); err != nil || getErr != nil || string(got) != "1" {
			t.Errorf("%q, errors %v, %v", got, err, getErr)
		}
		left.Store(true)
		e.Leave()
		if err := <-closed; err != nil {
			t.Error(err)
		}
	})

	t.Run("RefusesWhatComesAfter", func(t *testing.T) {
		t.Parallel()
		store := open(t, "", pebble.Options{Memory: true})
		ws := workspace(t)
		ctx := tenant.BindOperator(t.Context())
		tbl := table.New(store.Table("main"))
		if err := errors.Join(store.Close(), store.Close()); err != nil {
			t.Fatal(err)
		}
		key := table.In(ws, "things").Row("a")
		_, get := tbl.GetOne(ctx, key)
		_, query := tbl.Query(ctx, table.Range{Of: key.Partition(), Limit: 1})
		_, changes := tbl.Changes(ctx, "", 1)
		_, scan := tbl.Scan(ctx, table.Segment{Of: 1, Limit: 1})
		_, sweep := store.Sweep(ctx)
		for name, err := range map[string]error{
			"get": get, "query": query, "changes": changes, "scan": scan, "sweep": sweep,
			"write":   tbl.Write(ctx, table.Put(table.Row{Key: key})),
			"batch":   tbl.Batch(ctx, nil, []table.Key{key}),
			"wait":    store.Table("main").Wait(ctx, ""),
			"compact": store.Compact(ctx),
			"engine":  store.Engine().Enter(),
		} {
			if !errors.Is(err, pebble.ErrClosed) || !errors.Is(err, table.ErrUnavailable) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})

	t.Run("InTheMiddleOfEverything", func(t *testing.T) {
		t.Parallel()
		store := open(t, "", pebble.Options{Memory: true})
		ws := workspace(t)
		ctx := tenant.BindOperator(t.Context())
		tbl := table.New(store.Table("main"))
		var all sync.WaitGroup
		for w := range 6 {
			all.Go(func() {
				for i := 0; ; i++ {
					key := table.In(ws, fmt.Sprint(w)).Row(fmt.Sprint(i % 10))
					err := tbl.Write(ctx, table.Put(table.Row{Key: key, Out: "audit"}), table.Add(table.In(ws, "n").Row("n"), 1))
					if err == nil {
						_, err = tbl.Query(ctx, table.Range{Of: key.Partition(), Limit: 5})
					}
					if err == nil && i%5 == 0 {
						_, err = tbl.Changes(ctx, "", 100)
					}
					if err == nil && i%7 == 0 {
						_, err = store.Sweep(ctx)
					}
					if err == nil && i%50 == 0 && w == 0 {
						err = store.Compact(ctx)
					}
					if err != nil {
						if !errors.Is(err, table.ErrUnavailable) {
							t.Error(err)
						}
						return
					}
				}
			})
		}
		time.Sleep(30 * time.Millisecond)
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		all.Wait()
	})
}

func TestACallThatComesTooLateDoesNothing(t *testing.T) {
	t.Parallel()
	store := open(t, "", pebble.Options{Memory: true})
	ws := workspace(t)
	tbl := table.New(store.Table("main"))
	ctx := tenant.Bind(t.Context(), ws)
	late, cancel := context.WithCancel(ctx)
	cancel()
	key := table.In(ws, "things").Row("a")
	if err := tbl.Write(late, table.Put(table.Row{Key: key})); !errors.Is(err, table.ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := tbl.Batch(late, []table.Row{{Key: key}}, nil); !errors.Is(err, table.ErrUnavailable) {
		t.Error(err)
	}
	if row, err := tbl.GetOne(ctx, key); err != nil || row.Exists() {
		t.Errorf("row %v, error %v", row, err)
	}
}
