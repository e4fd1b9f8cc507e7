package ledger

import (
	"context"
	"maps"
	"slices"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/merge"
	"rubrica/shared/problem"
	"rubrica/shared/workspace"
)

// compute says what becomes of everything.
func (u *undoing) compute(ctx context.Context) error {
	if err := u.later(); err != nil {
		return err
	}
	wrote := u.merge.notes.Wrote
	var lost []string
	for i, at := range u.path {
		staying := u.staying(i)
		before := at.record
		done := merge.Undo(before.Contact, wrote, u.gone, staying)
		if i == 0 {
			u.kept, lost = done.Kept, done.Lost.Identities
		}
		at.record.Contact = done.Contact
		at.record.Keys = maps.Clone(before.Keys)
		for _, id := range u.gone {
			delete(at.record.Keys, id)
		}
		if at.up != nil {
			left := record{Contact: before.Contact, Locks: home(u.leases(), before.ID, before.MergedIDs)}
			if err := locked(&left, &at.record.Contact, u.now); err != nil {
				return err
			}
		}
		u.writers(i, wrote, done.Passed)
		for id, passed := range done.Passed {
			u.others[id].notes.Wrote = u.others[id].notes.Wrote.Plus(passed)
			u.touched = append(u.touched, id)
		}
		if at.up != nil {
			wrote, at.up.notes.Wrote = at.up.notes.Wrote.Through(done.Lost)
			u.touched = append(u.touched, at.up.id)
		}
	}
	for id, m := range u.others {
		less, changed := m.notes.Wrote.Forgetting(lost)
		if m.notes.Wrote = less; changed {
			u.touched = append(u.touched, id)
		}
	}
	if err := u.survivor(ctx); err != nil {
		return err
	}
	return u.restore(ctx)
}

// later refuses to take back what a later merge has written over.
func (u *undoing) later() error {
	latest := ""
	for i, at := range u.path {
		for name := range u.merge.notes.Wrote.Values {
			writer := at.record.Writers[name]
			if i == 0 && writer != u.merge.id || i > 0 && writer > u.merge.id {
				latest = max(latest, writer)
			}
		}
	}
	if latest == "" {
		return nil
	}
	return problem.Conflicting("undo_later_first", "A later merge wrote the same member; undo that one first.").With("merge", latest)
}

// staying are the contacts that stay absorbed by a level's contact by a merge of
// its own. The level below is one of them.
func (u *undoing) staying(i int) (staying []merge.Staying) {
	at := u.path[i]
	ids := slices.DeleteFunc(slices.Clone(at.record.MergedIDs), func(id string) bool { return slices.Contains(u.gone, id) })
	for _, id := range directly(u.all, ids) {
		r := u.all[id].record
		if i > 0 && id == u.path[i-1].record.ID {
			r = u.path[i-1].record
		}
		staying = append(staying, merge.Staying{Merge: u.all[id].former.Merge, Contact: r.Contact})
	}
	return staying
}

// leases are those that stay with the root, whichever of its contacts they are.
func (u *undoing) leases() []lease {
	return slices.DeleteFunc(alive(u.root.Locks, u.now), func(l lease) bool { return slices.Contains(u.gone, l.Of) })
}

// writers says who wrote the members of the merge's survivor last, without it.
func (u *undoing) writers(i int, wrote merge.Wrote, passed map[string]*merge.Wrote) {
	r := &u.path[i].record
	r.Writers = maps.Clone(r.Writers)
	for name := range wrote.Values {
		if was, ok := u.merge.notes.Writers[name]; ok {
			r.Writers[name] = was
		} else {
			delete(r.Writers, name)
		}
	}
	for id, p := range passed {
		for name := range p.Values {
			r.Writers[name] = id
		}
	}
}

// survivor derives what follows from the difference for the root.
func (u *undoing) survivor(ctx context.Context) error {
	after := u.path[len(u.path)-1].record
	terms, err := u.l.Terms(ctx, u.s, u.root.Contact, after.Contact)
	if err != nil {
		return err
	}
	after.Contact = after.WithoutDeleted(terms)
	after.Locks = u.leases()
	after.Version, after.UpdatedAt = u.root.Version+1, max(u.now, u.root.UpdatedAt)
	left := u.root.record
	left.Locks = after.Locks
	if err := locked(&left, &after.Contact, u.now); err != nil {
		return err
	}
	u.change = &change{before: &u.root, after: after, action: audit.ContactUnmerged}
	u.change.members, u.change.terms = contact.Compare(&u.root.Contact, &after.Contact, terms), terms
	u.again = returns{}
	u.change.after.giveBack(&u.root.record, u.gone, u.again)
	added, removed := difference(Rows(&u.root.Contact), Rows(&after.Contact))
	u.change.index(added, removed)
	// What it does not carry any more is removed later, but for a company, which
	// counts its contacts.
	later := slices.DeleteFunc(slices.Clone(u.change.drop), func(h Hint) bool { return h.Index == IndexCompany })
	u.change.after.Stale = slices.Concat(u.change.after.Stale, later)
	u.change.drop = hintsWithout(u.change.drop, later)
	return nil
}

// restore says what the absorbed contacts are again: as they were, with those of
// their leases that nobody ended, and without tags that were deleted since: nobody
// would come to detach these.
func (u *undoing) restore(ctx context.Context) error {
	running := alive(u.root.Locks, u.now)
	for _, id := range u.merge.Merged {
		r := &restoration{absorbed: u.all[id]}
		terms, err := u.l.Terms(ctx, u.s, r.record.Contact)
		if err != nil {
			return err
		}
		r.after = r.record
		r.after.Contact = r.record.WithoutDeleted(terms)
		r.after.Version, r.after.UpdatedAt = r.former.Version+1, max(u.now, r.UpdatedAt)
		r.after.Locks = home(running, id, r.record.MergedIDs)
		is := r.former // what is left of it, and is written only if the undo takes two transactions
		is.take(u.again[id], id)
		carried := Rows(&r.after.Contact)
		r.after.Stale = hintsWithout(is.Rest, carried)
		r.after.Seats = is.Seats
		r.after.Late = nil
		for _, h := range hintsWithout(carried, is.Rest) {
			if h.Index == IndexTag {
				r.after.Late = append(r.after.Late, h)
			} else {
				r.put = append(r.put, h)
			}
		}
		if err := u.claim(ctx, r); err != nil {
			return err
		}
		u.restored = append(u.restored, r)
	}
	return nil
}

// claim makes sure that nobody has taken what the contact gets back and nobody
// else may have. What the survivor holds at this moment nobody has taken.
func (u *undoing) claim(ctx context.Context, r *restoration) error {
	var lost []Hint
	for _, id := range r.after.Identities() {
		exclusive := id.Kind == contact.ByExternal || u.s.Settings.Duplicates == workspace.Reject
		switch held := u.root.Holds(id); {
		case exclusive && held && u.change.after.Holds(id) && slices.Contains(u.merge.notes.Wrote.Identities, merge.IdentityText(id)) && !u.held(id):
			return duplicate(u.s, &u.change.after.Contact) // it was given to it by hand since
		case !held:
			lost = append(lost, hintOf(id))
		}
	}
	if len(lost) == 0 {
		return nil
	}
	heads, err := u.l.claim(ctx, u.s, r.ID, lost, uniqueness{})
	r.heads = heads
	return err
}

// held tells whether a contact that stays absorbed has an identity.
func (u *undoing) held(id contact.Identity) bool {
	return slices.ContainsFunc(u.staying(0), func(s merge.Staying) bool { return s.Contact.Holds(id) })
}
