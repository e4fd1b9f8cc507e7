package pebble

import (
	"bytes"
	"errors"

	lsm "github.com/cockroachdb/pebble/v2"

	"rubrica/shared/table"
)

// found is what a write finds in the place of one of its rows, if it looks.
type found struct {
	expires int64 // of what is stored, expired or not; 0 if nothing, or not looked
	// row is what counts as there; of an add's it is all, otherwise Rev alone.
	row table.Row
}

// stage checks all conditions and fills the batch. Under the table's lock.
func (w *write) stage(actions []table.Action) (failed []table.Failed, err error) {
	now := w.t.store.now().Unix()
	for i := range actions {
		a := &actions[i]
		var old found
		if a.If.Test != table.Always || a.Verb == table.VerbAdd {
			var holds bool
			if old, holds, err = w.look(a, now); err != nil {
				return nil, err
			}
			if !holds {
				failed = append(failed, table.Failed{Index: i, Row: old.row})
			}
		}
		if len(failed) > 0 {
			continue // only the other conditions matter now
		}
		switch a.Verb {
		case table.VerbPut:
			err = w.put(a.Row, old)
		case table.VerbDelete:
			err = w.delete(a.Row.Key.PK(), a.Row.Key.SK(), old.expires)
		case table.VerbAdd:
			counter := old.row
			counter.Key, counter.Rev = a.Row.Key, a.Row.Rev
			counter.Count += a.Delta
			counter.Out = "" // only a put causes work
			err = w.put(counter, old)
		}
		if err != nil {
			return nil, err
		}
	}
	return failed, nil
}

// look reads what is stored and tests the condition on it. The row of a
// condition that fails is complete.
func (w *write) look(a *table.Action, now int64) (old found, holds bool, err error) {
	t := w.t
	t.scratch = appendRow(append(t.scratch[:0], t.prefix...), a.Row.Key.PK(), a.Row.Key.SK())
	lent, done, err := t.store.db.Get(t.scratch)
	if errors.Is(err, lsm.ErrNotFound) {
		return found{}, a.If.Holds(table.Row{}), nil
	}
	if err != nil {
		return found{}, false, t.store.broken(err)
	}
	h, err := parse(lent)
	if err != nil {
		return found{}, false, errors.Join(err, done.Close())
	}
	old.expires = h.expires
	if h.expired(now) {
		holds = a.If.Holds(table.Row{})
	} else {
		old.row = rowOf(a.Row.Key, &h, lent)
		holds = a.If.Holds(old.row)
		if !holds || a.Verb == table.VerbAdd {
			old.row = rowOf(a.Row.Key, &h, bytes.Clone(lent))
		} else {
			old.row = table.Row{}
		}
	}
	return old, holds, done.Close()
}

// put stages a row, its entry in the expiry index, and its change.
func (w *write) put(r table.Row, old found) error {
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
	if expires == old.expires {
		return nil
	}
	if expires != 0 {
		t.scratch = appendRow(appendExpiry(t.scratch[:0], t.name, expires), pk, sk)
		if err := w.batch.Set(t.scratch, nil, nil); err != nil {
			return t.store.broken(err)
		}
	}
	return w.unindex(pk, sk, old.expires)
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
