package ledger

import (
	"context"
	"slices"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/table"
)

// commit writes the undo.
func (u *undoing) commit(ctx context.Context, answer func(Unmerged) Answer) (Answer, error) {
	s, l := u.s, u.l
	w := newTransaction(s)
	terms, err := l.Terms(ctx, s, u.shown()...)
	if err != nil {
		return Answer{}, err
	}
	told := Unmerged{Survivor: &u.change.after.Contact, Kept: []string{}}
	for _, name := range u.kept {
		if shown := terms.MemberName(name); shown != "" {
			told.Kept = append(told.Kept, shown)
		}
	}
	for _, r := range u.restored {
		told.Restored = append(told.Restored, &r.after.Contact)
	}
	a := answer(told)
	u.merge.Undone, u.merge.Sealed = u.now, ""
	w.add(table.Put(u.merge.toRow(s.Workspace), table.Unchanged(u.merge.row)))
	w.keep(a, u.root.sealers(), l.now())
	u.change.detail = map[string]any{"merge": u.merge.id, "restored": u.merge.Merged, "kept": told.Kept}
	u.addMerges(w)
	for _, r := range u.restored {
		if err := u.addRestored(ctx, w, r); err != nil {
			return Answer{}, err
		}
	}
	n := len(w.actions) + len(u.path) - 1 + 2 + actionsOf(u.change.put)
	early := 0 // what can be stored beforehand
	for _, r := range u.restored {
		early += actionsOf(r.put)
	}
	n += early
	if entries := u.losing(terms); n > table.MaxActions || n+entries > table.MaxActions && early > 0 {
		return Answer{}, u.makeRoom(ctx, n+entries)
	}
	if err := u.addPath(w, table.MaxActions-n); err != nil {
		return Answer{}, err
	}
	for _, r := range u.restored {
		for _, h := range r.put {
			w.putHint(h, seatOf(r.ID))
		}
	}
	if err := l.addChange(w, u.change); err != nil {
		return Answer{}, err
	}
	return a, l.write(ctx, w)
}

// shown are the contacts that the caller is told of, or the log.
func (u *undoing) shown() []contact.Contact {
	shown := []contact.Contact{u.change.after.Contact}
	for _, r := range u.restored {
		shown = append(shown, r.after.Contact)
	}
	for _, at := range u.path[:len(u.path)-1] {
		shown = append(shown, u.all[at.record.ID].record.Contact, at.record.Contact)
	}
	return shown
}

// losing says what contacts on the way to the root lose, and returns how many do.
func (u *undoing) losing(terms *contact.Terms) (n int) {
	for _, at := range u.path[:len(u.path)-1] {
		before := u.all[at.record.ID].record
		at.lost = audit.Values{
			Changes: contact.Compare(&before.Contact, &at.record.Contact, terms),
			Detail:  u.change.detail, Shared: shared(&before, &at.record, terms),
		}
		if len(at.lost.Changes) > 0 {
			n++
		}
	}
	return n
}

// addPath adds what changes of contacts on the way to the root. One that loses
// something is a version further though it is absorbed, and its log says so: else it
// would come back without what nobody tells that it lost. Where a chain is so long
// that there is no room for all of these entries, those next to the root have none.
func (u *undoing) addPath(w *transaction, room int) error {
	for _, at := range u.path[:len(u.path)-1] {
		a, after := u.all[at.record.ID], &at.record
		if len(at.lost.Changes) > 0 && room > 0 {
			room--
			a.former.Version++
			record, err := u.l.changeOf(u.s, after, a.former.Version, u.now, audit.ContactUnmerged, at.lost)
			if err != nil {
				return err
			}
			w.add(record)
		}
		a.former.seal(after)
		w.add(table.Put(a.former.absorbedRow(u.s.Workspace, after.ID), table.Unchanged(a.row)))
	}
	return nil
}

// addMerges adds the other merges whose notes change.
func (u *undoing) addMerges(w *transaction) {
	slices.Sort(u.touched)
	for _, id := range slices.Compact(u.touched) {
		m := u.others[id]
		m.seal(&u.root.record)
		w.add(table.Put(m.toRow(u.s.Workspace), table.Unchanged(m.row)))
	}
}

// addRestored adds a contact that comes back, and repoints the ids that it had
// absorbed itself.
func (u *undoing) addRestored(ctx context.Context, w *transaction, r *restoration) error {
	record, err := u.l.changeOf(u.s, &r.after, r.after.Version, u.now, audit.ContactUnmerged,
		audit.Values{Detail: map[string]any{"merge": u.merge.id, "survivor": u.root.ID}})
	if err != nil {
		return err
	}
	w.add(
		table.Put(refreshing(r.after.toRow(u.s.Workspace)), table.Absent()),
		table.Delete(r.row.Key, table.Unchanged(r.row)),
		record,
	)
	for _, head := range r.heads {
		w.add(table.Put(table.Row{Key: head.Key, Expires: u.l.now().Add(HeadFor)}, table.Unchanged(head)))
	}
	redirects, err := u.l.repoint(ctx, u.s, r.MergedIDs, r.ID, u.again)
	w.add(redirects...)
	return err
}

// makeRoom stores hints of who comes back beforehand, as what is left of them, and
// has the undo begin again.
func (u *undoing) makeRoom(ctx context.Context, n int) error {
	for _, r := range u.restored {
		if len(r.put) == 0 {
			continue
		}
		w := newTransaction(u.s)
		w.reserve()
		for _, h := range r.put {
			if n <= table.MaxActions || w.room() < h.actions() {
				break
			}
			r.former.Rest = append(r.former.Rest, h)
			w.putHint(h, seatOf(r.ID))
			n -= h.actions()
		}
		row := r.former.absorbedRow(u.s.Workspace, r.ID)
		row.Out = TopicDetach // later than this undo can still come
		w.actions[0] = table.Put(row, table.Unchanged(r.row))
		if err := u.l.write(ctx, w); err != nil {
			return err
		}
		if n <= table.MaxActions {
			break
		}
	}
	return errRaced
}
