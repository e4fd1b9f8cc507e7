package ledger

import (
	"context"
	"maps"
	"slices"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/merge"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/workspace"
)

// Undoing says which merge is to be taken back.
type Undoing struct {
	Merge string
	// May says whether the caller may take back a merge that somebody made.
	May func(by audit.Actor) error
	// IfMatch is of the survivor, or of who absorbed it since.
	IfMatch IfMatch
	// Answer is what the caller is told.
	Answer func(Unmerged) Answer
}

// Unmerged is what came of an undo.
type Unmerged struct {
	Survivor *contact.Contact
	Restored []*contact.Contact
	// Kept are members, by the wire's names, that the merge wrote and that differ
	// since.
	Kept []string
}

// Undo takes a merge back, in one transaction whatever the histories: each absorbed
// contact is as it was, what was added since stays with the survivor. Three round
// trips and 16 units for one contact with an address and a number; more trips where
// other merges are involved.
//
// problem.NotFound, problem.Gone once the survivor was deleted, already_undone,
// undo_later_first where a later merge wrote the same member, duplicate_identity
// where somebody else took what nobody else may have.
func (l *Ledger) Undo(ctx context.Context, s *Scope, u Undoing) (Answer, error) {
	return l.perform(ctx, s, func() (Answer, error) {
		m, err := l.findMerge(ctx, s, u.Merge)
		if err != nil {
			return Answer{}, err
		}
		keys := []table.Key{ContactKey(s.Workspace, m.Survivor)}
		for _, id := range m.Merged {
			keys = append(keys, formerKey(s.Workspace, id))
		}
		if err := l.readAhead(ctx, s, keys...); err != nil {
			return Answer{}, err
		}
		root, err := l.resolve(ctx, s, contact.ByID(m.Survivor))
		if problem.Is(err, problem.NotFound) {
			err = noMerge()
		}
		if err != nil {
			return Answer{}, err
		}
		if err := u.May(m.By); err != nil {
			return Answer{}, err
		}
		if !u.IfMatch.Allows(root.Version) {
			return Answer{}, stale()
		}
		if m.Undone != 0 {
			return Answer{}, problem.Conflicting("already_undone", "The merge was taken back at %s.", m.Undone)
		}
		un := &undoing{l: l, s: s, now: instant.Of(l.now()), merge: m, root: root}
		if err := un.read(ctx); err != nil {
			return Answer{}, err
		}
		if err := un.compute(ctx); err != nil {
			return Answer{}, err
		}
		return un.commit(ctx, u.Answer)
	})
}

// undoing is an undo at one attempt.
type undoing struct {
	l     *Ledger
	s     *Scope
	now   instant.Instant
	merge *storedMerge
	root  stored

	// all are the contacts that the root has absorbed, by id, as far as they matter.
	all map[string]*absorbed
	// path leads from the merge's survivor to the root; it is the root alone unless
	// the survivor was absorbed since.
	path []*level
	// others are the root's other merges, by id, and touched those whose notes change.
	others  map[string]*storedMerge
	touched []string

	gone     []string // the contacts that leave, theirs included
	again    returns  // hints that are theirs again
	restored []*restoration
	change   *change
	kept     []string
}

// level is a contact on the way from a merge's survivor to the root.
type level struct {
	record record
	// up is the merge that put it into the next level; nil of the root.
	up *storedMerge
}

// restoration is a contact that comes back.
type restoration struct {
	*absorbed
	after record
	put   []Hint
	heads []table.Row
}

// read reads the contacts and the merges that the undo touches.
func (u *undoing) read(ctx context.Context) (err error) {
	ids := u.merge.Merged
	if u.all, err = u.l.absorbed(ctx, u.s, &u.root.record, ids); err != nil {
		return err
	}
	for _, id := range ids {
		if u.all[id].former.Merge != u.merge.id {
			return errRaced
		}
		u.gone = append(append(u.gone, id), u.all[id].MergedIDs...)
	}
	if err := u.merge.open(&u.root.record); err != nil {
		return err
	}
	rest := slices.DeleteFunc(slices.Clone(u.root.MergedIDs), func(id string) bool { return slices.Contains(u.gone, id) })
	more, err := u.l.absorbed(ctx, u.s, &u.root.record, rest)
	if err != nil {
		return err
	}
	maps.Copy(u.all, more)
	return u.readMerges(ctx, rest)
}

// readMerges reads the other merges of the root's, and finds the way to it.
func (u *undoing) readMerges(ctx context.Context, rest []string) error {
	u.others = map[string]*storedMerge{}
	var keys []table.Key
	for _, id := range rest {
		keys = appendNew(keys, mergeKey(u.s.Workspace, u.all[id].former.Merge))
	}
	if len(keys) > 0 {
		rows, err := u.l.read(ctx, keys...)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if !row.Exists() {
				return errRaced
			}
			m, err := decodeMerge(row)
			if err == nil {
				err = m.open(&u.root.record)
			}
			if err != nil {
				return err
			}
			u.others[m.id] = m
		}
	}
	for id := u.merge.Survivor; id != u.root.ID; {
		a := u.all[id]
		if a == nil || len(u.path) > merge.MaxAbsorbed {
			return errRaced
		}
		up := u.others[a.former.Merge]
		u.path = append(u.path, &level{record: a.record, up: up})
		id = up.Survivor
	}
	u.path = append(u.path, &level{record: u.root.record})
	return nil
}

// compute says what becomes of everything.
func (u *undoing) compute(ctx context.Context) error {
	if err := u.later(); err != nil {
		return err
	}
	wrote := u.merge.notes.Wrote
	for i, at := range u.path {
		staying, locks := u.staying(i)
		before := at.record
		done := merge.Undo(before.Contact, wrote, u.gone, staying)
		if i == 0 {
			u.kept = done.Kept
		}
		at.record.Contact = done.Contact
		at.record.Keys = maps.Clone(before.Keys)
		for _, id := range u.gone {
			delete(at.record.Keys, id)
		}
		at.record.Locks, done.Lost.Leases = endLeases(before.Locks, wrote.Leases, locks)
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
// its own, with the leases that they had. The level below is one of them.
func (u *undoing) staying(i int) (staying []merge.Staying, locks []Lock) {
	at := u.path[i]
	ids := slices.DeleteFunc(slices.Clone(at.record.MergedIDs), func(id string) bool { return slices.Contains(u.gone, id) })
	for _, id := range directly(u.all, ids) {
		r := u.all[id].record
		if i > 0 && id == u.path[i-1].record.ID {
			r = u.path[i-1].record
		}
		staying = append(staying, merge.Staying{Merge: u.all[id].former.Merge, Contact: r.Contact})
		locks = append(locks, r.Locks...)
	}
	return staying, locks
}

// endLeases takes leases that a merge brought from a survivor, but for those that
// one who stays has too.
func endLeases(locks []Lock, campaigns []string, staying []Lock) (left []Lock, ended []string) {
	for _, lock := range locks {
		of := func(x Lock) bool { return x.Campaign == lock.Campaign }
		if slices.Contains(campaigns, lock.Campaign) && !slices.ContainsFunc(staying, of) {
			ended = append(ended, lock.Campaign)
		} else {
			left = append(left, lock)
		}
	}
	return left, ended
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
	after.Locks = alive(after.Locks, u.now)
	after.Version, after.UpdatedAt = u.root.Version+1, max(u.now, u.root.UpdatedAt)
	left := u.root.record
	left.Locks = after.Locks
	if err := locked(&left, &after.Contact, u.now); err != nil {
		return err
	}
	u.change = &change{before: u.root, after: after, action: audit.ContactUnmerged}
	u.change.members = contact.Compare(&u.root.Contact, &after.Contact, terms)
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
// their leases that nobody ended.
func (u *undoing) restore(ctx context.Context) error {
	running := alive(u.root.Locks, u.now)
	for _, id := range u.merge.Merged {
		r := &restoration{absorbed: u.all[id]}
		r.after = r.record
		r.after.Version, r.after.UpdatedAt = r.former.Version+1, max(u.now, r.UpdatedAt)
		r.after.Locks = nil
		for _, lock := range running {
			if slices.ContainsFunc(r.record.Locks, func(x Lock) bool { return x.Campaign == lock.Campaign && x.Holder == lock.Holder }) {
				r.after.Locks = append(r.after.Locks, lock)
			}
		}
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
	staying, _ := u.staying(0)
	return slices.ContainsFunc(staying, func(s merge.Staying) bool { return s.Contact.Holds(id) })
}

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
	w.keep(a, u.root.ID, u.root.Key, l.now())
	u.addOthers(w)
	for _, r := range u.restored {
		if err := u.addRestored(ctx, w, r); err != nil {
			return Answer{}, err
		}
	}
	u.change.detail = map[string]any{"merge": u.merge.id, "restored": u.merge.Merged, "kept": told.Kept}
	n := len(w.actions) + 2 + actionsOf(u.change.put)
	for _, r := range u.restored {
		n += actionsOf(r.put)
	}
	if n > table.MaxActions {
		return Answer{}, u.makeRoom(ctx, n)
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

// shown are the contacts that the caller is told of.
func (u *undoing) shown() []contact.Contact {
	shown := []contact.Contact{u.change.after.Contact}
	for _, r := range u.restored {
		shown = append(shown, r.after.Contact)
	}
	return shown
}

// addOthers adds what changes of contacts and merges on the way to the root.
func (u *undoing) addOthers(w *transaction) {
	for i := range u.path[:len(u.path)-1] {
		at := u.path[i]
		a := u.all[at.record.ID]
		a.former.seal(&at.record)
		w.add(table.Put(a.former.absorbedRow(u.s.Workspace, at.record.ID), table.Unchanged(a.row)))
	}
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
		w.add(table.Put(table.Row{Key: head.Key, Expires: u.l.now().Add(headFor)}, table.Unchanged(head)))
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
