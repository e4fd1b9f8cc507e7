package embedded_test

import (
	"fmt"
	"sync"
	"testing"

	"rubrica/shared/queue"
)

// BenchmarkTenThousand sends, receives and deletes 10,000 messages of 100 bytes,
// on disk: sent by one sender a hundred or ten at a time, or by sixteen senders
// ten at a time, and consumed by two who receive ten at a time.
func BenchmarkTenThousand(b *testing.B) {
	const many = 10_000
	body := fmt.Sprintf("%0100d", 0)
	lanes, fair := lanes, spec
	fair.MaxReceives = 0
	for _, c := range []struct {
		name           string
		q              queue.Spec
		senders, batch int
		groups         int
	}{
		{"Standard/1x100", fair, 1, 100, 1},
		{"Standard/1x100/1000Groups", fair, 1, 100, 1000},
		{"Standard/1x10", fair, 1, 10, 1},
		{"Standard/16x10", fair, 16, 10, 1},
		{"FIFO/1x100/100Groups", lanes, 1, 100, 100},
	} {
		b.Run(c.name, func(b *testing.B) {
			d := newDriver(openStore(b, b.TempDir(), new(clock)))
			n := 0
			for b.Loop() {
				var all sync.WaitGroup
				for range c.senders {
					batches := make([][]queue.Message, many/c.senders/c.batch)
					for i := range batches {
						for range c.batch {
							n++
							batches[i] = append(batches[i], queue.Message{
								Body: body, Group: fmt.Sprint("g", n%c.groups), Dedup: fmt.Sprint(n),
							})
						}
					}
					all.Go(func() {
						for _, batch := range batches {
							if err := d.Send(b.Context(), c.q, batch); err != nil {
								b.Error(err)
							}
						}
					})
				}
				all.Wait()
				consume(b, d, c.q, 2)
			}
			b.ReportMetric(many*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

// BenchmarkBacklog sends and consumes ten messages of one group while another
// has a backlog of 300,000.
func BenchmarkBacklog(b *testing.B) {
	d := newDriver(openStore(b, b.TempDir(), new(clock)))
	backlog := numbered("flood", 300_000)
	send(b, d, spec, backlog...)
	few := numbered("few", 10)
	b.ReportAllocs()
	for b.Loop() {
		send(b, d, spec, few...)
		for left := len(few); left > 0; {
			got := receive(b, d, spec, 10)
			for _, m := range got {
				if m.Group == "few" {
					left--
				}
			}
			remove(b, d, spec, got...)
		}
	}
}

func consume(b *testing.B, d queue.Driver, q queue.Spec, consumers int) {
	var all sync.WaitGroup
	for range consumers {
		all.Go(func() {
			for {
				messages, err := d.Receive(b.Context(), q, 10, 0)
				if err != nil {
					b.Error(err)
				}
				if len(messages) == 0 {
					return
				}
				if err := d.Delete(b.Context(), q, messages); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
}
