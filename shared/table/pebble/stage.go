package pebble

import (
	"bytes"
	"errors"
	"slices"

	"rubrica/shared/table"
)

// stage checks all conditions and, if they hold, fills the batch. Under the table's
// lock.
func (w *write) stage(actions []table.Action) (failed []table.Failed, err error) {
	olds, failed, err := w.look(actions)
	if err != nil || len(failed) > 0 {
		return failed, err
	}
	for i := range actions {
		a := &actions[i]
		switch a.Verb {
		case table.VerbPut:
			err = w.put(a.Row)
		case table.VerbDelete:
			err = w.delete(a.Row.Key.PK(), a.Row.Key.SK())
		case table.VerbAdd:
			counter := olds[i]
			counter.Key, counter.Rev = a.Row.Key, a.Row.Rev
			counter.Count += a.Delta
			counter.Out = "" // only a put causes work
			err = w.put(counter)
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// look reads the rows of those actions that depend on what is stored, and tests
// their conditions. olds[i] is what actions[i] adds to, if it does.
func (w *write) look(actions []table.Action) (olds []table.Row, failed []table.Failed, err error) {
	depend := make([]int, 0, len(actions))
	for i := range actions {
		if actions[i].If.Test != table.Always || actions[i].Verb == table.VerbAdd {
			depend = append(depend, i)
		}
	}
	slices.SortFunc(depend, func(i, j int) int { return actions[i].Row.Key.Compare(actions[j].Row.Key) })
	l, err := w.t.lookup(len(depend))
	if err != nil {
		return nil, nil, err
	}
	now := w.t.store.now().Unix()
	olds = make([]table.Row, len(actions))
	for _, i := range depend {
		var holds bool
		var lent []byte
		if lent, err = l.find(actions[i].Row.Key); err == nil {
			olds[i], holds, err = test(&actions[i], lent, now)
		}
		if err != nil {
			break
		}
		if !holds {
			failed = append(failed, table.Failed{Index: i, Row: olds[i]})
		}
	}
	slices.SortFunc(failed, func(a, b table.Failed) int { return a.Index - b.Index })
	return olds, failed, errors.Join(err, l.close())
}

// test tests an action's condition on what is stored, nil if nothing is. The row
// of one that fails, or that is added to, is complete.
func test(a *table.Action, lent []byte, now int64) (old table.Row, holds bool, err error) {
	if lent == nil {
		return old, a.If.Holds(old), nil
	}
	h, err := parse(lent)
	if err != nil {
		return old, false, err
	}
	if h.expired(now) {
		return old, a.If.Holds(old), nil
	}
	holds = a.If.Holds(rowOf(a.Row.Key, &h, lent))
	if !holds || a.Verb == table.VerbAdd {
		old = rowOf(a.Row.Key, &h, bytes.Clone(lent))
	}
	return old, holds, nil
}

// put stages a row, and its change.
func (w *write) put(r table.Row) error {
	t, pk, sk := w.t, r.Key.PK(), r.Key.SK()
	t.scratch = appendHeader(t.scratch[:0], r)
	op := w.batch.SetDeferred(t.keyLen(pk, sk), len(t.scratch)+len(r.Doc))
	t.fillKey(op.Key, pk, sk)
	copy(op.Value[copy(op.Value, t.scratch):], r.Doc)
	if err := op.Finish(); err != nil {
		return t.store.broken(err)
	}
	w.rows = append(w.rows, unsyncedRow{pk: pk, sk: sk})
	if r.Out == "" {
		return nil
	}
	return w.change(pk, sk, r.Out)
}

// delete stages the removal of a row.
func (w *write) delete(pk, sk string) error {
	t := w.t
	op := w.batch.DeleteDeferred(t.keyLen(pk, sk))
	t.fillKey(op.Key, pk, sk)
	if err := op.Finish(); err != nil {
		return t.store.broken(err)
	}
	w.rows = append(w.rows, unsyncedRow{pk: pk, sk: sk})
	return nil
}

// change stages an entry of the change log, under the next number.
func (w *write) change(pk, sk, out string) error {
	t := w.t
	w.lastChange = max(w.lastChange, t.lastChange) + 1
	op := w.batch.SetDeferred(changeLen(t.name), len(pk)+1+len(sk)+1+len(out))
	appendChange(op.Key[:0], t.name, w.lastChange)
	at := copy(op.Value, pk) + 1
	op.Value[at-1] = nul
	at += copy(op.Value[at:], sk) + 1
	op.Value[at-1] = nul
	copy(op.Value[at:], out)
	if err := op.Finish(); err != nil {
		return t.store.broken(err)
	}
	return nil
}
