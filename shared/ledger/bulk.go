package ledger

import (
	"context"
	"errors"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/job"
	"rubrica/shared/problem"
	"rubrica/shared/table"
)

// Many contacts are changed in transactions that hold as many of them as they
// take, with the lane's row, which counts them. What is made of each contact is
// what is made of it where it is changed by itself: apply and removal derive it,
// addChange and addRemoval write it.

const (
	// firstWidth is how many contacts are read for the first transaction of a chunk,
	// maxWidth for any.
	firstWidth = 24
	maxWidth   = 60
)

// verdict is what is to be done about one contact.
type verdict struct {
	change  *change
	removal *removal
	failed  error
	skipped bool
	// of is the contact that is meant, if there is one.
	of string
}

// actions is how many actions the verdict takes in a transaction.
func (v *verdict) actions(w *transaction) int {
	switch {
	case v.failed != nil:
		return 1
	case v.removal != nil:
		return 2 + w.hintActions(v.removal.before.derived(), v.removal.before.Seats, v.of)
	case v.change != nil:
		return 2 + len(v.change.heads) + w.hintActions(v.change.put, nil, v.of) + w.hintActions(v.change.drop, v.change.after.Seats, v.of)
	}
	return 0
}

// step works on some more contacts of the chunk, in one transaction. errRaced if
// somebody else works on the lane.
func (r *run) step(ctx context.Context) error {
	rest := r.ids[r.lane.Offset:]
	some := rest[:min(len(rest), r.width)]
	rows, err := r.look(ctx, some)
	if err != nil {
		return err
	}
	w := newTransaction(r.Scope)
	position := w.reserve()
	next, taken, err := r.pack(ctx, w, some, rows)
	if err != nil {
		return r.alone(ctx, some, err)
	}
	if next.Offset += taken; next.Offset == len(r.ids) {
		next.Next, next.Offset = next.Next+1, 0
	}
	if err := r.commit(ctx, w, position, next); err != nil {
		return r.again(ctx, some[:taken], err)
	}
	r.tries = 0
	if taken < len(some) {
		r.width = taken
	} else if taken == r.width && w.room() > len(w.actions)/taken {
		r.width = min(maxWidth, taken+max(1, w.room()*taken/len(w.actions)))
	}
	return nil
}

// look reads contacts with all that must still be so: that the job was not
// stopped, that nobody else works on the lane, what the workspace's words are.
func (r *run) look(ctx context.Context, ids []string) (map[string]table.Row, error) {
	ws := r.Workspace
	keys := []table.Key{jobKey(ws, r.at.job), laneKey(ws, r.at.job, r.at.shard), SettingsKey(ws)}
	for _, id := range ids {
		keys = appendNew(keys, ContactKey(ws, id))
	}
	rows, err := r.ledger.read(ctx, keys...)
	if err != nil {
		return nil, err
	}
	j, err := decodeJob(rows[0])
	switch {
	case err != nil:
		return nil, err
	case j.ID == "" || j.Stopped() || !rows[2].Exists():
		return nil, errStopped
	case rows[1].Rev != r.lane.row.Rev:
		return nil, errRaced
	}
	if rows[2].Rev != r.settingsRow.Rev {
		if r.Settings, err = r.ledger.settings(ws, rows[2]); err != nil {
			return nil, err
		}
		r.settingsRow, r.fields, r.fieldsRow, r.terms = rows[2], nil, nil, contact.Terms{}
	}
	found := make(map[string]table.Row, len(ids))
	for i, k := range keys[3:] {
		found[k.SK()] = rows[3+i]
	}
	return found, nil
}

// pack adds what is to be done about contacts to a transaction, in their order,
// until it is full; taken is how many that were.
func (r *run) pack(ctx context.Context, w *transaction, ids []string, rows map[string]table.Row) (next lane, taken int, err error) {
	next = r.lane
	formers, err := r.formers(ctx, ids, rows)
	if err != nil {
		return next, 0, err
	}
	here := map[string]bool{}
	for _, id := range ids {
		v, err := r.judge(ctx, id, rows[id], formers)
		if err != nil {
			return next, 0, err
		}
		if taken > 0 && (v.actions(w) > w.room() || v.of != "" && here[v.of]) {
			break
		}
		switch {
		case v.failed != nil:
			next.Failed++
			w.add(r.failed(id, v.failed))
		case v.skipped:
			next.Skipped++
		default:
			next.Done++
			if err := r.add(w, &v); err != nil {
				return next, 0, err
			}
		}
		here[v.of] = true
		taken++
	}
	return next, taken, nil
}

// add adds what writes a verdict that changes something.
func (r *run) add(w *transaction, v *verdict) error {
	switch {
	case v.removal != nil:
		r.ledger.addRemoval(w, v.removal)
	case v.change != nil:
		return r.ledger.addChange(w, v.change)
	}
	return nil
}

// judge says what is to be done about one contact. What goes wrong with the
// contact is its verdict; an error is trouble with storage.
func (r *run) judge(ctx context.Context, id string, row table.Row, formers map[string]table.Row) (verdict, error) {
	before, v, err := r.standing(ctx, id, row, formers[id])
	if err != nil || v.of != "" {
		return v, err
	}
	v = verdict{of: before.ID}
	kept, err := r.ledger.keeps(ctx, r.Scope, &r.survey, &before.Contact)
	switch {
	case err != nil:
		return v, err
	case !kept && r.spec.Named:
		v.failed = contact.NotFound()
		return v, nil
	case !kept:
		v.skipped = true
		return v, nil
	}
	if r.job.Type == job.Delete {
		v.removal, err = r.ledger.removal(ctx, r.Scope, before, grave{})
		return v, err
	}
	c, err := r.ledger.apply(ctx, r.Scope, before, r.op, uniqueness{})
	if err == nil && !c.same {
		v.change = c
	}
	if err == nil || problem.Is(err, problem.Unavailable) || errors.Is(err, errRaced) {
		return v, err
	}
	v.failed = err
	return v, nil
}

// standing is the contact to work on: the one of the id, or who stands for it where
// it was named and is absorbed. Of one that is not there it is the verdict, by what
// is left of it.
func (r *run) standing(ctx context.Context, id string, row, left table.Row) (before *stored, v verdict, err error) {
	if row.Exists() {
		before = new(stored)
		if err = before.decode(row); err != nil {
			return before, verdict{failed: err, of: id}, nil
		}
		return before, v, nil
	}
	if !r.spec.Named {
		return before, verdict{of: id, skipped: true}, nil
	}
	var f former
	if left.Exists() {
		if err := f.decode(left); err != nil {
			return before, verdict{of: id, failed: err}, nil
		}
	}
	if f.Into != "" {
		survivor, err := r.ledger.find(ctx, r.Scope, contact.ByID(id))
		before = &survivor
		switch {
		case problem.Is(err, problem.Gone):
			return before, verdict{of: id, skipped: true}, nil
		case problem.Is(err, problem.NotFound):
			return before, verdict{of: id, failed: err}, nil
		case err == nil && before.CreatedAt > r.job.CreatedAt: // absorbed since, by one who is not to be touched
			return before, verdict{of: id, skipped: true}, nil
		}
		return before, v, err
	}
	if !f.Deleted || r.SeesFormer != nil && !r.SeesFormer(f.Assigned) {
		return before, verdict{of: id, failed: contact.NotFound()}, nil
	}
	return before, verdict{of: id, skipped: true}, nil
}

// formers reads what is left of those contacts that were named and are not there.
func (r *run) formers(ctx context.Context, ids []string, rows map[string]table.Row) (map[string]table.Row, error) {
	var keys []table.Key
	var absent []string
	for _, id := range ids {
		if r.spec.Named && !rows[id].Exists() {
			keys, absent = append(keys, formerKey(r.Workspace, id)), append(absent, id)
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	left, err := r.ledger.read(ctx, keys...)
	found := make(map[string]table.Row, len(left))
	for i, row := range left {
		found[absent[i]] = row
	}
	return found, err
}

// commit writes the transaction with the lane's row, and notes where it stands.
func (r *run) commit(ctx context.Context, w *transaction, position int, next lane) error {
	row := r.ledger.laneRow(laneKey(r.Workspace, r.at.job, r.at.shard), laneSchema, next)
	w.actions[position] = table.Put(row, table.Unchanged(r.lane.row))
	if err := r.ledger.table.Write(ctx, w.actions...); err != nil {
		return err
	}
	next.row = w.actions[position].Row
	r.lane = next
	return nil
}

// hintActions is how many actions hints take, put or removed: those that the
// transaction counts already take one.
func (w *transaction) hintActions(hints []Hint, at seats, contactID string) (n int) {
	for _, h := range hints {
		n++
		if h.counted() && w.counts(h.countKey(w.scope.Workspace, at.of(h, contactID).Shard)) < 0 {
			n++
		}
	}
	return n
}

// blocking and unblocking are the operations that a contact's own routes perform.
func blocking(op Operation, b contact.Block) Operation {
	op.Action, op.Detail = audit.ContactBlocked, because(b.Reason)
	op.Apply = func(c contact.Contact) (contact.Contact, error) { return contact.Blocked(c, b) }
	return op
}

func unblocking(op Operation, reason string) Operation {
	op.Action, op.Detail = audit.ContactUnblocked, because(reason)
	op.Apply = contact.Unblocked
	return op
}

func because(reason string) map[string]any {
	if reason == "" {
		return nil
	}
	return map[string]any{"reason": reason}
}
