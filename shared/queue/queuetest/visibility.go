package queuetest

import (
	"testing"
	"time"
)

func exerciseVisibility(t *testing.T, open opener) {
	t.Run("EndsAndCountsEveryDelivery", func(t *testing.T) {
		f := setup(t, open, visibility(short))
		f.send(messageOf("acme", "x"))
		first := f.awaitOne()
		receipts := map[string]bool{first.Receipt: true}
		for delivery := 2; delivery <= 4; delivery++ {
			f.pass(short)
			m := f.awaitOne()
			if m.Receives != delivery {
				t.Errorf("delivery %d is counted as %d", delivery, m.Receives)
			}
			if m.ID != first.ID || m.Body != first.Body || m.Group != first.Group || !m.Sent.Equal(first.Sent) {
				t.Errorf("delivery %d is %+v, the first was %+v", delivery, m, first)
			}
			receipts[m.Receipt] = true
		}
		if len(receipts) != 4 {
			t.Errorf("4 deliveries have %d receipts", len(receipts))
		}
	})

	t.Run("HideZeroReturnsAMessageAtOnce", func(t *testing.T) {
		f := setup(t, open)
		f.send(message("x"))
		f.hide(f.awaitOne(), 0)
		if m := f.awaitOne(); m.Receives != 2 {
			t.Errorf("received delivery %d, want 2", m.Receives)
		}
	})

	t.Run("HideShortens", func(t *testing.T) {
		f := setup(t, open)
		f.send(message("x"))
		f.hide(f.awaitOne(), 2*time.Second)
		f.nothing()
		f.pass(2 * time.Second)
		if m := f.awaitOne(); m.Receives != 2 {
			t.Errorf("received delivery %d, want 2", m.Receives)
		}
	})

	t.Run("HideProlongs", func(t *testing.T) {
		f := setup(t, open, visibility(2*time.Second))
		f.send(message("x"))
		f.hide(f.awaitOne(), long)
		f.pass(2 * time.Second)
		f.nothing()
		if f.opened.Advance == nil {
			return
		}
		f.pass(long)
		f.awaitOne()
	})

	t.Run("HideOfOneLeavesTheOthers", func(t *testing.T) {
		f := setup(t, open)
		f.send(numbered(3)...)
		got := f.await(3)
		f.hide(got[1], 0)
		f.sameBodies(f.await(1), got[1].Body)
		f.nothing()
	})

	t.Run("HideAfterDeleteRevivesNothing", func(t *testing.T) {
		f := setup(t, open)
		f.send(message("x"))
		m := f.awaitOne()
		f.delete(m)
		_ = f.queues.Hide(t.Context(), f.spec, m, 0) // may say that it is gone
		f.nothing()
	})

	t.Run("HideWithTheReceiptOfAnOlderDeliveryDoesNothing", func(t *testing.T) {
		f := setup(t, open)
		if f.excused(f.opened.LooseReceipts) {
			return
		}
		f.send(message("x"))
		old := f.awaitOne()
		f.hide(old, 0)
		f.awaitOne()
		f.hide(old, 0)
		f.nothing()
	})
}

func exerciseDelete(t *testing.T, open opener) {
	t.Run("EndsAMessage", func(t *testing.T) {
		f := setup(t, open, visibility(short))
		f.send(message("x"))
		f.delete(f.awaitOne())
		f.pass(short)
		f.nothing()
	})

	t.Run("EndsManyAtOnce", func(t *testing.T) {
		f := setup(t, open, visibility(2*time.Second))
		f.send(numbered(26)...)
		f.delete(f.await(26)...)
		f.pass(2 * time.Second)
		f.nothing()
	})

	t.Run("LeavesTheOthers", func(t *testing.T) {
		f := setup(t, open)
		f.send(numbered(3)...)
		got := f.await(3)
		f.delete(got[0], got[2])
		f.hide(got[1], 0)
		f.sameBodies(f.await(1), got[1].Body)
		f.nothing()
	})

	t.Run("MayBeRepeated", func(t *testing.T) {
		f := setup(t, open)
		f.send(numbered(2)...)
		got := f.await(2)
		f.delete(got[0])
		f.delete(got[0])
		f.delete(got...)
		f.nothing()
	})

	t.Run("MayComeTooLate", func(t *testing.T) {
		f := setup(t, open, visibility(short))
		f.send(message("x"))
		m := f.awaitOne()
		f.pass(short)
		f.delete(m)
		// Whether it is still delivered depends on the engine; if so, it ends then.
		for _, again := range f.receiveFrom(f.spec, 1, time.Second) {
			f.delete(again)
		}
		f.pass(short)
		f.nothing()
	})

	t.Run("WithTheReceiptOfAnOlderDeliveryDoesNothing", func(t *testing.T) {
		f := setup(t, open)
		if f.excused(f.opened.LooseReceipts) {
			return
		}
		f.send(message("x"))
		old := f.awaitOne()
		f.hide(old, 0)
		latest := f.awaitOne()
		f.delete(old)
		f.hide(latest, 0)
		if m := f.awaitOne(); m.Receives != 3 {
			t.Errorf("received delivery %d, want 3", m.Receives)
		}
	})
}
