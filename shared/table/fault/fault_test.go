package fault_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"rubrica/shared/table"
	"rubrica/shared/table/fault"
	"rubrica/shared/table/pebble"
	"rubrica/shared/table/tabletest"
	"rubrica/shared/tenant"
)

// bench is a table that can be made to fail, and the same table undisturbed.
type bench struct {
	*table.Table
	faults *fault.Driver
	well   *table.Table
	ctx    context.Context
	ws     tenant.Workspace
}

func newBench(t *testing.T) *bench {
	t.Helper()
	ws, err := tenant.Parse("acme")
	if err != nil {
		t.Fatal(err)
	}
	engine := engine(t)
	d := fault.New(engine)
	return &bench{table.New(d), d, table.New(engine), tenant.Bind(t.Context(), ws), ws}
}

func engine(t *testing.T) table.Driver {
	t.Helper()
	store, err := pebble.Open("", pebble.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store.Table("main")
}

func (b *bench) key(sk string) table.Key { return table.In(b.ws, "things").Row(sk) }

func (b *bench) row(sk string) table.Row { return table.Row{Key: b.key(sk), Doc: []byte(`{}`)} }

// there lists what is stored.
func (b *bench) there(t *testing.T) []string {
	t.Helper()
	sks := []string{}
	err := b.well.All(b.ctx, table.Range{Of: b.key("x").Partition(), Limit: 100}, func(r table.Row) error {
		sks = append(sks, r.Key.SK())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sks
}

func want(t *testing.T, err error, all ...error) {
	t.Helper()
	for _, target := range all {
		if !errors.Is(err, target) {
			t.Errorf("error %v, want one that is %v", err, target)
		}
	}
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestFaultsOfAWrite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault   fault.Fault
		cause   error
		applied bool
	}{
		{fault.Pass(), nil, true},
		{fault.FailBefore(), fault.ErrInjected, false},
		{fault.FailHalfway(), fault.ErrInjected, false},
		{fault.FailAfter(), fault.ErrInjected, true},
		{fault.Throttle(), fault.ErrThrottled, false},
		{fault.Conflict(-1, nil), fault.ErrConflict, false},
		{fault.Conflict(0, nil), nil, true},
		{fault.Conflict(3, nil), nil, true},
		{fault.Kill(nil), fault.ErrKilled, false},
		{fault.KillAfter(nil), fault.ErrKilled, true},
		{fault.Torn(nil), nil, true},
		{fault.Short(), nil, true},
		{fault.Repeat(), nil, true},
		{fault.Shuffle(1), nil, true},
	} {
		t.Run(c.fault.String(), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.faults.Arm(fault.At(2, c.fault))
			if err := b.Write(b.ctx, table.Put(b.row("first"))); err != nil {
				t.Fatal(err)
			}
			err := b.Write(b.ctx, table.Put(b.row("second"), table.Absent()))
			if c.cause == nil {
				want(t, err, nil)
			} else {
				want(t, err, table.ErrUnavailable, c.cause)
			}
			if c.applied {
				same(t, b.there(t), []string{"first", "second"})
			} else {
				same(t, b.there(t), []string{"first"})
			}
		})
	}
}

func TestAnAnswerThatIsLostHidesARefusal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.faults.Arm(fault.At(1, fault.FailAfter()))
	err := b.Write(b.ctx, table.Check(b.key("a"), table.Exists()))
	want(t, err, table.ErrUnavailable)
	if _, ok := errors.AsType[*table.ConditionError](err); ok {
		t.Error("the refusal came through")
	}
}

func TestHalfABatch(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	rows := []table.Row{b.row("a"), b.row("b"), b.row("c"), b.row("d")}
	b.faults.Arm(fault.At(1, fault.FailHalfway()))
	want(t, b.Batch(b.ctx, rows, nil), table.ErrUnavailable)
	same(t, b.there(t), []string{"a", "b"})
	want(t, b.Batch(b.ctx, rows, nil), nil)
	b.faults.Arm(fault.At(1, fault.FailHalfway()))
	want(t, b.Batch(b.ctx, nil, []table.Key{b.key("a"), b.key("b")}), table.ErrUnavailable)
	same(t, b.there(t), []string{"b", "c", "d"})
}

func TestHangEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.faults.Arm(fault.At(1, fault.Hang()))
		ctx, cancel := context.WithCancel(b.ctx)
		failed := make(chan error, 1)
		go func() { failed <- b.Write(ctx, table.Put(b.row("a"))) }()
		synctest.Wait()
		select {
		case err := <-failed:
			t.Fatalf("it does not hang: %v", err)
		default:
		}
		cancel()
		want(t, <-failed, table.ErrUnavailable, context.Canceled)
		same(t, b.there(t), []string{})
	})
}

func TestNothingWorksAfterAKill(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	killed := 0
	b.faults.Arm(fault.At(2, fault.KillAfter(func() { killed++ })))
	want(t, b.Write(b.ctx, table.Put(b.row("a"))), nil)
	want(t, b.Write(b.ctx, table.Put(b.row("b"))), table.ErrUnavailable, fault.ErrKilled)
	want(t, b.Write(b.ctx, table.Put(b.row("c"))), table.ErrUnavailable, fault.ErrKilled)
	_, err := b.GetOne(b.ctx, b.key("a"))
	want(t, err, table.ErrUnavailable, fault.ErrKilled)
	if killed != 1 {
		t.Errorf("killed %d times", killed)
	}
	b.faults.Arm(nil)
	want(t, b.Write(b.ctx, table.Put(b.row("d"))), nil)
	same(t, b.there(t), []string{"a", "b", "d"})
}

func TestCallsAreNumbered(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	operate := func() error {
		read, err := b.GetOne(b.ctx, b.key("a"))
		if err != nil {
			return err
		}
		if err := b.Write(b.ctx, table.Put(b.row("a"), table.Unchanged(read)), table.Delete(b.key("b"))); err != nil {
			return err
		}
		return b.Batch(b.ctx, []table.Row{b.row("c")}, []table.Key{b.key("d")})
	}
	b.faults.Arm(nil)
	want(t, operate(), nil)
	calls := b.faults.Calls()
	var log []string
	for _, c := range b.faults.Log() {
		log = append(log, c.String())
	}
	same(t, log, []string{
		"1: read [acme/things · a]",
		"2: write [acme/things · a] [acme/things · b]",
		"3: batch [acme/things · c] [acme/things · d]",
	})
	for n := 1; n <= calls; n++ {
		b.faults.Arm(fault.At(n, fault.FailBefore()))
		want(t, operate(), table.ErrUnavailable, fault.ErrInjected)
		if b.faults.Calls() != n {
			t.Errorf("%d calls, want the operation to end with number %d", b.faults.Calls(), n)
		}
	}
}

// What stays within the contract of a driver is a driver: the suite holds.
func TestConformance(t *testing.T) {
	t.Parallel()
	for name, plan := range map[string]fault.Plan{
		"Unarmed": nil,
		"Disturbed": func(c fault.Call) fault.Fault {
			switch c.Kind {
			case fault.Read:
				return fault.Torn(nil)
			case fault.Write:
				return fault.Conflict(c.Number%3, nil)
			case fault.Changes:
				return [...]fault.Fault{fault.Repeat(), fault.Shuffle(uint64(c.Number)), fault.Short()}[c.Number%3]
			default:
				return fault.Pass()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tabletest.Run(t, func(t *testing.T) tabletest.Opened {
				d := fault.New(engine(t))
				d.Arm(plan)
				return tabletest.Opened{Driver: d, Lacks: tabletest.Lacks{
					Clock:  "it is moved where the engine's own suite runs",
					Reopen: "a store in memory ends with its process",
				}}
			})
		})
	}
}

func TestPlansAreAskedAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var asked atomic.Int64
	numbers := make(chan int, 32)
	b.faults.Arm(func(c fault.Call) fault.Fault {
		asked.Add(1)
		numbers <- c.Number
		return fault.Pass()
	})
	done := make(chan error)
	for i := range 32 {
		go func() { done <- b.Write(b.ctx, table.Put(b.row(fmt.Sprint(i)))) }()
	}
	for range 32 {
		want(t, <-done, nil)
	}
	close(numbers)
	var got []int
	for n := range numbers {
		got = append(got, n)
	}
	slices.Sort(got)
	for i, n := range got {
		if n != i+1 {
			t.Fatalf("numbers %v", got)
		}
	}
	if asked.Load() != 32 {
		t.Errorf("asked %d times", asked.Load())
	}
}
