package pebble

import (
	"context"
	"errors"

	lsm "github.com/cockroachdb/pebble/v2"

	"rubrica/shared/table"
)

// Write implements table.Driver. It does not leave open what became of it: once
// applied it is waited for, whatever ctx says, and only a failing disk can keep
// it from telling.
func (t *Table) Write(ctx context.Context, actions []table.Action) error {
	if err := t.store.begin(ctx); err != nil {
		return err
	}
	defer t.store.leave()
	w := t.newWrite(len(actions))
	t.mu.Lock()
	failed, err := w.stage(actions)
	if err != nil || len(failed) > 0 || len(w.rows) == 0 {
		t.mu.Unlock()
		if err := errors.Join(err, w.batch.Close()); err != nil {
			return err
		}
		return t.answer(ctx, actions, failed)
	}
	err = w.apply()
	t.mu.Unlock()
	return errors.Join(err, w.settle())
}

// answer ends a Write that changes nothing, because conditions failed or because
// it was nothing but checks. What it tells of other writes must be durable.
func (t *Table) answer(ctx context.Context, actions []table.Action, failed []table.Failed) error {
	if !t.unsynced.none() {
		var seen *commit
		for i := range actions {
			seen = later(seen, t.unsynced.of(actions[i].Row.Key))
		}
		if err := seen.wait(ctx); err != nil {
			return err
		}
	}
	if len(failed) > 0 {
		return &table.ConditionError{Failed: failed}
	}
	return nil
}

// batchRows and batchSize bound how much of a Batch is applied at a time, so
// that other writers get their turn.
const (
	batchRows = 100
	batchSize = 1 << 20
)

// Batch implements table.Driver. It waits for the disk once.
func (t *Table) Batch(ctx context.Context, puts []table.Row, deletes []table.Key) error {
	if err := t.store.begin(ctx); err != nil {
		return err
	}
	defer t.store.leave()
	var applied []*write
	var err error
	for err == nil && len(puts)+len(deletes) > 0 {
		if err = ctx.Err(); err != nil {
			err = errors.Join(table.ErrUnavailable, err)
			break
		}
		w := t.newWrite(min(batchRows, len(puts)+len(deletes)))
		t.mu.Lock()
		puts, deletes, err = w.stageSome(puts, deletes)
		if err == nil {
			err = w.apply()
			applied = append(applied, w)
		} else {
			err = errors.Join(err, w.batch.Close())
		}
		t.mu.Unlock()
	}
	for _, w := range applied {
		err = errors.Join(err, w.settle())
	}
	return err
}

// stageSome fills the batch with the first of the rows, and returns the rest.
func (w *write) stageSome(puts []table.Row, deletes []table.Key) ([]table.Row, []table.Key, error) {
	for len(puts) > 0 && len(w.rows) < batchRows && w.batch.Len() < batchSize {
		if err := w.put(puts[0]); err != nil {
			return nil, nil, err
		}
		puts = puts[1:]
	}
	for len(deletes) > 0 && len(w.rows) < batchRows && w.batch.Len() < batchSize {
		if err := w.delete(deletes[0].PK(), deletes[0].SK()); err != nil {
			return nil, nil, err
		}
		deletes = deletes[1:]
	}
	return puts, deletes, nil
}

// write is one batch on its way: staged and applied under the table's lock,
// settled outside of it.
type write struct {
	t          *Table
	batch      *lsm.Batch
	rows       []unsyncedRow // that it changes
	lastChange uint64        // the number of its last change, or of the last before
	commit     *commit
}

func (t *Table) newWrite(rows int) *write {
	return &write{t: t, batch: t.store.db.NewBatch(), rows: make([]unsyncedRow, 0, rows)}
}

// apply makes the write visible. settle must follow, also after an error.
func (w *write) apply() error {
	t := w.t
	w.commit = t.unsynced.add(w.rows)
	if err := t.store.apply(w.batch); err != nil {
		t.unsynced.finish(w.commit, err)
		w.commit = nil
		return err
	}
	t.lastChange = max(t.lastChange, w.lastChange)
	return nil
}

// settle waits until the write is durable, and says so to whoever waits.
func (w *write) settle() error {
	if w.commit == nil { // was not applied
		return nil
	}
	err := w.t.store.sync(w.batch)
	w.t.unsynced.finish(w.commit, err)
	if err == nil {
		w.t.changes.advance(w.lastChange)
	}
	return err
}
