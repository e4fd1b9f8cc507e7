package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"

	"rubrica/shared/ledger"
)

func verify() command {
	return command{
		name: "verify", args: []string{"NAME"},
		does: "holds what is stored of a workspace against what follows from it, and lists what is wrong. Reads everything",
		flags: func(set *flag.FlagSet) action {
			idle := set.Bool("idle", false, "stream and queues are worked off: what is not in the log yet is a finding")
			return func(ctx context.Context, s *session) error {
				var options []ledger.VerifyOption
				if *idle {
					options = append(options, ledger.Idle())
				}
				r, err := s.Verify(ctx, s.ws, options...)
				if err != nil {
					return err
				}
				return s.report(r)
			}
		},
	}
}

func repair() command {
	return command{
		name: "repair", args: []string{"NAME"},
		does: "mends what verify finds, as far as what is stored says how: re-sends changes to the log, finishes purges, writes missing hints, removes orphaned ones",
		flags: func(*flag.FlagSet) action {
			return func(ctx context.Context, s *session) error { return s.mend(ctx) }
		},
	}
}

// mend repairs and says what was mended, then what is left.
func (s *session) mend(ctx context.Context, options ...ledger.RepairOption) error {
	r, err := s.Repair(ctx, s.ws, options...)
	for _, kind := range slices.Sorted(maps.Keys(r.Mended)) {
		s.say("mended %d of %s", r.Mended[kind], kind)
	}
	if err != nil {
		return err
	}
	if len(r.Mended) == 0 {
		s.say("nothing to mend")
	}
	return s.report(r.Left)
}

// report prints findings one a line, then a summary.
func (s *session) report(r ledger.Report) error {
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, f := range r.Findings {
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.Kind, f.Key, f.Detail)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	total := 0
	for _, n := range r.Found {
		total += n
	}
	if more := total - len(r.Findings); more > 0 {
		s.say("… and %d more", more)
	}
	s.say("%d rows looked at, of them %d contacts and %d entries of the log; %d things still to be done by the consumers", r.Rows, r.Contacts, r.Entries, r.Pending)
	if r.Busy > 0 {
		s.say("%d were written all the time and not looked at", r.Busy)
	}
	if r.Clean() {
		s.say("workspace %s is clean", s.ws)
		return nil
	}
	for _, kind := range slices.Sorted(maps.Keys(r.Found)) {
		s.say("%d of %s", r.Found[kind], kind)
	}
	return errFindings
}
