package queuetest

import (
	"testing"
	"time"

	"rubrica/shared/queue"
)

func exerciseReceive(t *testing.T, open opener) {
	t.Run("ReturnsNothingFromAnEmptyQueue", func(t *testing.T) {
		f := setup(t, open)
		f.nothing()
		if got := f.receiveFrom(f.spec, 1, time.Second); len(got) != 0 {
			t.Errorf("received %v from an empty queue", bodies(got))
		}
	})

	t.Run("ReturnsAtMostWhatWasAskedFor", func(t *testing.T) {
		f := setup(t, open)
		f.send(numbered(1 + 3 + queue.MaxBatch + 2)...)
		for _, max := range []int{1, 3, queue.MaxBatch} {
			f.receiveFrom(f.spec, max, time.Second) // which checks it
		}
	})

	t.Run("HidesWhatItReturned", func(t *testing.T) {
		f := setup(t, open)
		f.send(numbered(3)...)
		f.sameBodies(f.await(3), "0", "1", "2")
		f.nothing()
	})

	t.Run("ReturnsEveryMessageOfManyGroups", func(t *testing.T) {
		f := setup(t, open)
		messages := numbered(40)
		for i := range messages {
			messages[i].Group = string(rune('a' + i%13))
		}
		f.send(messages...)
		got := f.await(len(messages))
		f.sameBodies(got, bodies(messages)...)
		group := make(map[string]string)
		for _, m := range messages {
			group[m.Body] = m.Group
		}
		for _, m := range got {
			if m.Group != group[m.Body] {
				t.Errorf("received message %s of group %s, want %s", m.Body, m.Group, group[m.Body])
			}
		}
	})
}

func exerciseDelay(t *testing.T, open opener) {
	t.Run("HoldsAMessageBack", func(t *testing.T) {
		f := setup(t, open)
		soon, late, now := message("soon"), message("late"), message("now")
		soon.Delay, late.Delay = 2*time.Second, queue.MaxDelay
		f.send(late, soon, now)
		got := f.await(1)
		f.sameBodies(got, "now")
		f.delete(got...)
		f.pass(2 * time.Second)
		got = f.await(1)
		f.sameBodies(got, "soon")
		f.delete(got...)
		f.nothing()
		if f.opened.Advance == nil {
			return
		}
		f.pass(queue.MaxDelay)
		f.sameBodies(f.await(1), "late")
		f.nothing()
	})

	t.Run("CountsNoDelivery", func(t *testing.T) {
		f := setup(t, open)
		m := message("x")
		m.Delay = time.Second
		f.send(m)
		f.pass(time.Second)
		if got := f.awaitOne(); got.Receives != 1 || got.Group != "g" {
			t.Errorf("received delivery %d of group %s, want 1 of g", got.Receives, got.Group)
		}
	})

	t.Run("EndsForManyMessages", func(t *testing.T) {
		f := setup(t, open)
		messages := numbered(600)
		for i := range messages {
			messages[i].Delay = time.Second
		}
		f.send(messages...)
		f.pass(time.Second)
		f.sameBodies(f.await(len(messages)), bodies(messages)...)
		f.nothing()
	})
}

func exerciseDepth(t *testing.T, open opener) {
	// reaches waits until Depth says so: SQS only counts approximately.
	reaches := func(f *fixture, visible, hidden int) {
		f.Helper()
		for end := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
			v, h, err := f.queues.Depth(f.Context(), f.spec)
			if err != nil {
				f.Fatalf("Depth: %v", err)
			}
			if v == visible && h == hidden {
				return
			}
			if time.Now().After(end) {
				f.Fatalf("Depth says %d visible and %d hidden, want %d and %d", v, h, visible, hidden)
			}
		}
	}

	t.Run("CountsWhatIsWaitingAndInFlight", func(t *testing.T) {
		f := setup(t, open)
		reaches(f, 0, 0)
		delayed := message("later")
		delayed.Delay = queue.MaxDelay
		f.send(append(numbered(5), delayed)...)
		reaches(f, 5, 1)
		got := f.await(3)
		reaches(f, 2, 4)
		f.delete(got[0])
		reaches(f, 2, 3)
		f.hide(got[1], 0)
		reaches(f, 3, 2)
	})

	t.Run("CountsAsWaitingWhatIsDueAndNobodyAskedFor", func(t *testing.T) {
		f := setup(t, open)
		delayed := message("soon")
		delayed.Delay = time.Second
		f.send(delayed)
		f.pass(time.Second)
		reaches(f, 1, 0)
	})
}
