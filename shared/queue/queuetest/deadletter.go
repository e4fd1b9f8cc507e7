package queuetest

import (
	"testing"

	"rubrica/shared/queue"
)

func exerciseDeadLetters(t *testing.T, open opener) {
	// fail receives a message and gives it back.
	fail := func(f *fixture) queue.Message {
		f.Helper()
		m := f.awaitOne()
		f.hide(m, 0)
		return m
	}

	t.Run("TakeAMessageAfterItsLastDelivery", func(t *testing.T) {
		f := setup(t, open, maxReceives(3))
		f.send(messageOf("acme", "poison"))
		for delivery := 1; delivery <= 3; delivery++ {
			if m := fail(f); m.Receives != delivery {
				t.Errorf("delivery %d is counted as %d", delivery, m.Receives)
			}
		}
		f.nothing()
		dead := f.awaitFrom(f.spec.Dead(), 1)[0]
		if dead.Body != "poison" || dead.Group != "acme" {
			t.Errorf("the dead letter is %q of group %q", dead.Body, dead.Group)
		}
		f.nothing()
	})

	t.Run("TakeAMessageWhoseConsumersDied", func(t *testing.T) {
		f := setup(t, open, maxReceives(2), visibility(short))
		f.send(message("poison"))
		for range 2 {
			f.awaitOne()
			f.pass(short)
		}
		f.nothing()
		f.sameBodies(f.awaitFrom(f.spec.Dead(), 1), "poison")
	})

	t.Run("TakeNoMessageThatWasDeletedInTime", func(t *testing.T) {
		f := setup(t, open, maxReceives(2))
		f.send(message("in the end"))
		fail(f)
		f.delete(f.awaitOne())
		f.nothing()
		f.nothingIn(f.spec.Dead())
	})

	t.Run("LeaveTheOthers", func(t *testing.T) {
		f := setup(t, open, maxReceives(1))
		f.send(message("poison"))
		fail(f)
		f.send(message("good"))
		f.sameBodies(f.await(1), "good")
		f.nothing()
		f.sameBodies(f.awaitFrom(f.spec.Dead(), 1), "poison")
	})

	t.Run("TakeManyAtOnce", func(t *testing.T) {
		f := setup(t, open, maxReceives(1))
		messages := numbered(250)
		f.send(messages...)
		for _, m := range f.await(len(messages)) {
			f.hide(m, 0)
		}
		for visible := 1; visible > 0; {
			f.nothing()
			var err error
			if visible, _, err = f.queues.Depth(t.Context(), f.spec); err != nil {
				t.Fatal(err)
			}
		}
		f.sameBodies(f.awaitFrom(f.spec.Dead(), len(messages)), bodies(messages)...)
	})

	t.Run("AreDeliveredWithoutEnd", func(t *testing.T) {
		f := setup(t, open, maxReceives(1))
		f.send(message("poison"))
		fail(f)
		f.nothing()
		f.spec = f.spec.Dead()
		for range 5 {
			fail(f)
		}
		f.delete(f.awaitOne())
		f.nothing()
	})

	t.Run("AreNotUsedWithoutALimit", func(t *testing.T) {
		f := setup(t, open)
		f.send(message("patience"))
		for delivery := 1; delivery <= 8; delivery++ {
			if m := fail(f); m.Receives != delivery {
				t.Errorf("delivery %d is counted as %d", delivery, m.Receives)
			}
		}
	})

	t.Run("LetAFIFOGroupGoOn", func(t *testing.T) {
		f := setup(t, open, fifo, maxReceives(2))
		f.send(numbered(3)...)
		f.inOrder([]queue.Message{fail(f), fail(f)}, "0", "0")
		f.inOrder([]queue.Message{fail(f), fail(f)}, "1", "1")
		f.inOrder(f.await(1), "2")
		f.inOrder(f.awaitFrom(f.spec.Dead(), 2), "0", "1")
	})
}
