package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// fetch brings every engine whose folder is not there.
func fetch(ctx context.Context, folder string, all []engine, stderr io.Writer) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, e := range all {
		done := filepath.Join(folder, e.name)
		if _, err := os.Stat(done); err == nil {
			continue
		}
		fmt.Fprintf(stderr, "conformance: fetching %s into %s with %s\n", e.name, folder, e.needs)
		if err := fetchOne(ctx, done, e, stderr); err != nil {
			return fmt.Errorf("fetch %s: %w", e.name, err)
		}
	}
	return nil
}

// fetchOne fills another folder first, so that the engine's own is whole or not
// there at all, also when two do this at once.
func fetchOne(ctx context.Context, done string, e engine, stderr io.Writer) error {
	if _, err := exec.LookPath(e.needs); err != nil {
		return err
	}
	partial, err := os.MkdirTemp(filepath.Dir(done), e.name+".partial-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(partial)
	command, err := e.fetch(partial)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = stderr, stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", e.needs, err)
	}
	if err := os.Chmod(partial, 0o755); err != nil {
		return err
	}
	if err := os.Rename(partial, done); err != nil {
		if _, there := os.Stat(done); there != nil {
			return err
		}
	}
	return nil
}
