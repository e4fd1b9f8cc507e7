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

// erasing is an eraser that counts the rewritings of files instead of doing them.
type erasing struct {
	*eraser
	rows  *table.Table
	times atomic.Int32
}

func newErasing(rows *table.Table, after, again time.Duration) *erasing {
	e := &erasing{rows: rows}
	e.eraser = newEraser(rows, func(context.Context) error { e.times.Add(1); return nil }, Options{
		EraseAfter: after, EraseAgain: again, Log: slog.New(slog.DiscardHandler),
	})
	return e
}

func memory(t *testing.T) *table.Table {
	store, err := pebble.Open("", pebble.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return table.New(store.Table("main"))
}

// start runs it until the returned function is called.
func (e *erasing) start(t *testing.T) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); e.run(ctx) }()
	return func() { cancel(); <-done }
}

// marked says whether the row is there that asks for a rewriting.
func (e *erasing) marked(t *testing.T) bool {
	t.Helper()
	row, err := e.rows.GetOne(tenant.Bind(t.Context(), tenant.System()), erasureKey())
	if err != nil {
		t.Fatal(err)
	}
	return row.Exists()
}

// left is what the row says.
func (e *erasing) left() erasure {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.noted
}

// until waits until done is true.
func until(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it is never done")
		}
	}
}

// Files are rewritten once for removals that come one soon after the other, and once
// more later; the row that asks for it is gone then.
func TestManyRemovalsAreOneErasure(t *testing.T) {
	t.Parallel()
	const after = 600 * time.Millisecond
	e := newErasing(memory(t), after, 4*after)
	stop := e.start(t)
	for range 3 {
		end, err := e.begin(t.Context())
		if err != nil || !e.marked(t) {
			t.Fatalf("what is removed is not noted: %v", err)
		}
		end()
		time.Sleep(20 * time.Millisecond) // it is waiting for more
	}
	until(t, func() bool { return !e.marked(t) })
	time.Sleep(2 * after) // in which it would be done once more
	stop()
	if n := e.times.Load(); n != 2 {
		t.Errorf("files were rewritten %d times", n)
	}
}

// What a process was killed before doing the next one does: everything, or only the
// later rewriting.
func TestErasureGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	rows := memory(t)
	killed := newErasing(rows, time.Millisecond, time.Millisecond)
	if _, err := killed.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := newErasing(rows, time.Millisecond, 500*time.Millisecond)
	stop := second.start(t)
	until(t, func() bool { return !second.left().Again.IsZero() })
	stop() // the rest is due in half a second
	if !second.marked(t) {
		t.Fatal("what is left to do is not noted")
	}
	third := newErasing(rows, time.Millisecond, time.Hour)
	defer third.start(t)()
	until(t, func() bool { return !third.marked(t) })
	if n := third.times.Load(); n != 1 {
		t.Errorf("files were rewritten %d times by the last process", n)
	}
}
