package queuetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"rubrica/shared/queue"
)

func exerciseSend(t *testing.T, open opener) {
	t.Run("DeliversWhatWasSent", func(t *testing.T) {
		f := setup(t, open)
		f.send(messageOf("acme", `{"contact":"01J"}`))
		got := f.awaitOne()
		if got.Body != `{"contact":"01J"}` || got.Group != "acme" {
			t.Errorf("received body %q of group %q", got.Body, got.Group)
		}
		if got.ID == "" || got.Receipt == "" || got.Sent.IsZero() {
			t.Errorf("received ID %q, receipt %q, sent %v; want all of them", got.ID, got.Receipt, got.Sent)
		}
		if got.Receives != 1 {
			t.Errorf("received delivery %d, want 1", got.Receives)
		}
	})

	t.Run("DeliversWhatWasSentToAFIFOQueue", func(t *testing.T) {
		f := setup(t, open, fifo)
		m := messageOf("acme/3", "a job's id")
		f.send(m)
		got := f.awaitOne()
		if got.Body != m.Body || got.Group != m.Group || got.Dedup != m.Dedup || got.Receives != 1 {
			t.Errorf("received %+v, want %+v", got, m)
		}
	})

	t.Run("AcceptsMoreThanABatch", func(t *testing.T) {
		f := setup(t, open)
		messages := numbered(2*queue.MaxBatch + 5)
		f.send(messages...)
		got := f.await(len(messages))
		f.sameBodies(got, bodies(messages)...)
		f.nothing()
		ids := make(map[string]bool)
		for _, m := range got {
			ids[m.ID] = true
		}
		if len(ids) != len(messages) {
			t.Errorf("%d messages have %d IDs", len(messages), len(ids))
		}
	})

	t.Run("KeepsBodiesOfTheGreatestSize", func(t *testing.T) {
		f := setup(t, open)
		// More than fits one request, and of characters of one to four bytes.
		var messages []queue.Message
		for _, character := range []string{"a", "é", "漢", "🐘"} {
			for i := range 3 {
				body := strings.Repeat(character, queue.MaxBody/len(character)-1)
				messages = append(messages, message(fmt.Sprint(i%10)+body))
			}
		}
		f.send(messages...)
		want := make([]string, len(messages))
		for i, m := range messages {
			want[i] = m.Body
		}
		f.sameBodies(f.await(len(messages)), want...)
	})

	t.Run("KeepsEveryCharacter", func(t *testing.T) {
		f := setup(t, open)
		want := []string{
			" ", "\n", "a\r\nb\tc", `{"a":"\u0000","b":[1,2]}`, `<a b="c">&amp;&lt;</a>`, "a+b%20c=d&e;f",
			"Zoë Ångström", "שלום עולם", "👩‍👩‍👧‍👦 🇲🇽", "\u202eright to left", "e\u0301", "\ue000\ufffd", "\U0010fffd",
		}
		var messages []queue.Message
		for _, body := range want {
			messages = append(messages, message(body))
		}
		f.send(messages...)
		f.sameBodies(f.await(len(want)), want...)
	})

	t.Run("KeepsEveryCharacterOfAGroup", func(t *testing.T) {
		f := setup(t, open, fifo)
		group := "aZ09!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" + strings.Repeat("g", 92)
		m := messageOf(group, "x")
		m.Dedup = group
		f.send(m)
		if got := f.awaitOne(); got.Group != group || got.Dedup != group {
			t.Errorf("received group %q and dedup %q, want %q", got.Group, got.Dedup, group)
		}
	})

	t.Run("KeepsQueuesApart", func(t *testing.T) {
		f := setup(t, open)
		other := f.declare()
		f.send(message("one"))
		f.sendTo(other, message("other"))
		f.sameBodies(f.await(1), "one")
		f.sameBodies(f.awaitFrom(other, 1), "other")
		f.nothing()
		f.nothingIn(other)
	})

	t.Run("FailsWhenItsContextHasEnded", func(t *testing.T) {
		f := setup(t, open)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := f.queues.Send(ctx, f.spec, message("late")); !errors.Is(err, context.Canceled) {
			t.Errorf("Send gave %v, want one that is context.Canceled", err)
		}
		f.nothing()
	})
}
