package meter

import (
	"context"
	"errors"
	"fmt"

	"rubrica/shared/table"
)

// Read implements table.Driver. A row is rounded up to 4 KB by itself if it is
// named by its key, together with the others of its page if found by a range; an
// absent row and an empty page cost a unit.
func (m *Meter) Read(ctx context.Context, keys []table.Key, ranges []table.Range) ([]table.Row, []table.Page, error) {
	rows, pages, err := m.engine.Read(ctx, keys, ranges)
	t := Tally{Reads: 1}
	if err == nil {
		for _, row := range rows {
			t.ReadUnits += readUnits(size(row))
		}
		for _, page := range pages {
			t.ReadUnits += pageUnits(page)
		}
	}
	m.count(ctx, t)
	return rows, pages, err
}

// Scan implements table.Driver, and costs what a range does.
func (m *Meter) Scan(ctx context.Context, s table.Segment) (table.Page, error) {
	page, err := m.engine.Scan(ctx, s)
	t := Tally{Scans: 1}
	if err == nil {
		t.ReadUnits = pageUnits(page)
	}
	m.count(ctx, t)
	return page, err
}

// Changes implements table.Driver.
func (m *Meter) Changes(ctx context.Context, after string, limit int) (table.Changes, error) {
	m.count(ctx, Tally{Changes: 1})
	return m.engine.Changes(ctx, after, limit)
}

// Write implements table.Driver. An action costs by the larger of the row that
// was there and the one that is left, at least a unit; twice that in a
// transaction, which is prepared and committed. Being refused costs too: a
// transaction the same, a single action by the row that is there.
func (m *Meter) Write(ctx context.Context, actions []table.Action) error {
	keys := make([]table.Key, len(actions))
	for i := range actions {
		keys[i] = actions[i].Row.Key
	}
	old, err := m.stored(ctx, keys)
	if err != nil {
		return err
	}
	err = m.engine.Write(ctx, actions)
	_, refused := errors.AsType[*table.ConditionError](err)
	t := Tally{Writes: 1}
	if err == nil || refused {
		for i, a := range actions {
			n := size(old[i])
			if !refused || len(actions) > 1 {
				n = max(n, size(left(a, old[i])))
			}
			t.WriteUnits += writeUnits(n)
		}
		if len(actions) > 1 {
			t.WriteUnits *= 2
		}
	}
	m.count(ctx, t)
	return err
}

// Batch implements table.Driver. Every row costs as a single action does.
func (m *Meter) Batch(ctx context.Context, puts []table.Row, deletes []table.Key) error {
	keys := make([]table.Key, 0, len(puts)+len(deletes))
	for i := range puts {
		keys = append(keys, puts[i].Key)
	}
	keys = append(keys, deletes...)
	old, err := m.stored(ctx, keys)
	if err != nil {
		return err
	}
	err = m.engine.Batch(ctx, puts, deletes)
	t := Tally{Batches: 1}
	if err == nil {
		for i := range keys {
			n := size(old[i])
			if i < len(puts) {
				n = max(n, size(puts[i]))
			}
			t.WriteUnits += writeUnits(n)
		}
	}
	m.count(ctx, t)
	return err
}

// stored reads rows, uncounted.
func (m *Meter) stored(ctx context.Context, keys []table.Key) ([]table.Row, error) {
	rows := make([]table.Row, 0, len(keys))
	for len(keys) > 0 {
		n := min(len(keys), table.MaxGet)
		some, _, err := m.engine.Read(ctx, keys[:n], nil)
		if err != nil {
			return nil, fmt.Errorf("meter: reading what is to be written: %w", err)
		}
		rows, keys = append(rows, some...), keys[n:]
	}
	return rows, nil
}

// left is the row that an action leaves, the zero Row if none.
func left(a table.Action, old table.Row) table.Row {
	switch a.Verb {
	case table.VerbPut:
		return a.Row
	case table.VerbAdd:
		old.Key, old.Rev = a.Row.Key, a.Row.Rev
		if old.Count += a.Delta; old.Count == 0 {
			old.Count = 1 // it is stored, and as long
		}
		return old
	case table.VerbCheck:
		return old
	default:
		return table.Row{}
	}
}

// size is the bytes of a row, 0 for an absent one.
func size(row table.Row) int {
	if !row.Exists() {
		return 0
	}
	n, err := table.Size(row)
	if err != nil {
		panic(fmt.Sprintf("meter: row %s, which passed table.Table: %v", row.Key, err))
	}
	return n
}

func pageUnits(page table.Page) int {
	n := 0
	for _, row := range page.Rows {
		n += size(row)
	}
	return readUnits(n)
}

func readUnits(bytes int) int { return max(1, (bytes+4095)/4096) }

func writeUnits(bytes int) int { return max(1, (bytes+1023)/1024) }
