package ledger

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/table"
)

// HeadFor is how long the head of an identity is kept, which has an address in its
// key: longer than any operation that relies on it can take.
const HeadFor = time.Hour

// goneFor is how long a deleted contact answers 410 rather than 404.
const goneFor = 30 * 24 * time.Hour

// commit applies the operation to one contact (the zero stored: creates one) and
// writes everything that follows, in one transaction. errRaced if what it relied
// on has changed.
func (l *Ledger) commit(ctx context.Context, s *Scope, before stored, op Operation, u uniqueness) (answer Answer, err error) {
	c, err := l.apply(ctx, s, &before, op, u)
	defer func() { c.tags.settled(err) }()
	switch {
	case err != nil:
		return Answer{}, err
	case c.same && len(c.beside) > 0:
		return l.received(ctx, s, c)
	case c.same:
		return l.keepOnly(ctx, s, c.answer, before.sealers())
	}
	if n := reserved + len(c.heads) + len(c.beside) + len(c.tags.rows); n+actionsOf(c.put) > table.MaxActions {
		return Answer{}, l.makeRoom(ctx, s, before, c.after.ID, &c.tags, c.put, n-len(c.tags.rows))
	}
	w := newTransaction(s)
	w.keep(c.answer, c.after.sealers(), l.now())
	w.add(c.tags.rows...)
	w.add(c.beside...)
	if !before.Exists() && s.staged.row.Exists() {
		w.add(table.Delete(s.staged.row.Key, table.Unchanged(s.staged.row)))
	}
	if err := l.addChange(w, c); err != nil {
		return Answer{}, err
	}
	if err := l.write(ctx, w); err != nil {
		return Answer{}, err
	}
	l.labelsOf(s.Workspace).learn(s.Settings.Epoch, c.tags.made...)
	return c.answer, nil
}

// addChange adds what writes a change of a contact: its row, its change record,
// heads, hints. Hints that are no longer true and for which there is no room are
// marked in the row.
func (l *Ledger) addChange(w *transaction, c *change) error {
	contactAction := w.reserve()
	if !c.quiet {
		entry := l.entry(w.scope, c.after.ID, c.after.Version, c.after.UpdatedAt)
		entry.Action = c.action
		values := audit.Values{Changes: c.members, Detail: c.detail, Shared: shared(&c.before.record, &c.after, c.terms)}
		if err := entry.Seal(values, c.after.Key); err != nil {
			return err
		}
		w.add(table.Put(changeRow(w.scope.Workspace, &entry), c.before.nextIsNew()))
	}
	for _, head := range c.heads {
		row := table.Row{Key: head.Key, Expires: l.now().Add(HeadFor)}
		w.add(table.Put(row, table.Unchanged(head)))
	}
	for _, h := range c.put {
		w.putHint(h, seatOf(c.after.ID))
	}
	for _, h := range c.drop {
		if w.room() >= h.actions() {
			w.dropHint(h, c.after.seat(h))
		} else {
			c.after.Stale = append(c.after.Stale, h)
		}
	}
	w.actions[contactAction] = table.Put(c.row(w.scope), table.Unchanged(c.before.row))
	return nil
}

// nextIsNew is the condition on the change record of a contact's next version: that
// there is none. Where there is a row, the condition on that says it already, for a
// contact's version is raised only together with the change record that tells of it:
// the storage need not look for what is not there, which in a history is a block
// read from the files (infra/docs/041).
func (s *stored) nextIsNew() table.Condition {
	if s.row.Exists() {
		return table.Condition{}
	}
	return table.Absent()
}

// reserved is how many actions of a commit are no hints, heads or new tags: the
// contact, its change record, a kept answer, what was staged.
const reserved = 4

func actionsOf(hints []Hint) (n int) {
	for _, h := range hints {
		n += h.actions()
	}
	return n
}

// grave is what tells that a contact had been deleted before: the row that was
// left of it, if there is one, what this still has to remove, and the newest
// version that is told of. The zero grave is of one who never was.
type grave struct {
	row     table.Row
	rest    []Hint
	seats   seats
	version int64
}

// removal is the deletion of one contact at one attempt, before anything of it is
// written.
type removal struct {
	before *stored
	former former
	grave  grave
}

// remove commits a deletion, behind an earlier one if there was one.
func (l *Ledger) remove(ctx context.Context, s *Scope, before stored, earlier grave) (Answer, error) {
	r, err := l.removal(ctx, s, &before, earlier)
	if err != nil {
		return Answer{}, err
	}
	answer := Answer{Status: 204}
	w := newTransaction(s)
	w.keep(answer, s.sealers(), l.now()) // it has no body, and outlives the contact
	l.addRemoval(w, r)
	return answer, l.write(ctx, w)
}

// removal derives what a deletion leaves behind. It writes nothing.
func (l *Ledger) removal(ctx context.Context, s *Scope, before *stored, earlier grave) (*removal, error) {
	f := former{Deleted: true, Rest: earlier.rest, Seats: maps.Clone(before.Seats), Absorbed: before.MergedIDs, Freed: freedBy(s, &before.record)}
	if f.Seats == nil {
		f.Seats = earlier.seats
	} else {
		maps.Copy(f.Seats, earlier.seats)
	}
	f.Change = l.entry(s, before.ID, max(before.Version, earlier.version)+1, max(instant.Of(l.now()), before.UpdatedAt))
	f.Change.Action = audit.ContactDeleted
	terms, err := l.Terms(ctx, s, before.Contact)
	if err != nil {
		return nil, err
	}
	for _, c := range contact.Compare(&before.Contact, &contact.Contact{}, terms) {
		f.Change.Members = append(f.Change.Members, c.Field)
	}
	if before.Owner != "" {
		f.Assigned = append(f.Assigned, before.Owner)
	}
	f.Assigned = append(f.Assigned, before.Followers...)
	return &removal{before: before, former: f, grave: earlier}, nil
}

// addRemoval adds what writes a deletion: the row, what it leaves behind, and the
// removal of hints as far as there is room; the rest goes with the purge.
func (l *Ledger) addRemoval(w *transaction, r *removal) {
	w.add(table.Delete(r.before.row.Key, table.Unchanged(r.before.row)))
	formerAction := w.reserve()
	for _, h := range r.before.derived() {
		if w.room() >= h.actions() {
			w.dropHint(h, r.before.seat(h))
		} else {
			r.former.Rest = append(r.former.Rest, h)
		}
	}
	w.actions[formerAction] = table.Put(r.former.row(w.scope, r.before.ID, l.now()), table.Unchanged(r.grave.row))
}

func (f *former) row(s *Scope, id string, now time.Time) table.Row {
	return table.Row{
		Key: formerKey(s.Workspace, id), Schema: formerSchema, Expires: now.Add(Retention), // it is a change record too
		Out: TopicAudit + "," + TopicPurge, Doc: f.doc(),
	}
}

// entry begins the change record of something that happens now.
func (l *Ledger) entry(s *Scope, subject string, version int64, at instant.Instant) audit.Entry {
	return audit.Entry{ID: l.ids.New(), Subject: subject, Version: version, Actor: s.Actor, At: at, RequestID: s.RequestID}
}

// keepOnly answers without a change; with an idempotency key the answer is kept
// all the same, for a retry must not do what this call found done.
func (l *Ledger) keepOnly(ctx context.Context, s *Scope, a Answer, by sealers) (Answer, error) {
	if s.Idempotency == nil {
		return a, nil
	}
	w := newTransaction(s)
	w.keep(a, by, l.now())
	return a, l.write(ctx, w)
}

// transaction collects the actions of one Write.
type transaction struct {
	scope   *Scope
	actions []table.Action
}

func newTransaction(s *Scope) *transaction {
	return &transaction{scope: s, actions: make([]table.Action, 0, 12)}
}

// add appends actions.
func (w *transaction) add(a ...table.Action) { w.actions = append(w.actions, a...) }

// putHint adds what stores a hint that is not stored, and counts it.
func (w *transaction) putHint(h Hint, at seat) {
	ws := w.scope.Workspace
	w.add(table.Put(table.Row{Key: at.in(ws, h)}))
	if h.counted() {
		w.count(h.countKey(ws, at.Shard), 1)
	}
}

// dropHint adds what removes a hint that is stored.
func (w *transaction) dropHint(h Hint, at seat) {
	ws := w.scope.Workspace
	w.add(table.Delete(at.in(ws, h)))
	if h.counted() {
		w.count(h.countKey(ws, at.Shard), -1)
	}
}

// count adds to a counter: together with what the transaction adds to it already,
// for no row may be written twice in it.
func (w *transaction) count(key table.Key, delta int64) {
	if i := w.counts(key); i >= 0 {
		w.actions[i].Delta += delta
		return
	}
	w.add(table.Add(key, delta))
}

// counts is where the transaction adds to a counter, -1 if it does not.
func (w *transaction) counts(key table.Key) int {
	return slices.IndexFunc(w.actions, func(a table.Action) bool { return a.Verb == table.VerbAdd && a.Row.Key == key })
}

// reserve keeps a place for an action that is known only later.
func (w *transaction) reserve() int {
	w.add(table.Action{})
	return len(w.actions) - 1
}

// room is how many actions there is place for.
func (w *transaction) room() int { return table.MaxActions - len(w.actions) }

// keep adds the kept answer, if the request has an idempotency key.
func (w *transaction) keep(a Answer, by sealers, now time.Time) {
	if i := w.scope.Idempotency; i != nil {
		w.add(i.action(w.scope, a, by, now))
	}
}

// write commits. Every condition is on something that was read, so one that does
// not hold means that somebody was faster.
func (l *Ledger) write(ctx context.Context, w *transaction) error {
	err := l.table.Write(ctx, w.actions...)
	if _, raced := errors.AsType[*table.ConditionError](err); raced {
		return errRaced
	}
	if err != nil {
		return unavailable("writing", err)
	}
	return nil
}
