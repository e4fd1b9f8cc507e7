package server

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

// Files are rewritten once for removals that come one soon after the other, and the
// row that asks for it is gone then.
func TestManyRemovalsAreOneErasure(t *testing.T) {
	t.Parallel()
	store, err := pebble.Open("", pebble.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	rows := table.New(store.Table("main"))
	marked := func() bool {
		row, err := rows.GetOne(tenant.Bind(t.Context(), tenant.System()), erasureKey())
		if err != nil {
			t.Fatal(err)
		}
		return row.Exists()
	}
	var times atomic.Int32
	const after = 600 * time.Millisecond
	e := newEraser(rows, func(context.Context) error { times.Add(1); return nil }, after, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); e.run(ctx) }()
	for range 3 {
		end, err := e.begin(t.Context())
		if err != nil || !marked() {
			t.Fatalf("what is removed is not noted: %v", err)
		}
		end()
		time.Sleep(20 * time.Millisecond) // it is waiting for more
	}
	for end := time.Now().Add(20 * time.Second); marked(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it is never done")
		}
	}
	time.Sleep(2 * after) // in which it would be done once more
	stop()
	<-done
	if n := times.Load(); n != 1 {
		t.Errorf("files were rewritten %d times", n)
	}
}
