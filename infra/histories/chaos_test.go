package histories

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"rubrica/shared/table"
	"rubrica/shared/table/fault"
)

// chaos makes a driver slow and unreliable for callers that run at once: calls
// begin when it pleases, reads are torn, transactions are refused, answers are
// lost. It does so only while it is on.
type chaos struct {
	*fault.Driver
	on atomic.Bool

	mu     sync.Mutex
	random *rand.Rand
}

func newChaos(seed uint64, driver table.Driver) *chaos {
	c := &chaos{Driver: fault.New(driver), random: rand.New(rand.NewPCG(seed, 0))}
	c.Arm(c.plan)
	return c
}

func (c *chaos) draw(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.random.IntN(n)
}

// pause lets others go first.
func (c *chaos) pause(int) { time.Sleep(time.Duration(c.draw(300)) * time.Microsecond) }

func (c *chaos) plan(call fault.Call) fault.Fault {
	if !c.on.Load() {
		return fault.Pass()
	}
	c.pause(0)
	n := c.draw(100)
	if call.Kind == fault.Read {
		switch {
		case n < 2:
			return fault.FailBefore()
		case n < 45:
			return fault.Torn(c.pause)
		case n < 55:
			return fault.Short()
		}
		return fault.Pass()
	}
	switch {
	case n < 4:
		return fault.FailBefore()
	case n < 10:
		return fault.FailAfter()
	case n < 30:
		return fault.Conflict(1, c.pause)
	}
	return fault.Pass()
}

// forgetful is a driver with a mistake: it writes whatever was written meanwhile.
type forgetful struct{ table.Driver }

func (d forgetful) Write(ctx context.Context, actions []table.Action) error {
	for i := range actions {
		actions[i].If = table.Condition{}
	}
	return d.Driver.Write(ctx, actions)
}

// aged is a driver with another: every fourth read of single rows answers with
// what the last one of the same rows did.
type aged struct {
	table.Driver
	mu    sync.Mutex
	count int
	seen  map[table.Key]table.Row
}

func (d *aged) Read(ctx context.Context, keys []table.Key, ranges []table.Range) ([]table.Row, []table.Page, error) {
	rows, pages, err := d.Driver.Read(ctx, keys, ranges)
	if err != nil {
		return rows, pages, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.count++
	for i := range rows {
		old, ok := d.seen[keys[i]]
		if d.count%4 == 0 && ok {
			rows[i] = old
			continue
		}
		d.seen[keys[i]] = rows[i]
	}
	return rows, pages, nil
}
