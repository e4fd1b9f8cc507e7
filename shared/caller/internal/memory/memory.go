// Package memory is a table driver for the tests of caller and what is below
// it: rows in a map, conditions checked, calls counted, failures on demand. It
// reads and writes single rows; everything else is for real drivers.
package memory

import (
	"context"
	"fmt"
	"sync"

	"rubrica/shared/table"
)

// Rows is the driver. Its zero value is empty and works.
type Rows struct {
	table.Driver // nil: any other call is a defect of the test

	// Hold, unless nil, keeps every read waiting until it is closed.
	Hold chan struct{}

	mu     sync.Mutex
	rows   map[table.Key]table.Row
	fail   error
	reads  int
	writes int
}

// Fail makes every call fail until it is called with nil.
func (r *Rows) Fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = err
}

// Reads is how many reads there were, failed ones included.
func (r *Rows) Reads() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reads
}

// Writes is how many writes there were, failed ones included.
func (r *Rows) Writes() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.writes
}

// Read implements table.Driver for keys.
func (r *Rows) Read(ctx context.Context, keys []table.Key, _ []table.Range) ([]table.Row, []table.Page, error) {
	if r.Hold != nil {
		<-r.Hold
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reads++
	if err := r.broken(ctx); err != nil {
		return nil, nil, err
	}
	rows := make([]table.Row, len(keys))
	for i, k := range keys {
		rows[i] = r.rows[k]
	}
	return rows, nil, nil
}

// Write implements table.Driver for puts and deletes.
func (r *Rows) Write(ctx context.Context, actions []table.Action) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writes++
	if err := r.broken(ctx); err != nil {
		return err
	}
	for i, a := range actions {
		if stored := r.rows[a.Row.Key]; !a.If.Holds(stored) {
			return &table.ConditionError{Failed: []table.Failed{{Index: i, Row: stored}}}
		}
	}
	if r.rows == nil {
		r.rows = map[table.Key]table.Row{}
	}
	for _, a := range actions {
		delete(r.rows, a.Row.Key)
		if a.Verb == table.VerbPut {
			r.rows[a.Row.Key] = a.Row
		}
	}
	return nil
}

func (r *Rows) broken(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", table.ErrUnavailable, err)
	}
	return r.fail
}
