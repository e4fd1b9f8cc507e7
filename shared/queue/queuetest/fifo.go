package queuetest

import (
	"fmt"
	"testing"
	"time"

	"rubrica/shared/queue"
)

func exerciseFIFO(t *testing.T, open opener) {
	t.Run("KeepsTheOrderOfAGroup", func(t *testing.T) {
		f := setup(t, open, fifo)
		want := make(map[string][]string)
		for i := range 8 { // Sends of many sizes, groups mixed
			var messages []queue.Message
			for j := range 3 * i {
				m := messageOf(fmt.Sprintf("lane%d", j%3), fmt.Sprintf("%d.%d", i, j))
				want[m.Group] = append(want[m.Group], m.Body)
				messages = append(messages, m)
			}
			f.send(messages...)
		}
		got := make(map[string][]queue.Message)
		for n := 0; n < 3*(7*8/2); n++ {
			m := f.awaitOne()
			got[m.Group] = append(got[m.Group], m)
			f.delete(m)
		}
		for group, bodies := range want {
			f.inOrder(got[group], bodies...)
		}
		f.nothing()
	})

	t.Run("KeepsTheOrderWithinAReceive", func(t *testing.T) {
		f := setup(t, open, fifo)
		f.send(numbered(23)...)
		var got []queue.Message
		for len(got) < 23 {
			batch := f.receiveFrom(f.spec, queue.MaxBatch, patience)
			if len(batch) == 0 {
				t.Fatalf("received nothing after %v", bodies(got))
			}
			got = append(got, batch...)
			f.delete(batch...)
		}
		f.inOrder(got, bodies(numbered(23))...)
	})

	t.Run("GivesOutNothingOfAGroupThatIsInFlight", func(t *testing.T) {
		f := setup(t, open, fifo)
		f.send(numbered(5)...)
		batch := f.receiveFrom(f.spec, 2, patience)
		f.nothing()
		for i, m := range batch {
			f.delete(m)
			if i < len(batch)-1 {
				f.nothing() // some of the batch is still in flight
			}
		}
		f.inOrder(f.await(1), fmt.Sprint(len(batch)))
	})

	t.Run("GivesOutNothingOfAGroupThatIsInFlightWhenMoreIsSent", func(t *testing.T) {
		f := setup(t, open, fifo)
		f.send(message("first"))
		first := f.awaitOne()
		f.send(message("second"))
		f.nothing()
		f.delete(first)
		f.inOrder(f.await(1), "second")
	})

	t.Run("LetsGroupsGoTheirOwnWays", func(t *testing.T) {
		f := setup(t, open, fifo)
		f.send(messageOf("a", "a1"), messageOf("a", "a2"))
		f.awaitOne()
		f.send(messageOf("b", "b1"), messageOf("c", "c1"))
		f.sameBodies(f.await(2), "b1", "c1")
		f.nothing()
	})

	t.Run("ReturnsAMessageBeforeLaterOnes", func(t *testing.T) {
		f := setup(t, open, fifo, visibility(short))
		f.send(numbered(3)...)
		first := f.awaitOne()
		f.pass(short)
		again := f.awaitOne()
		if again.ID != first.ID || again.Receives != 2 {
			t.Errorf("received delivery %d of %s, want the second of %s", again.Receives, again.Body, first.Body)
		}
		f.delete(again)
		f.inOrder(f.await(1), "1")
	})

	t.Run("ReturnsABatchInItsOrder", func(t *testing.T) {
		f := setup(t, open, fifo)
		f.send(numbered(6)...)
		batch := f.receiveFrom(f.spec, 4, patience)
		for i := range batch { // the last first
			f.hide(batch[len(batch)-1-i], 0)
		}
		var got []queue.Message
		for range 6 {
			m := f.awaitOne()
			got = append(got, m)
			f.delete(m)
		}
		f.inOrder(got, bodies(numbered(6))...)
	})
}

func exerciseDedup(t *testing.T, open opener) {
	twin := func(body string) (a, b queue.Message) {
		a, b = message(body), message(body+" again")
		b.Dedup = a.Dedup
		return a, b
	}

	t.Run("DropsARepeat", func(t *testing.T) {
		f := setup(t, open, fifo)
		a, b := twin("x")
		f.send(a)
		f.send(b)
		f.delete(f.awaitOne())
		f.nothing()
	})

	t.Run("DropsARepeatWithinASend", func(t *testing.T) {
		f := setup(t, open, fifo)
		a, b := twin("x")
		f.send(a, b, message("y"))
		f.inOrder(f.await(2), "x", "y")
		f.nothing()
	})

	t.Run("DropsARepeatOfWhatIsDeleted", func(t *testing.T) {
		f := setup(t, open, fifo)
		a, b := twin("x")
		f.send(a)
		f.delete(f.awaitOne())
		f.send(b)
		f.nothing()
	})

	t.Run("DropsARepeatInAnotherGroup", func(t *testing.T) {
		f := setup(t, open, fifo)
		a, b := twin("x")
		b.Group = "another"
		f.send(a)
		f.send(b)
		f.inOrder(f.await(1), "x")
		f.nothing()
	})

	t.Run("KeepsQueuesApart", func(t *testing.T) {
		f := setup(t, open, fifo)
		other := f.declare(fifo)
		a, b := twin("x")
		f.send(a)
		f.sendTo(other, b)
		f.inOrder(f.await(1), "x")
		f.inOrder(f.awaitFrom(other, 1), "x again")
	})

	t.Run("EndsAfterFiveMinutes", func(t *testing.T) {
		f := setup(t, open, fifo)
		if f.opened.Advance == nil {
			f.excused("its clock cannot be moved")
			return
		}
		a, b := twin("x")
		f.send(a)
		f.delete(f.awaitOne())
		f.pass(4*time.Minute + 59*time.Second)
		f.send(b)
		f.nothing()
		f.pass(time.Second) // five minutes since the one that was accepted
		f.send(b)
		f.inOrder(f.await(1), "x again")
	})
}
