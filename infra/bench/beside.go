package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// rounds is how often each operation is measured, of both sides in turn: on a
// machine that others use too, a request's processor time doubles from one minute
// to the next, and only what was measured side by side can be compared.
const rounds = 5

// side is one of two servers that are compared.
type side struct {
	*bench
	name       string
	operations []operation
}

// beside compares a server over as many contacts with another: PocketBase over as
// many, or a second one of ours over another number of contacts. Of each operation
// that is timed it prints every round, and the median of the ratios.
func (b *bench) beside(ctx context.Context, what, binary, dir string, size, connections int, only []string) error {
	one := side{b, fmt.Sprintf("%d contacts", size), operations}
	two := side{&bench{length: b.length}, "PocketBase", pocketBaseOperations}
	create, number := two.createRecord, size
	if what == "pocketbase" {
		if err := two.startPocketBase(ctx, dir); err != nil {
			return fmt.Errorf("PocketBase: %w", err)
		}
	} else {
		var err error
		if number, err = strconv.Atoi(what); err != nil {
			return fmt.Errorf("-beside takes pocketbase or a number of contacts, not %q", what)
		}
		two.name, two.operations, create = fmt.Sprintf("%d", number), operations, two.create
		if err := two.start(ctx, binary, filepath.Join(dir, "second", "data")); err != nil {
			return err
		}
	}
	defer two.server.stop()
	if err := one.fill(size); err != nil {
		return err
	}
	if err := two.fillWith(number, create); err != nil {
		return fmt.Errorf("%s: %w", two.name, err)
	}
	for _, s := range []side{one, two} {
		if err := errors.Join(s.server.warm(), s.server.rested()); err != nil {
			return err
		}
	}
	fmt.Printf("CPU µs a request at %d connections: %s / %s\n", connections, one.name, two.name)
	for _, ours := range one.operations {
		i := slices.IndexFunc(two.operations, func(o operation) bool { return o.name == ours.name })
		if i < 0 || len(only) > 0 && !slices.Contains(only, ours.name) {
			continue
		}
		if err := compare(one, two, ours, two.operations[i], connections); err != nil {
			return err
		}
	}
	for _, s := range []side{one, two} {
		fmt.Printf("%-14s %s\n", s.name, s.footprint())
	}
	return nil
}

// compare prints what an operation costs on both sides.
func compare(one, two side, ours, theirs operation, connections int) error {
	var ratios []float64
	var line strings.Builder
	for range rounds {
		first, err := one.measure(ours, connections)
		if err != nil {
			return fmt.Errorf("%s: %w", ours.name, err)
		}
		second, err := two.measure(theirs, connections)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", two.name, theirs.name, err)
		}
		ratios = append(ratios, second.cpu/first.cpu)
		fmt.Fprintf(&line, "%5.0f/%-5.0f", first.cpu, second.cpu)
	}
	slices.Sort(ratios)
	_, err := fmt.Printf("%-8s %s median ratio %.2f (%.2f-%.2f)\n", ours.name, &line, ratios[rounds/2], ratios[0], ratios[rounds-1])
	return err
}
