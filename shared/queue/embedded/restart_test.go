package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"rubrica/shared/queue"
	"rubrica/shared/queue/embedded"
	"rubrica/shared/table/pebble"
)

// tester is a test or a check of a property.
type tester interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

func send(t tester, d queue.Driver, q queue.Spec, messages ...queue.Message) {
	t.Helper()
	if err := d.Send(t.Context(), q, messages); err != nil {
		t.Fatalf("Send: %v", err)
	}
}

func receive(t tester, d queue.Driver, q queue.Spec, max int) []queue.Message {
	t.Helper()
	messages, err := d.Receive(t.Context(), q, max, 0)
	if err != nil {
		t.Fatalf("Receive: %v", err)
	}
	return messages
}

func remove(t tester, d queue.Driver, q queue.Spec, messages ...queue.Message) {
	t.Helper()
	if err := d.Delete(t.Context(), q, messages); err != nil {
		t.Fatalf("Delete: %v", err)
	}
}

// want checks bodies in their order.
func want(t tester, got []queue.Message, bodies ...string) {
	t.Helper()
	have := make([]string, 0, len(got))
	for _, m := range got {
		have = append(have, m.Body)
	}
	if !slices.Equal(have, bodies) {
		t.Errorf("received %q, want %q", have, bodies)
	}
}

func numbered(group string, n int) []queue.Message {
	messages := make([]queue.Message, n)
	for i := range messages {
		body := fmt.Sprint(i)
		messages[i] = queue.Message{Body: body, Group: group, Dedup: group + body}
	}
	return messages
}

// restarts are the ways in which a process can end while it does nothing. Each
// returns the driver of the next process.
var restarts = map[string]func(t *testing.T, dir string, store *pebble.Store, c *clock) *embedded.Driver{
	"Close": func(t *testing.T, dir string, store *pebble.Store, c *clock) *embedded.Driver {
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		return newDriver(openStore(t, dir, c))
	},
	// What a killed process leaves is what is in its files.
	"Kill": func(t *testing.T, dir string, _ *pebble.Store, c *clock) *embedded.Driver {
		left := filepath.Join(t.TempDir(), "left")
		if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		return newDriver(openStore(t, left, c))
	},
}

func TestRestart(t *testing.T) {
	t.Parallel()
	for name, restart := range restarts {
		t.Run(name+"KeepsWhatWasSent", func(t *testing.T) {
			t.Parallel()
			dir, c := t.TempDir(), new(clock)
			store := openStore(t, dir, c)
			d := newDriver(store)
			late := queue.Message{Body: "late", Group: "a", Delay: time.Minute}
			send(t, d, spec, append(numbered("a", 2500), late)...) // several batches
			send(t, d, lanes, numbered("lane", 3)...)

			d = restart(t, dir, store, c)
			visible, hidden, err := d.Depth(t.Context(), spec)
			if visible != 2500 || hidden != 1 || err != nil {
				t.Errorf("Depth is %d, %d, %v; want 2500, 1", visible, hidden, err)
			}
			want(t, receive(t, d, spec, 3), "0", "1", "2")
			c.advance(time.Minute)
			for got := receive(t, d, spec, 10); ; got = receive(t, d, spec, 10) {
				if len(got) == 0 {
					t.Fatal("the delayed message is gone")
				}
				if got[len(got)-1].Body == "late" {
					break
				}
			}
			send(t, d, lanes, numbered("lane", 4)...) // three of them repeats
			want(t, receive(t, d, lanes, 10), "0", "1", "2", "3")
		})
	}

	t.Run("KillKeepsDeliveriesThatAreNotOfThisMoment", func(t *testing.T) {
		t.Parallel()
		dir, c := t.TempDir(), new(clock)
		store := openStore(t, dir, c)
		d := newDriver(store)
		// reaches waits until a kill would leave so much.
		reaches := func(visible, hidden int) {
			t.Helper()
			for end := time.Now().Add(15 * time.Second); ; time.Sleep(50 * time.Millisecond) {
				v, h, err := restarts["Kill"](t, dir, store, c).Depth(t.Context(), spec)
				if err != nil {
					t.Fatal(err)
				}
				if v == visible && h == hidden {
					return
				}
				if time.Now().After(end) {
					t.Fatalf("a kill leaves %d visible and %d hidden, want %d and %d", v, h, visible, hidden)
				}
			}
		}
		send(t, d, spec, numbered("a", 3)...)
		reaches(3, 0)
		got := receive(t, d, spec, 2)
		reaches(1, 2)
		remove(t, d, spec, got[0])
		reaches(1, 1)
		if err := d.Hide(t.Context(), spec, got[1], 0); err != nil {
			t.Fatal(err)
		}
		reaches(2, 0)
	})

	t.Run("CloseKeepsDeliveries", func(t *testing.T) {
		t.Parallel()
		dir, c := t.TempDir(), new(clock)
		store := openStore(t, dir, c)
		d := newDriver(store)
		send(t, d, spec, numbered("a", 4)...)
		send(t, d, lanes, numbered("lane", 3)...)
		before := receive(t, d, spec, 3)
		remove(t, d, spec, before[0])
		if err := d.Hide(t.Context(), spec, before[1], time.Hour); err != nil {
			t.Fatal(err)
		}
		inFlight := receive(t, d, lanes, 1)

		d = restarts["Close"](t, dir, store, c)
		want(t, receive(t, d, spec, 10), "3")
		want(t, receive(t, d, lanes, 10)) // the lane is in flight
		remove(t, d, lanes, inFlight...)  // an old receipt still counts
		want(t, receive(t, d, lanes, 10), "1", "2")

		c.advance(time.Minute)
		again := receive(t, d, spec, 10)
		want(t, again, "2", "3")
		if again[0].Receives != 2 || again[0].ID != before[2].ID {
			t.Errorf("received delivery %d of %s, want 2 of %s", again[0].Receives, again[0].ID, before[2].ID)
		}
		remove(t, d, spec, again...)
		c.advance(time.Hour)
		want(t, receive(t, d, spec, 10), "1")
	})

	t.Run("ReleaseGivesBackWhatWasInFlight", func(t *testing.T) {
		t.Parallel()
		dir, c := t.TempDir(), new(clock)
		store := openStore(t, dir, c)
		d := newDriver(store)
		send(t, d, spec, numbered("a", 3)...)
		send(t, d, lanes, numbered("lane", 2)...)
		before := receive(t, d, spec, 2)
		receive(t, d, lanes, 1)
		if err := d.Hide(t.Context(), spec, before[1], time.Hour); err != nil {
			t.Fatal(err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		d = embedded.New(openStore(t, dir, c).Engine(), embedded.Options{Release: true})
		want(t, receive(t, d, lanes, 1), "0")
		got := receive(t, d, spec, 10)
		want(t, got, "0", "1", "2")
		if got[0].Receives != 2 || got[2].Receives != 1 {
			t.Errorf("deliveries %d and %d, want 2 and 1", got[0].Receives, got[2].Receives)
		}
		want(t, receive(t, d, spec, 10)) // in flight again, and once is enough
		remove(t, d, spec, got...)
		if visible, hidden, err := d.Depth(t.Context(), spec); visible != 0 || hidden != 0 || err != nil {
			t.Errorf("Depth is %d, %d, %v; want none", visible, hidden, err)
		}
	})

	t.Run("CloseKeepsTheCountOfAPoisonedMessage", func(t *testing.T) {
		t.Parallel()
		dir, c := t.TempDir(), new(clock)
		store := openStore(t, dir, c)
		d := newDriver(store)
		send(t, d, spec, numbered("a", 1)...)
		for delivery := 1; delivery <= spec.MaxReceives; delivery++ {
			got := receive(t, d, spec, 1)
			if len(got) != 1 || got[0].Receives != delivery {
				t.Fatalf("received %+v, want delivery %d", got, delivery)
			}
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
			store = openStore(t, dir, c)
			d = newDriver(store)
			c.advance(time.Minute)
		}
		want(t, receive(t, d, spec, 1))
		want(t, receive(t, d, spec.Dead(), 1), "0")
	})
}

func TestClosing(t *testing.T) {
	t.Parallel()
	t.Run("EndsAReceiveThatWaits", func(t *testing.T) {
		t.Parallel()
		store := openStore(t, "", new(clock))
		d := newDriver(store)
		ended := make(chan error)
		go func() {
			_, err := d.Receive(t.Context(), spec, 1, queue.MaxWait)
			ended <- err
		}()
		time.Sleep(50 * time.Millisecond)
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; !errors.Is(err, queue.ErrUnavailable) || !errors.Is(err, pebble.ErrClosed) {
			t.Errorf("Receive gave %v, want queue.ErrUnavailable", err)
		}
	})

	t.Run("RefusesEveryCallAfterwards", func(t *testing.T) {
		t.Parallel()
		store := openStore(t, "", new(clock))
		d := newDriver(store)
		send(t, d, spec, numbered("a", 1)...)
		m := receive(t, d, spec, 1)
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		_, receiveErr := d.Receive(t.Context(), spec, 1, time.Second)
		_, _, depthErr := d.Depth(t.Context(), spec)
		for call, err := range map[string]error{
			"Send":    d.Send(t.Context(), spec, numbered("a", 1)),
			"Receive": receiveErr,
			"Delete":  d.Delete(t.Context(), spec, m),
			"Hide":    d.Hide(t.Context(), spec, m[0], 0),
			"Depth":   depthErr,
		} {
			if !errors.Is(err, queue.ErrUnavailable) {
				t.Errorf("%s gave %v, want queue.ErrUnavailable", call, err)
			}
		}
	})
}
