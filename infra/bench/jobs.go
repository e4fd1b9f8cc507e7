package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// jobs measures bulk jobs over all contacts that are there, each while contacts
// are read, in the same workspace and in another: contacts a second until the job
// is closed, and until its entries are in the log and what it left is purged;
// the server's processor time up to both, that of the readers with it; memory; and
// what a get takes, quiet and beside the job. The last one deletes everybody.
func (b *bench) jobs(only []string) error {
	other, err := b.elsewhere()
	if err != nil {
		return err
	}
	fmt.Printf("%-8s %10s %12s %12s %12s %9s %24s %24s\n", "job", "contacts", "closed/s", "settled/s", "CPU µs each", "peak MiB", "get p99 µs quiet/beside", "elsewhere quiet/beside")
	for _, j := range []struct{ name, body string }{
		{"tag", `{"type":"tag","tags":["bulk"],"select":{"all":true}}`},
		{"untag", `{"type":"untag","tags":["bulk"],"select":{"all":true}}`},
		{"delete", fmt.Sprintf(`{"type":"delete","select":{"all":true},"confirm":%d}`, len(b.people))},
	} {
		if len(only) > 0 && !slices.Contains(only, j.name) {
			continue
		}
		if err := b.job(j.body, other); err != nil {
			return err
		}
	}
	return nil
}

// elsewhere is the same server with another workspace, of a few contacts.
func (b *bench) elsewhere() (*bench, error) {
	o := &bench{server: b.server, length: b.length}
	var err error
	if o.token, err = b.server.token("elsewhere"); err != nil {
		return nil, err
	}
	if err := o.look(); err != nil {
		return nil, err
	}
	return o, o.fill(max(1000, len(o.people)))
}

// job runs one job.
func (b *bench) job(body string, other *bench) error {
	if err := b.server.warm(); err != nil {
		return err
	}
	quiet, err := readers(b, other, time.After(b.length))
	if err != nil {
		return err
	}
	c, err := dial(b.server.addr, b.token)
	if err != nil {
		return err
	}
	defer c.close()
	before, err := b.server.cpu()
	if err != nil {
		return err
	}
	began := time.Now()
	j, err := c.job("POST", "/v1/jobs", body, 202)
	if err != nil {
		return err
	}
	done := make(chan time.Time)
	failed := make(chan error, 1)
	var closed, worked time.Duration
	go func() {
		var err error
		if j, err = c.finish(j, len(b.people)); err == nil {
			closed = time.Since(began)
			worked, err = b.server.cpu()
		}
		failed <- err
		close(done)
	}()
	beside, err := readers(b, other, done)
	if err != nil {
		return err
	}
	if err := <-failed; err != nil {
		return err
	}
	if err := b.server.settled(); err != nil {
		return err
	}
	settled := time.Since(began) - time.Second // for which settled sees nothing happen
	all, err := b.server.cpu()
	if err != nil {
		return err
	}
	_, peak := b.server.memory()
	n := float64(len(b.people))
	fmt.Printf("%-8s %10d %12.0f %12.0f %12s %9d %24s %24s\n", j.Type, len(b.people), n/closed.Seconds(), n/settled.Seconds(),
		fmt.Sprintf("%.0f/%.0f", float64((worked-before).Microseconds())/n, float64((all-before).Microseconds())/n), peak>>20,
		fmt.Sprintf("%d/%d", quiet[0].Microseconds(), beside[0].Microseconds()), fmt.Sprintf("%d/%d", quiet[1].Microseconds(), beside[1].Microseconds()))
	if j.Type == "delete" {
		b.people = nil
	}
	return nil
}

// job is what counts of a job.
type job struct {
	ID, Type, Status      string
	Total                 *int
	Done, Failed, Skipped int
}

func (c *client) job(method, path, body string, status int) (j job, err error) {
	got, answer, err := c.do(method, path, body)
	if err := want(status)(got, answer, err); err != nil {
		return j, err
	}
	return j, json.Unmarshal(answer, &j)
}

// finish confirms a job where it has to be and waits until it is over.
func (c *client) finish(j job, n int) (job, error) {
	for {
		var err error
		if j, err = c.job("GET", "/v1/jobs/"+j.ID, "", 200); err != nil {
			return j, err
		}
		switch {
		case j.Status == "unconfirmed" && j.Total != nil:
			if _, err := c.job("POST", "/v1/jobs/"+j.ID+"/confirm", fmt.Sprintf(`{"confirm":%d}`, *j.Total), 200); err != nil {
				return j, err
			}
		case j.Status == "completed" && j.Done != n:
			return j, fmt.Errorf("of %d contacts: %+v", n, j)
		case j.Status == "completed":
			return j, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// readers read a contact after the other over a connection to each workspace, with
// a pause as somebody has who works, and return the p99 of both.
func readers[T any](b, other *bench, until <-chan T) (p99 [2]time.Duration, err error) {
	stop := make(chan struct{})
	go func() { <-until; close(stop) }()
	type found struct {
		at   int
		took []time.Duration
		err  error
	}
	all := make(chan found)
	for i, of := range []*bench{b, other} {
		go func() {
			f := found{at: i}
			c, err := dial(of.server.addr, of.token)
			if f.err = err; err == nil {
				defer c.close()
			}
			for f.err == nil {
				select {
				case <-stop:
					all <- f
					return
				case <-time.After(2 * time.Millisecond):
				}
				began := time.Now()
				_, _, f.err = c.do("GET", "/v1/contacts/"+of.any().id, "") // 410 once it is deleted
				f.took = append(f.took, time.Since(began))
			}
			all <- f
		}()
	}
	for range 2 {
		f := <-all
		if f.err != nil {
			err = f.err
			continue
		}
		slices.Sort(f.took)
		p99[f.at] = f.took[len(f.took)*99/100]
	}
	return p99, err
}
