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
	// lost is what the undo takes from it, for its log.
	lost audit.Values
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
