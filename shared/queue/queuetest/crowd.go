package queuetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"rubrica/shared/queue"
)

func exerciseFairness(t *testing.T, open opener) {
	t.Run("LetsNoGroupWaitForTheBacklogOfAnother", func(t *testing.T) {
		f := setup(t, open)
		if f.excused(f.opened.Unfair) {
			return
		}
		flood := numbered(500)
		f.send(flood...)
		f.await(30)
		f.send(messageOf("small", "small"), messageOf("smaller", "smaller"))
		got := bodies(f.await(queue.MaxBatch))
		for _, body := range []string{"small", "smaller"} {
			if !slices.Contains(got, body) {
				t.Errorf("the next %d messages are %v, without %q", queue.MaxBatch, got, body)
			}
		}
	})

	t.Run("GivesEveryGroupItsTurn", func(t *testing.T) {
		f := setup(t, open)
		if f.excused(f.opened.Unfair) {
			return
		}
		for _, group := range []string{"a", "b", "c"} { // one backlog behind the other
			messages := numbered(60)
			for i := range messages {
				messages[i].Group = group
			}
			f.send(messages...)
		}
		turns := make(map[string]int)
		for _, m := range f.await(30) {
			turns[m.Group]++
		}
		if turns["a"] != 10 || turns["b"] != 10 || turns["c"] != 10 {
			t.Errorf("30 messages of three groups are %v, want 10 of each", turns)
		}
	})
}

// consume lets n consumers receive until stop, each handing what it got to work.
func (f *fixture) consume(n, max int, stop func() bool, work func([]queue.Message)) {
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for end := time.Now().Add(2 * patience); !stop() && time.Now().Before(end); {
				ctx, cancel := context.WithTimeout(f.Context(), patience)
				messages, err := f.queues.Receive(ctx, f.spec, max, time.Second)
				cancel()
				if err != nil {
					if !errors.Is(err, context.Canceled) {
						f.Errorf("Receive: %v", err)
					}
					return
				}
				work(messages)
			}
		})
	}
	all.Wait()
}

func exerciseCrowd(t *testing.T, open opener) {
	const many = 300

	t.Run("ReceivesEachMessageOnceWhileItIsHidden", func(t *testing.T) {
		f := setup(t, open)
		var mu sync.Mutex
		seen := make(map[string]int)
		var senders sync.WaitGroup
		for s := range 3 {
			senders.Go(func() {
				for i := range many / 3 / 10 {
					var messages []queue.Message
					for j := range 10 {
						messages = append(messages, messageOf(fmt.Sprint("g", j%4), fmt.Sprintf("%d.%d.%d", s, i, j)))
					}
					if err := f.queues.Send(t.Context(), f.spec, messages...); err != nil {
						t.Errorf("Send: %v", err)
					}
				}
			})
		}
		stop := func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(seen) == many
		}
		f.consume(5, queue.MaxBatch, stop, func(messages []queue.Message) {
			mu.Lock()
			for _, m := range messages {
				seen[m.Body]++
			}
			mu.Unlock()
			if len(messages) > 0 {
				f.delete(messages...)
			}
		})
		senders.Wait()
		if len(seen) != many {
			t.Errorf("received %d different messages of %d", len(seen), many)
		}
		for body, n := range seen {
			if n != 1 {
				t.Errorf("received message %s %d times while it was hidden", body, n)
			}
		}
		f.nothing()
	})

	t.Run("KeepsOrderAndExclusionOfFIFOGroups", func(t *testing.T) {
		f := setup(t, open, fifo)
		const lanes, each = 5, 30
		want := make([]string, each)
		for i := range want {
			want[i] = fmt.Sprint(i)
		}
		for i := range each {
			var messages []queue.Message
			for lane := range lanes {
				messages = append(messages, messageOf(fmt.Sprint("lane", lane), want[i]))
			}
			f.send(messages...)
		}
		var mu sync.Mutex
		done := 0
		busy := make(map[string]int)
		order := make(map[string][]string)
		stop := func() bool {
			mu.Lock()
			defer mu.Unlock()
			return done == lanes*each
		}
		f.consume(4, 3, stop, func(messages []queue.Message) {
			groups := make(map[string]bool)
			mu.Lock()
			for _, m := range messages {
				groups[m.Group] = true
				order[m.Group] = append(order[m.Group], m.Body)
			}
			for g := range groups {
				if busy[g]++; busy[g] > 1 {
					t.Errorf("group %s is in flight twice", g)
				}
			}
			mu.Unlock()
			time.Sleep(time.Duration(rand.IntN(1000)) * time.Microsecond)
			mu.Lock()
			for g := range groups {
				busy[g]--
			}
			done += len(messages)
			mu.Unlock()
			if len(messages) > 0 {
				f.delete(messages...)
			}
		})
		for lane, got := range order {
			if !slices.Equal(got, want) {
				t.Errorf("%s was received as %v", lane, got)
			}
		}
		if done != lanes*each {
			t.Errorf("received %d messages of %d", done, lanes*each)
		}
	})

	t.Run("DeliversAgainWhatADyingConsumerHad", func(t *testing.T) {
		f := setup(t, open, visibility(3*time.Second))
		messages := numbered(60)
		f.send(messages...)
		var mu sync.Mutex
		handled := make(map[string]bool)
		stop := func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(handled) == len(messages)
		}
		f.consume(3, 7, stop, func(received []queue.Message) {
			if len(received) == 0 {
				f.pass(3 * time.Second)
				return
			}
			again := func(m queue.Message) bool { return m.Receives > 1 }
			if !slices.ContainsFunc(received, again) && rand.IntN(2) == 0 {
				return // died with all of them
			}
			mu.Lock()
			for _, m := range received {
				handled[m.Body] = true
			}
			mu.Unlock()
			f.delete(received...)
		})
		if len(handled) != len(messages) {
			t.Errorf("handled %d messages of %d", len(handled), len(messages))
		}
		f.pass(3 * time.Second)
		f.nothing()
	})
}
