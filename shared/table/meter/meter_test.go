package meter_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"rubrica/shared/table"
	"rubrica/shared/table/fault"
	"rubrica/shared/table/meter"
	"rubrica/shared/table/pebble"
	"rubrica/shared/table/tabletest"
	"rubrica/shared/tenant"
)

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

// bench is a metered table with rows of known sizes: "1k" to "9k" have exactly
// so many KB.
type bench struct {
	*table.Table
	meter *meter.Meter
	ctx   context.Context
	ws    tenant.Workspace
}

func newBench(t *testing.T) *bench {
	t.Helper()
	ws, err := tenant.Parse("acme")
	if err != nil {
		t.Fatal(err)
	}
	e := engine(t)
	m := meter.New(e)
	b := &bench{table.New(m), m, tenant.Bind(t.Context(), ws), ws}
	var rows []table.Row
	for kb := 1; kb <= 9; kb++ {
		rows = append(rows, b.sized(t, "rows", string('0'+rune(kb))+"k", kb<<10))
	}
	if err := table.New(e).Batch(b.ctx, rows, nil); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) key(sk string) table.Key { return table.In(b.ws, "rows").Row(sk) }

// sized is a row of exactly so many bytes.
func (b *bench) sized(t *testing.T, part, sk string, bytes int) table.Row {
	t.Helper()
	row := table.Row{Key: table.In(b.ws, part).Row(sk), Doc: []byte(`{"s":""}`)}
	n, err := table.Size(row)
	if err != nil {
		t.Fatal(err)
	}
	row.Doc = []byte(`{"s":"` + strings.Repeat("x", bytes-n) + `"}`)
	return row
}

// writing is the price of a Write or Batch, reading that of a Read.
func writing(units int) meter.Tally  { return meter.Tally{Writes: 1, WriteUnits: units} }
func batching(units int) meter.Tally { return meter.Tally{Batches: 1, WriteUnits: units} }
func reading(units int) meter.Tally  { return meter.Tally{Reads: 1, ReadUnits: units} }

func TestPrices(t *testing.T) {
	t.Parallel()
	refused := func(err error) error {
		if _, ok := errors.AsType[*table.ConditionError](err); !ok {
			return errors.Join(errors.New("not refused"), err)
		}
		return nil
	}
	for name, c := range map[string]struct {
		call func(t *testing.T, b *bench, ctx context.Context) error
		want meter.Tally
	}{
		"GetOfAnAbsentRow": {func(_ *testing.T, b *bench, ctx context.Context) error {
			_, err := b.GetOne(ctx, b.key("absent"))
			return err
		}, reading(1)},
		"GetOfRows": {func(_ *testing.T, b *bench, ctx context.Context) error {
			_, err := b.Get(ctx, b.key("1k"), b.key("4k"), b.key("5k"), b.key("9k"), b.key("absent"))
			return err
		}, reading(1 + 1 + 2 + 3 + 1)},
		"QueryOfRows": {func(_ *testing.T, b *bench, ctx context.Context) error {
			_, err := b.Query(ctx, table.Range{Of: b.key("").Partition(), To: "5k", Limit: 10})
			return err
		}, reading(4)}, // 15 KB together
		"QueryOfNothing": {func(_ *testing.T, b *bench, ctx context.Context) error {
			_, err := b.Query(ctx, table.Range{Of: table.In(b.ws, "empty"), Limit: 10})
			return err
		}, reading(1)},
		"KeysAndRanges": {func(_ *testing.T, b *bench, ctx context.Context) error {
			_, _, err := b.Read(ctx, []table.Key{b.key("5k")}, []table.Range{
				{Of: b.key("").Partition(), Limit: 4}, // 10 KB
				{Of: b.key("").Partition(), Limit: 1, Descending: true},
			})
			return err
		}, reading(2 + 3 + 3)},
		"Scan": {func(_ *testing.T, b *bench, ctx context.Context) error {
			_, err := b.Scan(ctx, table.Segment{Of: 1, Limit: 100})
			return err
		}, meter.Tally{Scans: 1, ReadUnits: 12}}, // 45 KB
		"Changes": {func(_ *testing.T, b *bench, ctx context.Context) error {
			_, err := b.Changes(tenant.BindOperator(ctx), "", 10)
			return err
		}, meter.Tally{Changes: 1}},

		"PutOfASmallRow": {func(t *testing.T, b *bench, ctx context.Context) error {
			return b.Write(ctx, table.Put(table.Row{Key: b.key("new")}, table.Absent()))
		}, writing(1)},
		"PutOfAKilobyte": {func(t *testing.T, b *bench, ctx context.Context) error {
			return b.Write(ctx, table.Put(b.sized(t, "rows", "new", 1024)))
		}, writing(1)},
		"PutOfAByteMore": {func(t *testing.T, b *bench, ctx context.Context) error {
			return b.Write(ctx, table.Put(b.sized(t, "rows", "new", 1025)))
		}, writing(2)},
		"PutOverALongerRow": {func(t *testing.T, b *bench, ctx context.Context) error {
			return b.Write(ctx, table.Put(b.sized(t, "rows", "9k", 100)))
		}, writing(9)},
		"PutOverAShorterRow": {func(t *testing.T, b *bench, ctx context.Context) error {
			return b.Write(ctx, table.Put(b.sized(t, "rows", "2k", 5000)))
		}, writing(5)},
		"Delete": {func(_ *testing.T, b *bench, ctx context.Context) error {
			return b.Write(ctx, table.Delete(b.key("7k")))
		}, writing(7)},
		"DeleteOfAnAbsentRow": {func(_ *testing.T, b *bench, ctx context.Context) error {
			return b.Write(ctx, table.Delete(b.key("no")))
		}, writing(1)},
		"Check": {func(_ *testing.T, b *bench, ctx context.Context) error {
			return b.Write(ctx, table.Check(b.key("3k"), table.Exists()))
		}, writing(3)},
		"CheckOfAnAbsentRow": {func(_ *testing.T, b *bench, ctx context.Context) error {
			return b.Write(ctx, table.Check(b.key("no"), table.Absent()))
		}, writing(1)},
		"AddToAnAbsentCounter": {func(_ *testing.T, b *bench, ctx context.Context) error { return b.Write(ctx, table.Add(b.key("n"), 0)) }, writing(1)},
		"RefusedOnAnAbsentRow": {func(_ *testing.T, b *bench, ctx context.Context) error {
			return refused(b.Write(ctx, table.Delete(b.key("no"), table.Exists())))
		}, writing(1)},
		"RefusedOnALongRow": {func(t *testing.T, b *bench, ctx context.Context) error {
			return refused(b.Write(ctx, table.Put(b.sized(t, "rows", "3k", 6000), table.Absent())))
		}, writing(3)},
		"ATransaction": {func(t *testing.T, b *bench, ctx context.Context) error {
			return b.Write(ctx, table.Put(b.sized(t, "rows", "new", 1500)), table.Check(b.key("3k"), table.Exists()),
				table.Delete(b.key("5k")), table.Add(b.key("n"), 1), table.Put(b.sized(t, "rows", "4k", 100)))
		}, writing(2 * (2 + 3 + 5 + 1 + 4))},
		"ARefusedTransaction": {func(t *testing.T, b *bench, ctx context.Context) error {
			return refused(b.Write(ctx, table.Put(b.sized(t, "rows", "new", 1500)), table.Check(b.key("3k"), table.Absent())))
		}, writing(2 * (2 + 3))},
		"Batch": {func(t *testing.T, b *bench, ctx context.Context) error {
			return b.Batch(ctx, []table.Row{b.sized(t, "rows", "new", 2048), b.sized(t, "rows", "6k", 100)},
				[]table.Key{b.key("2k"), b.key("absent")})
		}, batching(2 + 6 + 2 + 1)},
		"ALongBatch": {func(t *testing.T, b *bench, ctx context.Context) error {
			var rows []table.Row
			for i := range 250 {
				rows = append(rows, table.Row{Key: b.key(strings.Repeat("x", i+1))})
			}
			return b.Batch(ctx, rows, []table.Key{b.key("9k")})
		}, batching(250 + 9)},
		"RefusedInFront": {func(_ *testing.T, b *bench, ctx context.Context) error {
			if err := b.Write(ctx); !errors.Is(err, table.ErrLimit) {
				return errors.New("not refused")
			}
			return nil
		}, meter.Tally{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			ctx, counts := meter.With(b.ctx)
			if err := c.call(t, b, ctx); err != nil {
				t.Fatal(err)
			}
			if got := counts.Tally(); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			if got := b.meter.Total(); got != c.want {
				t.Errorf("in total %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestContextsAreCountedApart(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	get := func(ctx context.Context) {
		if _, err := b.GetOne(ctx, b.key("5k")); err != nil {
			t.Error(err)
		}
	}
	outer, outerCounts := meter.With(b.ctx)
	inner, innerCounts := meter.With(outer)
	other, otherCounts := meter.With(b.ctx)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			get(b.ctx)
			get(outer)
			get(inner)
			get(other)
			if err := b.Write(inner, table.Add(b.key("n"), 1)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for name, c := range map[string]struct{ got, want meter.Tally }{
		"inner": {innerCounts.Tally(), meter.Tally{Reads: 10, ReadUnits: 20, Writes: 10, WriteUnits: 10}},
		"outer": {outerCounts.Tally(), meter.Tally{Reads: 20, ReadUnits: 40, Writes: 10, WriteUnits: 10}},
		"other": {otherCounts.Tally(), meter.Tally{Reads: 10, ReadUnits: 20}},
		"total": {b.meter.Total(), meter.Tally{Reads: 40, ReadUnits: 80, Writes: 10, WriteUnits: 10}},
	} {
		if c.got != c.want {
			t.Errorf("%s: %+v, want %+v", name, c.got, c.want)
		}
	}
	if got := outerCounts.Tally().Trips(); got != 30 {
		t.Errorf("%d trips, want 30", got)
	}
}

func TestACallThatFailsIsATripWithoutUnits(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d := fault.New(engine(t))
	m := meter.New(d)
	tbl := table.New(m)
	d.Arm(func(c fault.Call) fault.Fault {
		if c.Kind == fault.Write || len(c.Keys) == 2 {
			return fault.FailBefore()
		}
		return fault.Pass()
	})
	if err := tbl.Write(b.ctx, table.Put(table.Row{Key: b.key("a")})); !errors.Is(err, table.ErrUnavailable) {
		t.Error(err)
	}
	if _, err := tbl.Get(b.ctx, b.key("a"), b.key("b")); !errors.Is(err, table.ErrUnavailable) {
		t.Error(err)
	}
	if got := m.Total(); got != (meter.Tally{Writes: 1, Reads: 1}) {
		t.Errorf("%+v", got)
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	tabletest.Run(t, func(t *testing.T) tabletest.Opened {
		return tabletest.Opened{Driver: meter.New(engine(t)), Lacks: tabletest.Lacks{
			Clock:  "it is moved where the engine's own suite runs",
			Reopen: "a store in memory ends with its process",
		}}
	})
}
