package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// allowed is how many times the minimal handler's a figure may be.
const allowed = 1.3

// report is the table of all targets.
func report(all []*target) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	columns := []column{
		{"MB", "%.2f", func(t *target) float64 { return float64(t.size) / 1e6 }, false},
		{"first poll ms", "%.1f", func(t *target) float64 { return t.median(func(f figures) time.Duration { return f.poll }) / 1e6 }, false},
		{"CPU until then ms", "%.1f", func(t *target) float64 { return t.median(func(f figures) time.Duration { return f.started }) / 1e6 }, false},
		{"first answer ms", "%.1f", func(t *target) float64 { return t.median(func(f figures) time.Duration { return f.answer }) / 1e6 }, true},
		{"CPU until then ms", "%.1f", func(t *target) float64 { return t.median(func(f figures) time.Duration { return f.answered }) / 1e6 }, true},
		{"CPU warm µs", "%.0f", func(t *target) float64 { return t.median(func(f figures) time.Duration { return f.warm }) / 1e3 }, true},
		{"MiB", "%.1f", func(t *target) float64 {
			return t.median(func(f figures) time.Duration { return time.Duration(f.memory) }) / (1 << 20)
		}, true},
	}
	fmt.Fprint(w, "function\t")
	for _, c := range columns {
		fmt.Fprintf(w, "%s\t×\t", c.title)
	}
	fmt.Fprintln(w)
	for _, t := range all {
		fmt.Fprintf(w, "%s\t", t.name)
		for _, c := range columns {
			fmt.Fprint(w, c.cell(t), "\t")
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush() // into memory
	return b.String()
}

type column struct {
	title, format string
	of            func(*target) float64
	twin          bool // it depends on the calls that are made
}

// cell is the figure, and how many times the minimal handler's it is.
func (c *column) cell(t *target) string {
	n := c.of(t)
	if n == 0 {
		return "-\t"
	}
	text := fmt.Sprintf(c.format, n) + "\t"
	if t.minimal == nil {
		return text
	}
	text += ratio(n, c.of(t.minimal))
	beside := t.lean
	if c.twin {
		beside = t.twin
	}
	if beside != nil {
		text += " / " + ratio(n, c.of(beside))
	}
	return text
}

func ratio(n, minimal float64) string {
	text := fmt.Sprintf("%.2f", n/minimal)
	if n > allowed*minimal {
		text += "!"
	}
	return text
}

// median is the middle of a figure over all runs.
func (t *target) median(of func(figures) time.Duration) float64 {
	all := make([]time.Duration, len(t.runs))
	for i, f := range t.runs {
		all[i] = of(f)
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return float64(all[len(all)/2])
}
