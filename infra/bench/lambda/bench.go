package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"rubrica/events"
)

// bench starts programs and measures them.
type bench struct {
	dir      string
	warm     int
	settings []string
	world    *world // nil without engines
}

// patience is how long one run of one program may take, its events apart.
const patience = 2 * time.Minute

// ahead is how many invocations are not counted before the warm ones are: the
// heap finds its size, connections are made.
const ahead = 20

// process is a program at work.
type process struct {
	cmd   *exec.Cmd
	api   *runtimeAPI
	began time.Time
	said  bytes.Buffer
}

func (b *bench) start(t *target, more ...string) (*process, error) {
	api, err := serveRuntimeAPI()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(t.program), api: api}
	p.cmd.Dir = b.dir
	p.cmd.Env = slices.Concat([]string{
		"AWS_LAMBDA_RUNTIME_API=" + api.address, "AWS_LAMBDA_FUNCTION_NAME=" + filepath.Base(t.name),
		"PATH=" + os.Getenv("PATH"), "HOME=" + b.dir,
	}, b.settings, t.settings, more)
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	apart(p.cmd)
	p.began = time.Now()
	if err := p.cmd.Start(); err != nil {
		api.close()
		return nil, err
	}
	return p, nil
}

// stop ends the process, which waits for work for ever, and returns err with
// what the process said.
func (p *process) stop(err error) error {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	p.api.close()
	if err != nil {
		return fmt.Errorf("%w; it said: %s", err, p.said.Bytes())
	}
	return nil
}

// measure runs a program once.
func (b *bench) measure(ctx context.Context, t *target) (err error) {
	var payloads [][]byte
	if b.world != nil {
		// Made in advance: what an event needs, such as a contact to delete, is
		// written while nothing is measured.
		if payloads, err = b.world.events(ctx, t.sample, 1+ahead+b.warm); err != nil {
			return fmt.Errorf("making its events: %w", err)
		}
	}
	if len(t.deletes) > 0 {
		if _, err := b.world.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: t.deletes}); err != nil {
			return fmt.Errorf("putting back what it deletes: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p, err := b.start(t)
	if err != nil {
		return err
	}
	defer func() { err = p.stop(err) }()
	var f figures
	if err := p.api.polled(ctx); err != nil {
		return fmt.Errorf("waiting for the first poll: %w", err)
	}
	f.poll = time.Since(p.began)
	if f.started, err = processorTime(p.cmd.Process.Pid); err != nil {
		return err
	}
	if err := b.invocations(ctx, t, p, payloads, &f); err != nil {
		return err
	}
	if f.memory, err = peakMemory(p.cmd.Process.Pid); err != nil {
		return err
	}
	t.runs = append(t.runs, f)
	return nil
}

func (b *bench) invocations(ctx context.Context, t *target, p *process, payloads [][]byte, f *figures) error {
	var before time.Duration
	for i, payload := range payloads {
		if i == 1+ahead {
			var err error
			if before, err = processorTime(p.cmd.Process.Pid); err != nil {
				return err
			}
		}
		at, err := p.invoke(ctx, t, payload)
		if err != nil {
			return fmt.Errorf("invocation %d: %w", i, err)
		}
		if i == 0 {
			f.answer = at.Sub(p.began)
			if f.answered, err = processorTime(p.cmd.Process.Pid); err != nil {
				return err
			}
		}
	}
	if len(payloads) == 0 {
		return nil
	}
	after, err := processorTime(p.cmd.Process.Pid)
	f.warm = (after - before) / time.Duration(b.warm)
	return err
}

// invoke gives the process an event, holds the answer against what it must be,
// and returns when it came.
func (p *process) invoke(ctx context.Context, t *target, payload []byte) (time.Time, error) {
	got, err := p.api.invoke(ctx, payload)
	if err == nil && t.minimal != nil {
		err = events.Check(t.name, got.body)
	}
	return got.at, err
}

// twin returns the minimal handler that makes the same calls to DynamoDB as a
// function does for its event once it is warm.
func (b *bench) twin(ctx context.Context, t *target, program string) (twin *target, err error) {
	payloads, err := b.world.events(ctx, t.sample, 3)
	if err != nil {
		return nil, fmt.Errorf("making its events: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := record(os.Getenv("RUBRICA_DYNAMODB"), b.world.db)
	if err != nil {
		return nil, err
	}
	defer r.close()
	p, err := b.start(t, "RUBRICA_DYNAMODB="+r.url)
	if err != nil {
		return nil, err
	}
	defer func() { err = p.stop(err) }()
	if err := p.api.polled(ctx); err != nil {
		return nil, err
	}
	for _, payload := range payloads {
		r.forget()
		if _, err := p.invoke(ctx, t, payload); err != nil {
			return nil, err
		}
	}
	calls, err := json.Marshal(r.calls())
	if err != nil {
		return nil, err
	}
	return &target{
		name: t.name + ": its calls", program: program, sample: "get-contact", deletes: r.deleted,
		settings: []string{"RUBRICA_BENCH_CALLS=" + string(calls)},
	}, nil
}

// peakMemory is the most memory that a process has had resident.
func peakMemory(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, ok := strings.Cut(string(status), "VmHWM:")
	if !ok {
		return 0, fmt.Errorf("no VmHWM in /proc/%d/status", pid)
	}
	kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	return kb << 10, err
}
