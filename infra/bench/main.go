// Command bench measures the one-machine server over HTTP, from a load generator
// in a process of its own: requests a second, latencies, the server's processor
// time per request (work behind the answer included), memory, disk.
//
//	go run ./infra/bench [-contacts 20000,200000,1000000] [-seconds 3] [-connections 1,8]
//	go run ./infra/bench -jobs -contacts 100000
//	go run ./infra/bench -beside pocketbase -contacts 20000 -connections 8
//	go run ./infra/bench -beside 1000000 -contacts 20000 -connections 8
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func main() {
	// Nothing is to outlive it, also if who reads what it prints goes away.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	sizes := flag.String("contacts", "20000,200000,1000000", "how many contacts to measure at, rising")
	seconds := flag.Float64("seconds", 3, "how long each operation is measured")
	connections := flag.String("connections", "1,8", "how many connections to use")
	only := flag.String("only", "", "measure these operations only, with commas between")
	profile := flag.String("cpuprofile", "", "have the server write a processor profile to this file")
	bulk := flag.Bool("jobs", false, "measure bulk jobs over that many contacts, and nothing else")
	other := flag.String("beside", "", "compare with pocketbase, or with that many contacts in a second server, and nothing else")
	keep := flag.String("keep", "", "a folder to keep the data in, and to find it in the next time")
	flag.Parse()

	dir, err := filepath.Abs(*keep)
	if err != nil {
		return err
	}
	if *keep == "" {
		if dir, err = os.MkdirTemp("", "rubrica-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	binary := filepath.Join(dir, "rubrica")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./infra/local").CombinedOutput(); err != nil {
		return fmt.Errorf("building the server: %w: %s", err, out)
	}
	b := &bench{length: time.Duration(*seconds * float64(time.Second))}
	if err := b.start(ctx, binary, filepath.Join(dir, "data"), "-cpuprofile", *profile); err != nil {
		return err
	}
	defer func() { b.server.stop() }()
	if *other != "" {
		return b.beside(ctx, *other, binary, dir, numbers(*sizes)[0], numbers(*connections)[0], names(*only))
	}
	fmt.Printf("%-10s %-8s %5s %10s %9s %9s %12s\n", "contacts", "op", "conns", "req/s", "p50 µs", "p99 µs", "CPU µs/req")
	for _, size := range numbers(*sizes) {
		began := time.Now()
		if err := b.fill(size); err != nil {
			return err
		}
		fmt.Printf("%-10d filled in %.0f s\n", size, time.Since(began).Seconds())
		if err := b.server.rested(); err != nil {
			return err
		}
		if *bulk {
			if err := b.jobs(names(*only)); err != nil {
				return err
			}
			continue
		}
		for _, op := range operations {
			if some := names(*only); len(some) > 0 && !slices.Contains(some, op.name) {
				continue
			}
			for _, n := range numbers(*connections) {
				r, err := b.measure(op, n)
				if err != nil {
					return fmt.Errorf("%s: %w", op.name, err)
				}
				fmt.Printf("%-10d %-8s %5d %10.0f %9d %9d %12.0f\n", size, op.name, n, r.rate, r.p50.Microseconds(), r.p99.Microseconds(), r.cpu)
			}
		}
		fmt.Printf("%-10d %s\n", size, b.footprint())
	}
	if *bulk {
		return nil
	}
	return b.restart(ctx, binary)
}

// names are those of a list with commas between; none of an empty one.
func names(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

func numbers(list string) []int {
	var all []int
	for _, s := range strings.Split(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench: not a number:", s)
			os.Exit(1)
		}
		all = append(all, n)
	}
	return all
}

// bench drives one server.
type bench struct {
	server *process
	token  string
	length time.Duration
	made   atomic.Int64 // contacts so far; the i-th has the i-th address and number

	mu     sync.Mutex
	people []someone // those that are there
}

// someone is a contact by its id and its place among all that were made.
type someone struct {
	id string
	n  int64
}

// start starts the built server over a data folder, gets a token, and looks who is
// there.
func (b *bench) start(ctx context.Context, binary, data string, flags ...string) (err error) {
	if err := os.MkdirAll(filepath.Dir(data), 0o700); err != nil {
		return err
	}
	if b.server, err = startServer(ctx, binary, data, flags...); err != nil {
		return err
	}
	if b.token, err = b.server.token("bench"); err == nil {
		err = b.look()
	}
	if err != nil {
		b.server.stop()
	}
	return err
}

// look lists the contacts that are there.
func (b *bench) look() error {
	c, err := dial(b.server.addr, b.token)
	if err != nil {
		return err
	}
	defer c.close()
	for cursor := "?limit=100"; cursor != ""; {
		status, answer, err := c.do("GET", "/v1/contacts"+cursor, "")
		if err = want(200)(status, answer, err); err != nil {
			return err
		}
		var page struct {
			Items      []struct{ ID, Email string }
			NextCursor string
		}
		if err := json.Unmarshal(answer, &page); err != nil {
			return err
		}
		for _, p := range page.Items {
			var n int64
			if _, err := fmt.Sscanf(p.Email, addressForm, &n); err != nil {
				return err
			}
			b.people = append(b.people, someone{p.ID, n})
			b.made.Store(max(b.made.Load(), n+1))
		}
		if cursor = ""; page.NextCursor != "" {
			cursor = "?limit=100&cursor=" + page.NextCursor
		}
	}
	return nil
}

// result is what a measurement found.
type result struct {
	rate     float64
	p50, p99 time.Duration
	cpu      float64 // µs of the server per request
}

// footprint is what the server takes of the machine.
func (b *bench) footprint() string {
	now, peak := b.server.memory()
	return fmt.Sprintf("memory %d MiB (peak %d MiB), disk %d bytes a contact", now>>20, peak>>20, b.server.disk()/int64(max(len(b.people), 1)))
}

// fill creates contacts until there are so many, as fast as 16 connections can.
func (b *bench) fill(size int) error { return b.fillWith(size, b.create) }

func (b *bench) fillWith(size int, create func(c *client, body func(int64) string) error) error {
	if len(b.people) > size {
		return fmt.Errorf("there are %d contacts already", len(b.people))
	}
	var left atomic.Int64
	left.Store(int64(size - len(b.people)))
	return b.connections(16, func(c *client) error {
		for {
			if left.Add(-1) < 0 {
				return nil
			}
			if err := create(c, member); err != nil {
				return err
			}
		}
	})
}

// create makes the next contact.
func (b *bench) create(c *client, body func(int64) string) error {
	n := b.made.Add(1) - 1
	contact := body(n)
	status, answer, err := c.do("POST", "/v1/contacts", contact)
	if err != nil {
		return err
	}
	if status != 201 {
		return fmt.Errorf("create answered %d: %s", status, answer)
	}
	id := string(answer[7:33])
	b.mu.Lock()
	b.people = append(b.people, someone{id, n})
	b.mu.Unlock()
	return nil
}

func (b *bench) connections(n int, work func(*client) error) error {
	errs := make(chan error, n)
	for range n {
		c, err := dial(b.server.addr, b.token)
		if err != nil {
			return err
		}
		go func() {
			defer c.close()
			errs <- work(c)
		}()
	}
	var first error
	for range n {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return first
}

// measure repeats an operation over n connections for a while.
func (b *bench) measure(op operation, n int) (result, error) {
	if err := errors.Join(b.server.warm(), b.server.settled()); err != nil {
		return result{}, err
	}
	before, err := b.server.cpu()
	if err != nil {
		return result{}, err
	}
	var mu sync.Mutex
	var took []time.Duration
	began := time.Now()
	err = b.connections(n, func(c *client) error {
		var mine []time.Duration
		for time.Since(began) < b.length {
			at := time.Now()
			if err := op.do(b, c); err != nil {
				return err
			}
			mine = append(mine, time.Since(at))
		}
		mu.Lock()
		took = append(took, mine...)
		mu.Unlock()
		return nil
	})
	elapsed := time.Since(began)
	if err != nil {
		return result{}, err
	}
	if err := b.server.settled(); err != nil {
		return result{}, err
	}
	after, err := b.server.cpu()
	if err != nil {
		return result{}, err
	}
	slices.Sort(took)
	return result{
		rate: float64(len(took)) / elapsed.Seconds(), p50: took[len(took)/2], p99: took[len(took)*99/100],
		cpu: float64((after - before).Microseconds()) / float64(len(took)),
	}, nil
}
