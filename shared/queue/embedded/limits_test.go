package embedded_test

import (
	"bytes"
	"testing"
	"time"

	"rubrica/shared/queue"
	"rubrica/shared/queue/embedded"
	"rubrica/shared/table/pebble"
)

func TestMaxInFlight(t *testing.T) {
	t.Parallel()
	c := new(clock)
	d := embedded.New(openStore(t, "", c).Engine(), embedded.Options{MaxInFlight: 5})
	send(t, d, spec, append(numbered("a", 10), numbered("b", 10)...)...)
	got := receive(t, d, spec, 10)
	want(t, got, "0", "0", "1", "1", "2")
	want(t, receive(t, d, spec, 10))

	remove(t, d, spec, got[:2]...)
	want(t, receive(t, d, spec, 10), "2", "3")

	c.advance(time.Minute) // all come back, and no other before them
	again := receive(t, d, spec, 10)
	if len(again) != 5 {
		t.Errorf("received %d messages, want the 5 that were in flight", len(again))
	}
	for _, m := range again {
		if m.Receives != 2 {
			t.Errorf("received delivery %d of %s, want 2", m.Receives, m.Body)
		}
	}
}

// stored is what the queues' part of the store holds.
func stored(t *testing.T, store *pebble.Store) (keys int, bytes []byte) {
	t.Helper()
	engine := store.Engine()
	if err := engine.Enter(); err != nil {
		t.Fatal(err)
	}
	defer engine.Leave()
	it, err := engine.Iterate([]byte{pebble.QueuePrefix}, []byte{pebble.QueuePrefix + 1})
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	for ok := it.First(); ok; ok = it.Next() {
		keys++
		bytes = append(append(bytes, it.Key()...), it.Value()...)
	}
	return keys, bytes
}

func TestDeletedMessagesLeaveTheStore(t *testing.T) {
	t.Parallel()
	c := new(clock)
	store := openStore(t, "", c)
	d := newDriver(store)
	queues := []queue.Spec{spec, lanes, {Name: "short", Visibility: time.Minute, MaxReceives: 1}}
	for _, q := range queues {
		messages := numbered("group-of-somebody", 30)
		for i := range messages {
			messages[i].Body = "body-of-somebody"
			if !q.FIFO && i%3 == 0 {
				messages[i].Delay = time.Second
			}
		}
		send(t, d, q, messages...)
		if _, b := stored(t, store); !bytes.Contains(b, []byte("body-of-somebody")) {
			t.Fatal("what is looked for cannot be found")
		}
	}
	for _, q := range append(queues, queues[2].Dead()) {
		for left := 1; left > 0; {
			c.advance(2 * time.Minute)
			for got := receive(t, d, q, 10); len(got) > 0; got = receive(t, d, q, 10) {
				if got[0].Receives > 1 || q.Name == "short-dead" { // others stay for once
					remove(t, d, q, got...)
				}
			}
			visible, hidden, err := d.Depth(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			left = visible + hidden
		}
	}
	// The dedups go with the next Send after their time.
	c.advance(5 * time.Minute)
	last := queue.Message{Body: "x", Group: "x", Dedup: "x"}
	send(t, d, lanes, last)
	remove(t, d, lanes, receive(t, d, lanes, 1)...)

	keys, b := stored(t, store)
	if bytes.Contains(b, []byte("somebody")) {
		t.Errorf("the store still holds %.300q", b)
	}
	// The totals of four queues, and the last dedup twice.
	if keys != 6 {
		t.Errorf("the store holds %d keys, want 6", keys)
	}
}

func TestAQueueIsEitherFIFOOrNot(t *testing.T) {
	t.Parallel()
	d := newDriver(openStore(t, "", new(clock)))
	send(t, d, spec, numbered("a", 1)...)
	other := spec
	other.FIFO = true
	if err := d.Send(t.Context(), other, numbered("a", 1)); err == nil {
		t.Error("Send to a standard queue as FIFO gave no error")
	}
}

func TestAForeignReceiptIsAnError(t *testing.T) {
	t.Parallel()
	d := newDriver(openStore(t, "", new(clock)))
	for _, receipt := range []string{"", "x", "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a"} {
		m := queue.Message{Receipt: receipt}
		if d.Delete(t.Context(), spec, []queue.Message{m}) == nil || d.Hide(t.Context(), spec, m, 0) == nil {
			t.Errorf("receipt %q was taken", receipt)
		}
	}
}
