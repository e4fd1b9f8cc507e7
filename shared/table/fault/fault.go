// Package fault wraps a table.Driver whose calls fail as a network, an engine or
// a process would make them fail, each when a test says so. Crash sweeps of
// every operation are built on it.
//
// Every call gets a number, and before it is made a Plan is asked what shall
// happen to it. A sweep runs an operation once to learn how many calls it makes,
// and then once for every call and every fault:
//
//	d := fault.New(driver)
//	prepare(d); d.Arm(nil); operate(d); calls := d.Calls()
//	for n := 1; n <= calls; n++ {
//		prepare(d)
//		d.Arm(fault.At(n, fault.FailAfter()))
//		err := operate(d)     // may fail, and may not lie
//		d.Arm(nil)            // the network is well again
//		retry(d); verify(d)   // nothing lost, nothing done twice
//	}
//
// What a fault does stays within the contract of table.Driver, so that whoever
// breaks under it would break over the real engine: a call that fails does so
// with table.ErrUnavailable, pages are cut but not reordered, changes come
// repeated but in order within their partition. The errors also say which fault
// it was, for the messages of tests.
//
// To count round trips and units put package meter beneath it, around the
// engine: its own look-ups would be numbered otherwise.
package fault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"rubrica/shared/table"
)

// Kind is a method of table.Driver.
type Kind string

// The kinds of calls.
const (
	Read    Kind = "read"
	Write   Kind = "write"
	Batch   Kind = "batch"
	Changes Kind = "changes"
	Scan    Kind = "scan"
)

// Call is a call that is about to be made.
type Call struct {
	// Number counts calls from 1, in the order in which they began, since New or
	// the last Arm.
	Number int
	Kind   Kind
	// Keys are the rows that it names: of a Read its keys, of a Write those of
	// the actions, of a Batch those put and then those deleted.
	Keys []table.Key
	// Ranges are those of a Read.
	Ranges []table.Range
	// Actions are those of a Write.
	Actions []table.Action
}

func (c Call) String() string {
	s := fmt.Sprintf("%d: %s", c.Number, c.Kind)
	for _, k := range c.Keys {
		s += fmt.Sprintf(" [%s]", k)
	}
	for _, r := range c.Ranges {
		s += fmt.Sprintf(" [%s …]", r.Of.PK())
	}
	return s
}

// Plan says what shall happen to a call. It is asked before the call, from the
// goroutine that makes it, from several at once if calls are made at once; it may
// itself use the driver beneath, such as to let somebody else's write happen
// just now. A nil Plan passes everything.
type Plan func(Call) Fault

// At is the Plan of one fault, at the call of a given number.
func At(number int, f Fault) Plan {
	return func(c Call) Fault {
		if c.Number == number {
			return f
		}
		return Pass()
	}
}

// Driver is a table.Driver that fails as planned.
type Driver struct {
	engine table.Driver

	mu     sync.Mutex
	plan   Plan
	calls  []Call
	killed bool
}

var _ table.Driver = (*Driver)(nil)

// New wraps a driver. Nothing fails until Arm.
func New(engine table.Driver) *Driver { return &Driver{engine: engine} }

// Arm sets the plan, numbers calls from 1 again, and revives a driver that was
// killed. To be called while no call is running.
func (d *Driver) Arm(plan Plan) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.plan, d.calls, d.killed = plan, nil, false
}

// Calls is how many calls were made since Arm.
func (d *Driver) Calls() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.calls)
}

// Log is the calls that were made since Arm, in the order of their numbers.
func (d *Driver) Log() []Call {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.calls)
}

// ask numbers a call and asks the plan.
func (d *Driver) ask(c Call) (Fault, error) {
	d.mu.Lock()
	c.Number = len(d.calls) + 1
	d.calls = append(d.calls, c)
	plan, killed := d.plan, d.killed
	d.mu.Unlock()
	switch {
	case killed:
		return Fault{}, unavailable(c, ErrKilled)
	case plan == nil:
		return Fault{}, nil
	}
	return plan(c), nil
}

// around makes a call as planned. do makes it once.
func (d *Driver) around(ctx context.Context, c Call, do func(Fault) error) error {
	f, err := d.ask(c)
	if err != nil {
		return err
	}
	switch f.is {
	case failBefore:
		return unavailable(c, ErrInjected)
	case failHalfway:
		if c.Kind == Batch {
			_ = do(f)
		}
		return unavailable(c, ErrInjected)
	case failAfter:
		_ = do(f) // applied or refused: nobody hears of it
		return unavailable(c, ErrInjected)
	case throttle:
		return unavailable(c, ErrThrottled)
	case conflict:
		if f.times < 0 {
			return unavailable(c, ErrConflict)
		}
		for i := range f.times {
			if ctx.Err() != nil {
				return unavailable(c, errors.Join(ErrConflict, ctx.Err()))
			}
			f.between(i)
		}
		return do(f)
	case hang:
		<-ctx.Done()
		return unavailable(c, ctx.Err())
	case killBefore, killAfter:
		if f.is == killAfter {
			_ = do(f)
		}
		d.mu.Lock()
		d.killed = true
		d.mu.Unlock()
		f.between(0)
		return unavailable(c, ErrKilled)
	default:
		return do(f)
	}
}

// Errors that say which fault it was. All come with table.ErrUnavailable.
var (
	ErrInjected  = errors.New("injected failure")
	ErrThrottled = errors.New("injected throttling")
	ErrConflict  = errors.New("injected conflict")
	ErrKilled    = errors.New("the process was killed")
)

func unavailable(c Call, cause error) error {
	return fmt.Errorf("%w: call %s: %w", table.ErrUnavailable, c, cause)
}
