package ledger

import (
	"context"
	"maps"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/merge"
	"rubrica/shared/seal"
	"rubrica/shared/table"
)

// commitMerge writes a merge.
func (l *Ledger) commitMerge(ctx context.Context, s *Scope, c *change, others []stored, result merge.Result, m Merging) (Answer, error) {
	id := l.ids.New()
	survivor := c.before
	made := &storedMerge{id: id, mergeRow: mergeRow{Survivor: survivor.ID, Merged: m.Others, At: c.after.UpdatedAt, By: s.Actor}}
	made.notes.Wrote = result.Wrote
	c.after.Writers, made.notes.Writers = writing(survivor.Writers, result.Wrote, id)
	made.seal(&c.after)
	c.after.Keys = maps.Clone(survivor.Keys)
	if c.after.Keys == nil {
		c.after.Keys = map[string]seal.Key{}
	}
	added, removed := difference(Rows(&survivor.Contact), Rows(&c.after.Contact))
	c.index(added, removed)
	c.refresh = true
	given := c.inherit(others)
	again := returns{}
	rests := make([][]Hint, len(others))
	var moved []string // by an earlier merge, and again by this one
	for i := range others {
		o := others[i].record
		rests[i] = o.own(hintsWithout(o.derived(), given[i]), again)
		c.after.Keys[others[i].ID] = others[i].Key
		maps.Copy(c.after.Keys, others[i].Keys)
		for _, d := range others[i].Freed {
			c.after.Freed = appendDigest(c.after.Freed, d)
		}
		moved = append(moved, others[i].MergedIDs...)
	}
	redirects, err := l.repoint(ctx, s, moved, survivor.ID, again)
	if err != nil {
		return Answer{}, err
	}
	c.detail = map[string]any{"merge": id, "merged": m.Others, "origin": originNames(result.Origin, s.Shown())}
	if n := reserved + 3*len(others) + len(redirects); n+actionsOf(c.put) > table.MaxActions {
		return Answer{}, l.makeRoom(ctx, s, *survivor, survivor.ID, &tagging{}, c.put, n)
	}
	answer := m.Answer(Merged{ID: id, Survivor: &c.after.Contact, Origin: result.Origin})
	w := newTransaction(s)
	w.keep(answer, c.after.sealers(), l.now())
	w.add(table.Put(made.toRow(s.Workspace), table.Absent()))
	w.add(redirects...)
	formers := make([]int, len(others))
	for i := range others {
		formers[i] = w.reserve()
		w.add(table.Delete(others[i].row.Key, table.Unchanged(others[i].row)))
		record, err := l.changeOf(s, &others[i].record, others[i].Version+1, made.At, audit.ContactMerged,
			audit.Values{Detail: map[string]any{"merge": id, "survivor": survivor.ID}})
		if err != nil {
			return Answer{}, err
		}
		w.add(record)
	}
	if err := l.addChange(w, c); err != nil {
		return Answer{}, err
	}
	for i := range others {
		rest := w.dropFound(rests[i], others[i].ID)
		f := absorb(&others[i].record, survivor.ID, id, rest)
		w.actions[formers[i]] = table.Put(f.absorbedRow(s.Workspace, others[i].ID), table.Absent())
	}
	return answer, l.write(ctx, w)
}

// dropFound adds what removes those of the hints that are identities, or a company,
// which counts its contacts, while there is room, and returns the others.
func (w *transaction) dropFound(hints []Hint, contactID string) (rest []Hint) {
	for _, h := range hints {
		if _, ok := h.identity(); (ok || h.Index == IndexCompany) && w.room() >= h.actions() {
			w.dropHint(h, seatOf(contactID))
		} else {
			rest = append(rest, h)
		}
	}
	return rest
}

// changeOf makes the change record of something that happens to a contact beside
// the one that an operation is about.
func (l *Ledger) changeOf(s *Scope, c *record, version int64, at instant.Instant, action audit.Action, values audit.Values) (table.Action, error) {
	e := l.entry(s, c.ID, version, max(at, c.UpdatedAt))
	e.Action = action
	if err := e.Seal(values, c.Key); err != nil {
		return table.Action{}, err
	}
	return table.Put(changeRow(s.Workspace, &e), table.Absent()), nil
}

// repoint makes what leads absorbed contacts to another one, with hints that are
// theirs again.
func (l *Ledger) repoint(ctx context.Context, s *Scope, ids []string, into string, again returns) ([]table.Action, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = formerKey(s.Workspace, id)
	}
	rows, err := l.read(ctx, keys...)
	if err != nil {
		return nil, err
	}
	actions := make([]table.Action, len(ids))
	for i, row := range rows {
		if !row.Exists() {
			return nil, errRaced
		}
		var f former
		if err := f.decode(row); err != nil {
			return nil, err
		}
		f.Into = into
		f.take(again[ids[i]], ids[i])
		actions[i] = table.Put(f.absorbedRow(s.Workspace, ids[i]), table.Unchanged(row))
	}
	return actions, nil
}

// writing notes a merge as who wrote members last, and returns who had before.
func writing(writers map[string]string, w merge.Wrote, id string) (after, before map[string]string) {
	after = maps.Clone(writers)
	for name := range w.Values {
		if was, ok := writers[name]; ok {
			if before == nil {
				before = map[string]string{}
			}
			before[name] = was
		}
		if after == nil {
			after = map[string]string{}
		}
		after[name] = id
	}
	return after, before
}

// originNames are members by the names that the wire has for them.
func originNames(origin map[string]string, terms *contact.Terms) map[string]string {
	named := make(map[string]string, len(origin))
	for name, id := range origin {
		if shown := terms.MemberName(name); shown != "" {
			named[shown] = id
		}
	}
	return named
}
