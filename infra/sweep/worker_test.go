package sweep

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	queuefault "rubrica/shared/queue/fault"
	tablefault "rubrica/shared/table/fault"

	"rubrica/shared/consume"
	"rubrica/shared/ledger"
)

// TestWorkerInAStorm lets the worker of the one-machine server, which does there
// what AWS does elsewhere, run over drivers that fail one call in eight, stops it
// in the middle, and starts another. In a bubble of its own time nothing waits.
func TestWorkerInAStorm(t *testing.T) {
	t.Parallel()
	for range 4 {
		seed := rand.Uint64()
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { storm(t, seed) })
		})
	}
}

func storm(t *testing.T, seed uint64) {
	s, err := newSystem(context.Background(), embeddedStore(t), bug{}, ledger.JobSizes{})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(seed, 0))
	faults := []effect{
		{table: tablefault.FailBefore(), queue: queuefault.FailBefore},
		{table: tablefault.FailAfter(), queue: queuefault.FailAfter},
		{table: tablefault.FailHalfway(), queue: queuefault.Duplicate},
		{table: tablefault.Repeat(), queue: queuefault.Shuffle},
		{table: tablefault.Shuffle(seed), queue: queuefault.FailBefore},
	}
	s.script.arm(func(call) effect {
		if random.IntN(8) > 0 {
			return effect{}
		}
		return faults[random.IntN(len(faults))]
	})
	ask := func(r request) {
		t.Helper()
		if a, err := s.do(r, fmt.Sprintf("key-%d", s.requests)); err != nil || a.status > 299 {
			t.Fatalf("%s %s: %d %v %v", r.method, r.path, a.status, a.body, err)
		}
	}
	for process := range 2 {
		stop := s.work()
		defer stop() // also where the test fails
		for i := range 8 {
			before, after := fmt.Sprintf("a%d-%d", process, i), fmt.Sprintf("bb%d-%d", process, i)
			ask(create(full(before)))
			ask(addTo("email:"+before+"@example.com", `["`+before+`","all"]`))
			ask(post("/v1/contacts/email:"+before+"@example.com/notes", `{"text":"of a storm"}`))
			ask(patch("/v1/contacts/email:"+before+"@example.com", full(after)))
			if i%2 == 0 {
				ask(remove("/v1/contacts/email:" + after + "@example.com"))
			}
			if i%3 == 0 {
				ask(remove("/v1/tags/" + before))
			}
			time.Sleep(50 * time.Millisecond)
		}
		stop()
		s.restart()
	}
	s.script.arm(nil)
	stop := s.work()
	for range 100 {
		time.Sleep(time.Minute)
		for _, c := range s.well.consumers {
			if err := s.redrive(c.Queue); err != nil {
				t.Fatal(err)
			}
		}
	}
	stop()
	_, wrong, err := s.look(answer{})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range append(wrong, s.check()...) {
		t.Error(w)
	}
}

// work runs the worker over the drivers that fail, until it is told to stop.
func (s *system) work() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	w := &consume.Worker{
		Table: s.faulty.table, Queues: s.faulty.queues, Consumers: s.faulty.consumers,
		Wait: s.wait, Log: slog.New(slog.DiscardHandler),
	}
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	return func() { cancel(); <-done }
}
