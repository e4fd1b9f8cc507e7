package pebble_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

func TestWait(t *testing.T) {
	t.Parallel()
	setup := func(t *testing.T) (*pebble.Store, *pebble.Table, func(out string)) {
		store := open(t, "", pebble.Options{Memory: true})
		ws := workspace(t)
		driver := store.Table("main")
		return store, driver, func(out string) {
			t.Helper()
			row := table.Row{Key: table.In(ws, "things").Row("a"), Out: out}
			if err := table.New(driver).Write(tenant.Bind(t.Context(), ws), table.Put(row)); err != nil {
				t.Fatal(err)
			}
		}
	}
	after := func(t *testing.T, driver *pebble.Table, position string) string {
		t.Helper()
		page, err := driver.Changes(t.Context(), position, 100)
		if err != nil {
			t.Fatal(err)
		}
		return page.Next
	}
	// waiting calls Wait and tells whether it is still waiting.
	waiting := func(t *testing.T, ctx context.Context, driver *pebble.Table, position string) (chan error, func() bool) {
		t.Helper()
		done := make(chan error, 1)
		go func() { done <- driver.Wait(ctx, position) }()
		return done, func() bool { synctest.Wait(); return len(done) == 0 }
	}

	t.Run("ReturnsAtOnceIfThereAreChanges", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			_, driver, put := setup(t)
			put("audit")
			if err := driver.Wait(t.Context(), ""); err != nil {
				t.Error(err)
			}
			position := after(t, driver, "")
			put("audit")
			if err := driver.Wait(t.Context(), position); err != nil {
				t.Error(err)
			}
		})
	})

	t.Run("WaitsForTheNextChange", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			_, driver, put := setup(t)
			put("audit")
			position := after(t, driver, "")
			for range 3 {
				one, oneWaits := waiting(t, t.Context(), driver, position)
				two, twoWaits := waiting(t, t.Context(), driver, position)
				if !oneWaits() || !twoWaits() {
					t.Fatal("it does not wait")
				}
				put("")
				if !oneWaits() || !twoWaits() {
					t.Fatal("a row without an Out ended it")
				}
				put("audit")
				if err := errors.Join(<-one, <-two); err != nil {
					t.Error(err)
				}
				position = after(t, driver, position)
			}
		})
	})

	t.Run("EndsWithTheContext", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			_, driver, _ := setup(t)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := driver.Wait(ctx, ""); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	})

	t.Run("EndsWithTheStore", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			store, driver, _ := setup(t)
			done, waits := waiting(t, t.Context(), driver, "")
			if !waits() {
				t.Fatal("it does not wait")
			}
			if err := store.Close(); err != nil {
				t.Error(err)
			}
			if err := <-done; !errors.Is(err, pebble.ErrClosed) || !errors.Is(err, table.ErrUnavailable) {
				t.Error(err)
			}
		})
	})

	t.Run("TakesPositionsOfTheLogAlone", func(t *testing.T) {
		t.Parallel()
		_, driver, _ := setup(t)
		for _, position := range []string{"x", "-1", "1.5", "99999999999999999999999"} {
			if err := driver.Wait(t.Context(), position); !errors.Is(err, table.ErrLimit) {
				t.Errorf("position %q: %v", position, err)
			}
			if _, err := driver.Changes(t.Context(), position, 1); !errors.Is(err, table.ErrLimit) {
				t.Errorf("position %q: %v", position, err)
			}
		}
	})
}

func TestAPositionFromTheFutureIsTheLast(t *testing.T) {
	t.Parallel()
	store := open(t, "", pebble.Options{Memory: true})
	ws := workspace(t)
	ctx := tenant.BindOperator(t.Context())
	tbl := table.New(store.Table("main"))
	put := func() {
		t.Helper()
		if err := tbl.Write(ctx, table.Put(table.Row{Key: table.In(ws, "things").Row("a"), Out: "audit"})); err != nil {
			t.Fatal(err)
		}
	}
	put()
	page, err := tbl.Changes(ctx, "1000", 10)
	if err != nil || len(page.Items) != 0 {
		t.Fatalf("%v, error %v", page, err)
	}
	put()
	if page, err = tbl.Changes(ctx, page.Next, 10); err != nil || len(page.Items) != 1 {
		t.Errorf("%v, error %v", page, err)
	}
}
