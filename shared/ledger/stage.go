package ledger

import (
	"context"

	"rubrica/shared/instant"
	"rubrica/shared/table"
)

// A commit may want more actions than a transaction takes: twenty new tags, and
// fifty addresses and users to be found by, under a policy that has each of them
// claimed. Then hints are written before the transaction that makes them true,
// in another one that says so: those of a contact that is there are marked in its
// row as if they were stale, those of one that is still to be created in the row
// that a former contact leaves. If the commit then never comes, what removes
// stale hints removes them.

// staged is what was written of a contact that is to be created.
type staged struct {
	id    string
	hints []Hint
	row   table.Row
}

// makeRoom does beforehand what a commit has no room for, and has it begin again.
// New tags are made first, for they stand on their own; then hints, of those that
// are to be put, as many as are too many. base is how many other actions there are.
func (l *Ledger) makeRoom(ctx context.Context, s *Scope, before stored, id string, tags *tagging, toPut []Hint, base int) error {
	if len(tags.rows) > 0 {
		if err := l.write(ctx, &transaction{scope: s, actions: tags.rows}); err != nil {
			return err
		}
		tags.settled(nil)
		tags.done = nil
		return errRaced
	}
	w := newTransaction(s)
	w.reserve()
	var early []Hint
	for _, h := range toPut {
		if base+actionsOf(toPut)-actionsOf(early) <= table.MaxActions || w.room() < h.actions() {
			break
		}
		early = append(early, h)
		w.putHint(h, seatOf(id))
	}
	if before.Exists() {
		r := before.record
		r.Stale = append(append([]Hint{}, before.Stale...), early...)
		w.actions[0] = table.Put(r.toRow(s.Workspace), table.Unchanged(before.row))
		if err := l.write(ctx, w); err != nil {
			return err
		}
		return errRaced
	}
	next := staged{id: id, hints: append(append([]Hint{}, s.staged.hints...), early...)}
	f := former{Staged: instant.Of(l.now()), Rest: next.hints}
	w.actions[0] = table.Put(f.stagedRow(s, id), table.Unchanged(s.staged.row))
	if err := l.write(ctx, w); err != nil {
		return err
	}
	next.row = w.actions[0].Row
	s.staged = next
	return errRaced
}

// stagedRow is the row of a contact that is to be created. It asks for its own
// removal, which comes when no call can still be creating the contact.
func (f *former) stagedRow(s *Scope, id string) table.Row {
	return table.Row{Key: formerKey(s.Workspace, id), Schema: formerSchema, Out: TopicDetach, Doc: f.doc()}
}

// unstage removes what was staged of a contact that was never created.
func (l *Ledger) unstage(ctx context.Context, s *Scope, id string) error {
	_, err := l.retry(ctx, s, func() (Answer, error) {
		row, err := l.table.GetOne(ctx, formerKey(s.Workspace, id))
		if err != nil {
			return Answer{}, unavailable("reading what was staged", err)
		}
		var f former
		if row.Exists() {
			if err := f.decode(row); err != nil {
				return Answer{}, err
			}
		}
		if f.Into != "" { // for an undo that did not come
			return Answer{}, l.reindexFormer(ctx, s, id, row)
		}
		if f.Staged == 0 {
			return Answer{}, nil
		}
		w := newTransaction(s)
		w.reserve()
		if f.Rest = w.dropHints(f.Rest, id, f.Seats); len(f.Rest) == 0 {
			w.actions[0] = table.Delete(row.Key, table.Unchanged(row))
			return Answer{}, l.write(ctx, w)
		}
		w.actions[0] = table.Put(f.stagedRow(s, id), table.Unchanged(row))
		if err := l.write(ctx, w); err != nil {
			return Answer{}, err
		}
		return Answer{}, errRaced // not raced, but there is more to do
	})
	return err
}
