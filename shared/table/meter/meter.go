// Package meter wraps a table.Driver and counts what its use would cost on
// DynamoDB: calls, one after another, and the read and write units they are
// billed by. Budgets are held to it.
//
// Units follow on-demand billing of strongly consistent reads:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
// Sizes are those of table.Size. What the meter cannot see it leaves out: rows
// that have expired and are still stored, secondary indexes (there are none),
// the change stream, which is billed by its own requests.
//
// The price of a write depends on the row that was there. To know it, the meter
// reads it beforehand with the driver beneath, and counts none of that; so it
// belongs directly around the engine, with package fault outside. A row that
// somebody else changes in between may be priced as it was.
package meter

import (
	"context"
	"sync"

	"rubrica/shared/table"
)

// Tally is what was counted.
type Tally struct {
	// Calls by kind.
	Reads, Writes, Batches, Changes, Scans int
	// ReadUnits of 4 KB and WriteUnits of 1 KB.
	ReadUnits, WriteUnits int
}

// Trips is how many round trips it were one after another: every call is one.
// Calls that were made side by side are counted as if they had not been.
func (t Tally) Trips() int { return t.Reads + t.Writes + t.Batches + t.Changes + t.Scans }

func (t Tally) plus(u Tally) Tally {
	t.Reads += u.Reads
	t.Writes += u.Writes
	t.Batches += u.Batches
	t.Changes += u.Changes
	t.Scans += u.Scans
	t.ReadUnits += u.ReadUnits
	t.WriteUnits += u.WriteUnits
	return t
}

// Counts counts the calls of one context. It may be used concurrently.
type Counts struct {
	mu     sync.Mutex
	tally  Tally
	around *Counts // of the context that this one's was made from
}

// Tally is what was counted so far.
func (c *Counts) Tally() Tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tally
}

func (c *Counts) add(t Tally) {
	for ; c != nil; c = c.around {
		c.mu.Lock()
		c.tally = c.tally.plus(t)
		c.mu.Unlock()
	}
}

type contextKey struct{}

// With counts what is called under the returned context, over all meters. What
// is called under a context made from it, by With too, counts for both.
func With(ctx context.Context) (context.Context, *Counts) {
	around, _ := ctx.Value(contextKey{}).(*Counts)
	c := &Counts{around: around}
	return context.WithValue(ctx, contextKey{}, c), c
}

// Meter is a table.Driver that counts.
type Meter struct {
	engine table.Driver
	total  Counts
}

var _ table.Driver = (*Meter)(nil)

// New puts a meter around a driver.
func New(engine table.Driver) *Meter { return &Meter{engine: engine} }

// Total is what was counted since New, under any context.
func (m *Meter) Total() Tally { return m.total.Tally() }

func (m *Meter) count(ctx context.Context, t Tally) {
	m.total.add(t)
	c, _ := ctx.Value(contextKey{}).(*Counts)
	c.add(t)
}
