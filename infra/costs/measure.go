package main

import (
	"context"
	"errors"
	"fmt"

	"rubrica/shared/table/meter"
)

// counts are what something asks of AWS, on average where it was done often.
type counts struct {
	gateway, invocations float64
	calls                float64 // requests to DynamoDB
	trips                float64 // those of them that are waited for one after another
	waits                float64 // trips, and sending to queues
	reads, writes        float64 // units
	queue                float64 // requests to SQS, as billed
}

func (c counts) plus(o counts) counts {
	return counts{
		c.gateway + o.gateway, c.invocations + o.invocations, c.calls + o.calls, c.trips + o.trips, c.waits + o.waits,
		c.reads + o.reads, c.writes + o.writes, c.queue + o.queue,
	}
}

func (c counts) over(n float64) counts {
	return counts{
		c.gateway / n, c.invocations / n, c.calls / n, c.trips / n, c.waits / n,
		c.reads / n, c.writes / n, c.queue / n,
	}
}

// measured is one line of the table.
type measured struct {
	operation
	// request is what answering takes, behind what is left to do afterwards if
	// nothing else happens meanwhile, amid the same among others of its kind.
	request, behind, amid counts
}

// alone and together are dollars per million.
func (m *measured) alone() float64    { return m.request.plus(m.behind).dollars() }
func (m *measured) together() float64 { return m.request.plus(m.amid).dollars() }

func measureAll(ctx context.Context) ([]measured, error) {
	all := make([]measured, len(operations))
	for i, op := range operations {
		m, err := measure(ctx, op)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", op.name, err)
		}
		all[i] = m
	}
	return all, nil
}

// measure runs an operation once in a world of its own, and then often in
// another.
func measure(ctx context.Context, op operation) (measured, error) {
	m := measured{operation: op}
	var err error
	if m.request, m.behind, err = op.run(ctx, 1); err != nil {
		return m, err
	}
	if m.behind == (counts{}) {
		return m, nil
	}
	if _, m.amid, err = op.run(ctx, busy); err == nil {
		m.amid = m.amid.over(busy)
	}
	return m, err
}

// run prepares n of an operation, does them, and then what they leave behind.
// request is what one of them took.
func (op *operation) run(ctx context.Context, n int) (request, behind counts, err error) {
	w, err := newWorld(ctx)
	if err != nil {
		return request, behind, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if op.prepare != nil {
		if err := op.prepare(ctx, w, n); err != nil {
			return request, behind, fmt.Errorf("preparing: %w", err)
		}
	}
	if _, err := w.settle(ctx); err != nil {
		return request, behind, fmt.Errorf("preparing: %w", err)
	}
	// A function that is warm knows how the settings last were.
	if _, err := w.do(ctx, call{method: "GET", path: "/v1/me", want: 200}); err != nil {
		return request, behind, err
	}
	request, err = w.counted(ctx, func(ctx context.Context) (int, error) {
		for i := range n {
			if _, err := w.do(ctx, op.call(w, i)); err != nil {
				return 0, err
			}
		}
		return n, nil
	})
	if err != nil {
		return request, behind, err
	}
	request.gateway = float64(n)
	behind, err = w.counted(ctx, w.settle)
	return request.over(float64(n)), behind, err
}

// counted counts what work does, which says how many invocations it is.
func (w *world) counted(ctx context.Context, work func(context.Context) (invocations int, err error)) (counts, error) {
	calls := func() (n int64) { return w.tables[0].sent.Load() + w.tables[1].sent.Load() }
	ctx, tally := meter.With(ctx)
	calledBefore, billedBefore, sentBefore := calls(), w.letters.billed.Load(), w.letters.sends.Load()
	invocations, err := work(ctx)
	t := tally.Tally()
	return counts{
		invocations: float64(invocations), calls: float64(calls() - calledBefore),
		trips: float64(t.Trips()), waits: float64(t.Trips()) + float64(w.letters.sends.Load()-sentBefore),
		reads: float64(t.ReadUnits), writes: float64(t.WriteUnits), queue: float64(w.letters.billed.Load() - billedBefore),
	}, err
}
