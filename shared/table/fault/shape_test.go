package fault_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"rubrica/shared/table"
	"rubrica/shared/table/fault"
	"rubrica/shared/tenant"
)

func TestSomebodyElseGetsInBetween(t *testing.T) {
	t.Parallel()

	t.Run("TheRefusalsOfAConflict", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		var refusals []int
		b.faults.Arm(fault.At(1, fault.Conflict(2, func(refusal int) {
			refusals = append(refusals, refusal)
			want(t, b.well.Write(b.ctx, table.Put(b.row("a"))), nil)
		})))
		_, refused := errors.AsType[*table.ConditionError](b.Write(b.ctx, table.Put(b.row("a"), table.Absent())))
		if !refused || !slices.Equal(refusals, []int{0, 1}) {
			t.Errorf("refused %t after %v", refused, refusals)
		}
	})

	t.Run("ThePartsOfARead", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		b.faults.Arm(fault.At(1, fault.Torn(func(read int) {
			want(t, b.well.Write(b.ctx, table.Put(b.row(fmt.Sprint(read)))), nil)
		})))
		rows, pages, err := b.Read(b.ctx, []table.Key{b.key("2"), b.key("1"), b.key("3")},
			[]table.Range{{Of: b.key("x").Partition(), Limit: 10}, {Of: b.key("x").Partition(), Limit: 10}})
		want(t, err, nil)
		if rows[0].Exists() || !rows[1].Exists() || rows[2].Exists() {
			t.Errorf("rows %v", rows)
		}
		if len(pages[0].Rows) != 3 || len(pages[1].Rows) != 4 {
			t.Errorf("pages of %d and %d rows", len(pages[0].Rows), len(pages[1].Rows))
		}
	})

	t.Run("TheCallsOfAPlan", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		b.faults.Arm(func(c fault.Call) fault.Fault {
			if c.Kind == fault.Write {
				want(t, b.well.Write(b.ctx, table.Put(b.row("theirs"))), nil)
			}
			return fault.Pass()
		})
		want(t, b.Write(b.ctx, table.Put(b.row("ours"))), nil)
		same(t, b.there(t), []string{"ours", "theirs"})
	})
}

func TestPagesAreCutShort(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	operator := tenant.BindOperator(t.Context())
	for _, sk := range []string{"a", "b", "c"} {
		row := b.row(sk)
		row.Out = "audit"
		want(t, b.Write(b.ctx, table.Put(row)), nil)
	}
	b.faults.Arm(func(fault.Call) fault.Fault { return fault.Short() })
	_, pages, err := b.Read(b.ctx, []table.Key{b.key("a")}, []table.Range{{Of: b.key("x").Partition(), Limit: 10}})
	if err != nil || len(pages[0].Rows) != 1 || pages[0].Next != "a" {
		t.Errorf("pages %v, error %v", pages, err)
	}
	page, err := b.Scan(b.ctx, table.Segment{Of: 1, Limit: 10})
	if err != nil || len(page.Rows) != 1 || page.Next == "" {
		t.Errorf("scan %v, error %v", page, err)
	}
	changes, err := b.Changes(operator, "", 10)
	if err != nil || len(changes.Items) != 1 {
		t.Errorf("changes %v, error %v", changes, err)
	}
	var sks []string
	err = b.All(b.ctx, table.Range{Of: b.key("x").Partition(), Limit: 10}, func(r table.Row) error {
		sks = append(sks, r.Key.SK())
		return nil
	})
	want(t, err, nil)
	same(t, sks, []string{"a", "b", "c"})
}

func TestChangesComeInOtherWays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	operator := tenant.BindOperator(t.Context())
	for n := range 12 {
		row := table.Row{Key: table.In(b.ws, fmt.Sprint(n%3)).Row(fmt.Sprint(n)), Out: "audit"}
		want(t, b.Write(b.ctx, table.Put(row)), nil)
	}
	read := func(f fault.Fault) (sks []string, next string) {
		b.faults.Arm(fault.At(1, f))
		page, err := b.Changes(operator, "", 100)
		want(t, err, nil)
		for _, c := range page.Items {
			sks = append(sks, c.Key.SK())
		}
		return sks, page.Next
	}
	plain, next := read(fault.Pass())
	repeated, nextRepeated := read(fault.Repeat())
	same(t, repeated, append(slices.Clone(plain), plain...))

	orders := map[string]bool{}
	for seed := range uint64(10) {
		shuffled, nextShuffled := read(fault.Shuffle(seed))
		again, _ := read(fault.Shuffle(seed))
		same(t, again, shuffled)
		orders[fmt.Sprint(shuffled)] = true
		for part := range 3 {
			var got, ordered []string
			for n := part; n < 12; n += 3 {
				ordered = append(ordered, fmt.Sprint(n))
			}
			for _, sk := range shuffled {
				if slices.Contains(ordered, sk) {
					got = append(got, sk)
				}
			}
			same(t, got, ordered)
		}
		if nextRepeated != next || nextShuffled != next {
			t.Errorf("positions %q, %q, %q", next, nextRepeated, nextShuffled)
		}
	}
	if len(orders) < 5 {
		t.Errorf("ten seeds gave %d orders", len(orders))
	}
}
