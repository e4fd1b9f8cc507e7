package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// target is a program to measure, and what was measured of it.
type target struct {
	name, pkg string
	// sample is the function whose event it is given.
	sample string
	// minimal is what it is held against; nil of a minimal handler.
	minimal *target
	// lean is the least that a handler with the same clients can be; nil where the
	// minimal one has none.
	lean *target
	// twin is a minimal handler that makes the same calls, if it makes any.
	twin *target
	// settings are those that it has beside the others'.
	settings []string
	// deletes are the rows that a twin's first invocation deletes, as the function's
	// does: they are put back before each run. Those after it find nothing to delete,
	// which is the engine's time and not the handler's.
	deletes []types.TransactWriteItem

	program string
	size    int64 // bytes
	runs    []figures
}

// figures are one run's.
type figures struct {
	poll, answer time.Duration // from the start of the process
	started      time.Duration // processor time until the first poll
	answered     time.Duration // and until the first answer
	warm         time.Duration // processor time of one warm invocation
	memory       int64         // bytes resident at most
}

// build builds the program for this machine, and for arch to weigh it.
func (t *target) build(ctx context.Context, dir, arch string) error {
	for _, a := range []string{runtime.GOARCH, arch} {
		program := filepath.Join(dir, strings.ReplaceAll(t.name, "/", "-")+"-"+a)
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags=lambda.norpc", "-ldflags=-s -w", "-o", program, t.pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+a)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s for %s: %w: %s", t.name, a, err, out)
		}
		info, err := os.Stat(program)
		if err != nil {
			return err
		}
		if a == runtime.GOARCH {
			t.program = program
		}
		t.size = info.Size() // the last one counts
	}
	return nil
}
