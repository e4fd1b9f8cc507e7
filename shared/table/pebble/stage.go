package pebble

import (
	"bytes"
	"errors"
	"slices"

	"rubrica/shared/table"
)

// found is what a write finds in the place of one of its rows, if it looks.
type found struct {
	expires int64     // of what is stored, expired or not; 0 if nothing, or not looked
	row     table.Row // of an add, what it adds to
}

// stage checks all conditions and, if they hold, fills the batch. Under the table's
// lock.
func (w *write) stage(actions []table.Action) (failed []table.Failed, err error) {
	olds, failed, err := w.look(actions)
	if err != nil || len(failed) > 0 {
		return failed, err
	}
	for i := range actions {
		a, old := &actions[i], &olds[i]
		switch a.Verb {
		case table.VerbPut:
			err = w.put(a.Row, old.expires)
		case table.VerbDelete:
			err = w.delete(a.Row.Key.PK(), a.Row.Key.SK(), old.expires)
		case table.VerbAdd:
			counter := old.row
			counter.Key, counter.Rev = a.Row.Key, a.Row.Rev
			counter.Count += a.Delta
			counter.Out = "" // only a put causes work
			err = w.put(counter, old.expires)
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// look reads the rows of those actions that depend on what is stored, and tests
// their conditions. olds[i] belongs to actions[i].
func (w *write) look(actions []table.Action) (olds []found, failed []table.Failed, err error) {
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
	olds = make([]found, len(actions))
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
			failed = append(failed, table.Failed{Index: i, Row: olds[i].row})
		}
	}
	slices.SortFunc(failed, func(a, b table.Failed) int { return a.Index - b.Index })
	return olds, failed, errors.Join(err, l.close())
}

// test tests an action's condition on what is stored, nil if nothing is. The row
// of one that fails is complete.
func test(a *table.Action, lent []byte, now int64) (old found, holds bool, err error) {
	if lent == nil {
		return found{}, a.If.Holds(table.Row{}), nil
	}
	h, err := parse(lent)
	if err != nil {
		return found{}, false, err
	}
	old.expires = h.expires
	if h.expired(now) {
		return old, a.If.Holds(table.Row{}), nil
	}
	holds = a.If.Holds(rowOf(a.Row.Key, &h, lent))
	if !holds || a.Verb == table.VerbAdd {
		old.row = rowOf(a.Row.Key, &h, bytes.Clone(lent))
	}
	return old, holds, nil
}

// put stages a row, its entry in the expiry index instead of that of the row it
// replaces, which expires at the given time, and its change.
func (w *write) put(r table.Row, replaced int64) error {
	t, pk, sk := w.t, r.Key.PK(), r.Key.SK()
	t.scratch = appendHeader(t.scratch[:0], r)
	op := w.batch.SetDeferred(t.keyLen(pk, sk), len(t.scratch)+len(r.Doc))
	t.fillKey(op.Key, pk, sk)
	copy(op.Value[copy(op.Value, t.scratch):], r.Doc)
	if err := op.Finish(); err != nil {
		return t.store.broken(err)
	}
	w.rows = append(w.rows, unsyncedRow{pk: pk, sk: sk})
	if r.Out != "" {
		if err := w.change(pk, sk, r.Out); err != nil {
			return err
		}
	}
	expires := seconds(r.Expires)
	if expires == replaced {
		return nil
	}
	if expires != 0 {
		t.scratch = appendRow(appendExpiry(t.scratch[:0], t.name, expires), pk, sk)
		if err := w.batch.Set(t.scratch, nil, nil); err != nil {
			return t.store.broken(err)
		}
	}
	return w.unindex(pk, sk, replaced)
}

// delete stages the removal of a row. Without looking it cannot know of an entry
// in the expiry index; that is left for the sweep, or for Compact.
func (w *write) delete(pk, sk string, expires int64) error {
	t := w.t
	op := w.batch.DeleteDeferred(t.keyLen(pk, sk))
	t.fillKey(op.Key, pk, sk)
	if err := op.Finish(); err != nil {
		return t.store.broken(err)
	}
	w.rows = append(w.rows, unsyncedRow{pk: pk, sk: sk})
	return w.unindex(pk, sk, expires)
}

// unindex stages the removal of an entry of the expiry index; 0 is none.
func (w *write) unindex(pk, sk string, expires int64) error {
	if expires == 0 {
		return nil
	}
	t := w.t
	t.scratch = appendRow(appendExpiry(t.scratch[:0], t.name, expires), pk, sk)
	if err := w.batch.Delete(t.scratch, nil); err != nil {
		return t.store.broken(err)
	}
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
