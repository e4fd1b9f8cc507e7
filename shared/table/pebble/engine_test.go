package pebble_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

func TestEngine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store := open(t, dir, pebble.Options{})
	ws := workspace(t)
	tbl := table.New(store.Table("main"))
	ctx := tenant.Bind(t.Context(), ws)
	if err := tbl.Write(ctx, table.Put(table.Row{Key: table.In(ws, "things").Row("a"), Out: "audit"})); err != nil {
		t.Fatal(err)
	}

	e := store.Engine()
	if err := e.Enter(); err != nil {
		t.Fatal(err)
	}
	// Commits of many at once, in both ways, and two applied before either is
	// waited for.
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			b := e.NewBatch()
			err := b.Set(fmt.Appendf(nil, "q%02d", i), []byte{byte(i)}, nil)
			if i%2 == 0 {
				err = errors.Join(err, e.Commit(b))
			} else {
				err = errors.Join(err, e.CommitNoSync(b))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	one, two := e.NewBatch(), e.NewBatch()
	err := errors.Join(one.Set([]byte("q00"), nil, nil), two.Delete([]byte("q01"), nil), e.Apply(one), e.Apply(two), e.Sync(two), e.Sync(one))
	if err != nil {
		t.Fatal(err)
	}

	check := func(e *pebble.Engine) {
		t.Helper()
		if got, err := e.Get([]byte("q00")); err != nil || got == nil || len(got) != 0 {
			t.Errorf("an empty value is %v, error %v", got, err)
		}
		if got, err := e.Get([]byte("q01")); err != nil || got != nil {
			t.Errorf("a value that is not there is %v, error %v", got, err)
		}
		it, err := e.Iterate([]byte{pebble.QueuePrefix}, []byte{pebble.QueuePrefix + 1})
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for ok := it.First(); ok; ok = it.Next() {
			keys = append(keys, string(it.Key()))
		}
		if err := it.Close(); err != nil {
			t.Fatal(err)
		}
		want := []string{"q00"}
		for i := 2; i < 20; i++ {
			want = append(want, fmt.Sprintf("q%02d", i))
		}
		if !slices.Equal(keys, want) {
			t.Errorf("%v, want %v", keys, want)
		}
	}
	check(e)
	e.Leave()
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	store = open(t, dir, pebble.Options{})
	e = store.Engine()
	if err := e.Enter(); err != nil {
		t.Fatal(err)
	}
	defer e.Leave()
	check(e)
}
