package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// atOnce is how many rows are on their way at a time.
const atOnce = 8

// load sends every row and tells out, in the order of the file, which ones were
// refused. It ends early only if the API cannot be reached.
func load(ctx context.Context, c *client, r *rows, out io.Writer) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	began := time.Now()
	type outcome struct {
		row     row
		reasons string // why it was refused, "" if it was stored
	}
	// Each row has a place of its own in the order, which is filled when it is done.
	order := make(chan chan outcome, atOnce)
	slots := make(chan struct{}, atOnce)
	go func() {
		defer close(order)
		for ctx.Err() == nil {
			next, err := r.next()
			if err != nil {
				if !errors.Is(err, io.EOF) {
					cancel(fmt.Errorf("reading the file: %w", err))
				}
				return
			}
			done := make(chan outcome, 1)
			order <- done
			slots <- struct{}{}
			go func() {
				defer func() { <-slots }()
				reasons, err := c.create(ctx, next)
				if err != nil {
					cancel(err)
				}
				done <- outcome{next, reasons}
			}()
		}
	}()
	stored, refused := 0, 0
	for done := range order {
		o := <-done
		switch {
		case ctx.Err() != nil: // whatever it says, it was cut short
		case o.reasons == "":
			stored++
		default:
			refused++
			fmt.Fprintf(out, "line %d: %s\n", o.row.line, o.reasons)
		}
	}
	took := time.Since(began)
	fmt.Fprintf(out, "%d rows: %d stored, %d refused, in %.1f s (%.0f rows a second)\n",
		stored+refused, stored, refused, took.Seconds(), float64(stored+refused)/took.Seconds())
	return context.Cause(ctx)
}
