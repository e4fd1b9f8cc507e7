package fault_test

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"rubrica/shared/queue"
	"rubrica/shared/queue/embedded"
	"rubrica/shared/queue/fault"
	"rubrica/shared/queue/queuetest"
	"rubrica/shared/table/pebble"
)

var (
	standard = queue.Spec{Name: "work", Visibility: time.Hour}
	fifo     = queue.Spec{Name: "jobs", Visibility: time.Hour, FIFO: true}
)

func open(t *testing.T, now func() time.Time) queue.Driver {
	t.Helper()
	store, err := pebble.Open("", pebble.Options{Memory: true, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return embedded.New(store.Engine(), embedded.Options{})
}

// planned is a plan for calls of one kind: one fault after the other, then Pass.
func planned(kind fault.Kind, faults ...fault.Fault) fault.Plan {
	return func(c fault.Call) fault.Fault {
		if c.Kind != kind || len(faults) == 0 {
			return fault.Pass
		}
		next := faults[0]
		faults = faults[1:]
		return next
	}
}

func messages(bodies ...string) []queue.Message {
	all := make([]queue.Message, len(bodies))
	for i, b := range bodies {
		all[i] = queue.Message{Body: b, Group: b[:1], Dedup: b}
	}
	return all
}

func send(t *testing.T, d queue.Driver, q queue.Spec, bodies ...string) {
	t.Helper()
	if err := d.Send(t.Context(), q, messages(bodies...)); err != nil {
		t.Fatal(err)
	}
}

func receive(t *testing.T, d queue.Driver, q queue.Spec, max int, want ...string) []queue.Message {
	t.Helper()
	got, err := d.Receive(t.Context(), q, max, 0)
	if err != nil {
		t.Fatal(err)
	}
	bodies := make([]string, 0, len(got))
	for _, m := range got {
		bodies = append(bodies, m.Body)
	}
	if !slices.Equal(bodies, want) {
		t.Errorf("received %v, want %v", bodies, want)
	}
	return got
}

func TestPassIsTheDriverItself(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, func(t *testing.T) queuetest.Opened {
		var ahead atomic.Int64
		d := open(t, func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
		pass := func(fault.Call) fault.Fault { return fault.Pass }
		return queuetest.Opened{
			Driver:  fault.New(d, pass, nil),
			Advance: func(d time.Duration) { ahead.Add(int64(d)) },
		}
	})
}

func TestFailBeforeDoesNothing(t *testing.T) {
	t.Parallel()
	d := fault.New(open(t, nil), planned(fault.Send, fault.FailBefore), nil)
	if err := d.Send(t.Context(), standard, messages("a")); !errors.Is(err, queue.ErrUnavailable) {
		t.Errorf("Send gave %v, want queue.ErrUnavailable", err)
	}
	receive(t, d, standard, 10)
	send(t, d, standard, "b")
	receive(t, d, standard, 10, "b")
}

func TestFailAfterHidesASuccess(t *testing.T) {
	t.Parallel()
	// The n-th call of each kind fails; what it was to do is seen behind it.
	for _, kind := range []fault.Kind{fault.Send, fault.Receive, fault.Delete, fault.Hide} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			inner := open(t, nil)
			d := fault.New(inner, planned(kind, fault.FailAfter), nil)
			var got []queue.Message
			var err error
			if kind == fault.Send {
				err = d.Send(t.Context(), standard, messages("a"))
			} else {
				send(t, d, standard, "a")
			}
			if kind == fault.Receive {
				got, err = d.Receive(t.Context(), standard, 10, 0)
				if len(got) > 0 {
					t.Errorf("a failed Receive gave %v", got)
				}
			} else {
				got = receive(t, d, standard, 10, "a")
			}
			visible, hidden := 0, 1
			switch kind {
			case fault.Delete:
				err = d.Delete(t.Context(), standard, got)
				hidden = 0
			case fault.Hide:
				err = d.Hide(t.Context(), standard, got[0], 0)
				visible, hidden = 1, 0
			}
			if !errors.Is(err, queue.ErrUnavailable) {
				t.Errorf("the call gave %v, want queue.ErrUnavailable", err)
			}
			v, h, err := inner.Depth(t.Context(), standard)
			if v != visible || h != hidden || err != nil {
				t.Errorf("Depth is %d, %d, %v; want %d, %d", v, h, err, visible, hidden)
			}
		})
	}
}

func TestDuplicateDeliversOnceMore(t *testing.T) {
	t.Parallel()
	d := fault.New(open(t, nil), planned(fault.Receive, fault.Duplicate), nil)
	send(t, d, fifo, "a1", "a2", "a3")
	first := receive(t, d, fifo, 2, "a1", "a2")
	if err := d.Delete(t.Context(), fifo, first); err != nil {
		t.Fatal(err)
	}
	again := append(receive(t, d, fifo, 1, "a1"), receive(t, d, fifo, 10, "a2")...)
	for i, m := range again {
		if m.Receives != 2 || m.ID != first[i].ID {
			t.Errorf("received delivery %d of %s, want 2 of %s", m.Receives, m.ID, first[i].ID)
		}
	}
	if err := d.Delete(t.Context(), fifo, again); err != nil {
		t.Error(err)
	}
	receive(t, d, fifo, 10, "a3")
}

func TestShuffleChangesTheOrder(t *testing.T) {
	t.Parallel()
	d := fault.New(open(t, nil), planned(fault.Receive, fault.Shuffle, fault.Shuffle), nil)
	send(t, d, standard, "a1", "a2", "a3")
	receive(t, d, standard, 10, "a3", "a2", "a1")
	send(t, d, fifo, "a1", "b1", "a2", "c1", "b2")
	receive(t, d, fifo, 10, "c1", "b1", "b2", "a1", "a2")
}

func TestKillEndsEverything(t *testing.T) {
	t.Parallel()
	inner := open(t, nil)
	var killed []fault.Call
	plan := func(c fault.Call) fault.Fault {
		if c.Number == 2 {
			return fault.Kill
		}
		return fault.Pass
	}
	d := fault.New(inner, plan, func(c fault.Call) { killed = append(killed, c) })
	send(t, d, standard, "a")
	for range 3 {
		if err := d.Send(t.Context(), standard, messages("b")); !errors.Is(err, queue.ErrUnavailable) {
			t.Errorf("Send gave %v, want queue.ErrUnavailable", err)
		}
	}
	if want := []fault.Call{{Number: 2, Kind: fault.Send, Queue: "work"}}; !slices.Equal(killed, want) {
		t.Errorf("killed at %v, want %v", killed, want)
	}
	if d.Calls() != 4 {
		t.Errorf("%d calls, want 4", d.Calls())
	}
	receive(t, inner, standard, 10, "a")
}
