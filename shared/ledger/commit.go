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
	"rubrica/shared/seal"
	"rubrica/shared/table"
	"rubrica/shared/ulid"
	"rubrica/shared/workspace"
)

const (
	// headFor is how long the head of an identity is kept: longer than any
	// operation that relies on it can take.
	headFor = time.Hour
	// goneFor is how long a deleted contact answers 410 rather than 404.
	goneFor = 30 * 24 * time.Hour
)

// uniqueness is what an attempt already knows about who holds identities, and
// which of them nobody else may take while it commits.
type uniqueness struct {
	known map[contact.Identity]holding
	claim []contact.Identity
}

// commit applies the operation to one contact (the zero stored: creates one) and
// writes everything that follows, in one transaction. errRaced if what it relied
// on has changed.
func (l *Ledger) commit(ctx context.Context, s *Scope, before stored, op Operation, u uniqueness) (answer Answer, err error) {
	if op.May != nil {
		if err := op.May(&before.Contact); err != nil {
			return Answer{}, err
		}
	}
	if before.Exists() && !op.IfMatch.Allows(before.Version) {
		return Answer{}, stale()
	}
	terms, err := l.Terms(ctx, s, before.Contact)
	if err != nil {
		return Answer{}, err
	}
	tags, err := l.tagged(ctx, s, op.Tag)
	if err != nil {
		return Answer{}, err
	}
	defer func() { tags.done(err) }()
	untag, err := l.untagged(ctx, s, op.Untag)
	if err != nil {
		return Answer{}, err
	}
	result, err := op.Apply(before.Contact.WithoutDeleted(terms).WithTags(tags.ids).WithoutTag(untag))
	if err != nil {
		return Answer{}, err
	}
	epoch := s.Settings.Epoch
	if terms, err = l.Terms(ctx, s, result); err != nil {
		return Answer{}, err
	}
	if s.Settings.Epoch != epoch { // the tags were found under newer names than the contact's own
		return Answer{}, errRaced
	}
	now := l.now()
	after := record{Contact: result.WithoutDeleted(terms), Key: before.Key, Stale: before.Stale, Locks: alive(before.Locks, instant.Of(now))}
	if err := locked(&before.record, &after.Contact, instant.Of(now)); err != nil {
		return Answer{}, err
	}
	changes := contact.Compare(&before.Contact, &after.Contact, terms)
	if err := managed(s, terms.Fields, changes); err != nil {
		return Answer{}, err
	}
	if before.Exists() && len(changes) == 0 && before.SameWithin(&after.Contact) {
		return l.keepOnly(ctx, s, op.Answer(&before.Contact), before.ID, before.Key)
	}
	if !before.Exists() {
		after.ID, after.Key = s.staged.id, seal.NewKey()
		if after.ID == "" {
			after.ID = l.newID(s)
		}
		after.Stale = s.staged.hints
		after.CreatedAt = instant.Of(ulid.Time(after.ID)) // so that the order of ids is that of creation to the millisecond
	}
	quiet := before.Exists() && len(changes) == 0 // nothing that is shown has changed
	if !quiet {
		after.Version = before.Version + 1
		after.UpdatedAt = max(instant.Of(now), before.UpdatedAt, after.CreatedAt)
	}

	added, removed := difference(Rows(&before.Contact), Rows(&after.Contact))
	heads, err := l.claim(ctx, s, after.ID, added, u)
	if err != nil {
		return Answer{}, err
	}
	w := newTransaction(s)
	toPut := slices.DeleteFunc(slices.Clone(added), func(h Hint) bool { return contains(after.Stale, h) }) // those are stored
	if n := len(heads) + reserved + len(tags.rows); n+actionsOf(toPut) > table.MaxActions {
		return Answer{}, l.makeRoom(ctx, s, before, after.ID, &tags, toPut, n-len(tags.rows))
	}
	contactAction := w.reserve()
	if !quiet {
		entry := l.entry(s, after.ID, after.Version, after.UpdatedAt)
		if entry.Action = op.Action; entry.Action == "" {
			entry.Action = actionOf(&before.Contact, changes)
		}
		if err := entry.Seal(audit.Values{Changes: changes, Detail: op.Detail}, after.Key); err != nil {
			return Answer{}, err
		}
		w.add(table.Put(changeRow(s.Workspace, &entry), table.Absent()))
	}
	answer = op.Answer(&after.Contact)
	w.keep(answer, after.ID, after.Key, now)
	for _, head := range heads {
		row := table.Row{Key: head.Key, Expires: now.Add(headFor)}
		w.add(table.Put(row, table.Unchanged(head)))
	}
	w.add(tags.rows...)
	if !before.Exists() && s.staged.row.Exists() {
		w.add(table.Delete(s.staged.row.Key, table.Unchanged(s.staged.row)))
	}
	for _, h := range toPut {
		w.putHint(h, after.ID)
	}
	after.dropStale(added)
	for _, h := range removed {
		if w.room() >= h.actions() {
			w.dropHint(h, after.ID)
		} else {
			after.Stale = append(after.Stale, h)
		}
	}
	w.actions[contactAction] = table.Put(after.toRow(s.Workspace), table.Unchanged(before.row))
	err = l.write(ctx, w)
	if err == nil {
		l.labelsOf(s.Workspace).learn(s.Settings.Epoch, tags.made...)
	}
	return answer, err
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
	version int64
}

// remove commits a deletion, behind an earlier one if there was one.
func (l *Ledger) remove(ctx context.Context, s *Scope, before stored, earlier grave) (Answer, error) {
	now := l.now()
	answer := Answer{Status: 204}
	f := former{Deleted: true, Rest: earlier.rest}
	f.Change = l.entry(s, before.ID, max(before.Version, earlier.version)+1, max(instant.Of(now), before.UpdatedAt))
	f.Change.Action = audit.ContactDeleted
	terms, err := l.Terms(ctx, s, before.Contact)
	if err != nil {
		return Answer{}, err
	}
	for _, c := range contact.Compare(&before.Contact, &contact.Contact{}, terms) {
		f.Change.Members = append(f.Change.Members, c.Field)
	}
	if before.Owner != "" {
		f.Assigned = append(f.Assigned, before.Owner)
	}
	f.Assigned = append(f.Assigned, before.Followers...)

	w := newTransaction(s)
	w.add(table.Delete(before.row.Key, table.Unchanged(before.row)))
	formerAction := w.reserve()
	w.keep(answer, "", before.Key, now) // it has no body, and outlives the contact
	for _, h := range before.derived() {
		if w.room() >= h.actions() {
			w.dropHint(h, before.ID)
		} else {
			f.Rest = append(f.Rest, h)
		}
	}
	w.actions[formerAction] = table.Put(f.row(s, before.ID, now), table.Unchanged(earlier.row))
	return answer, l.write(ctx, w)
}

func (f *former) row(s *Scope, id string, now time.Time) table.Row {
	return table.Row{
		Key: formerKey(s.Workspace, id), Schema: formerSchema, Expires: now.Add(Retention), // it is a change record too
		Out: TopicAudit + "," + TopicPurge, Doc: encode(f),
	}
}

// entry begins the change record of something that happens now.
func (l *Ledger) entry(s *Scope, subject string, version int64, at instant.Instant) audit.Entry {
	return audit.Entry{ID: l.ids.New(), Subject: subject, Version: version, Actor: s.Actor, At: at, RequestID: s.RequestID}
}

// actionOf derives what kind of change it was: the first that fits.
func actionOf(before *contact.Contact, changes []contact.Change) audit.Action {
	if !before.Exists() {
		return audit.ContactCreated
	}
	action := audit.ContactUpdated
	for _, c := range changes {
		switch from, _ := c.From.([]string); {
		case c.Field == "tags" && subset(c.To, from):
			return audit.ContactUntagged
		case c.Field == "tags":
			return audit.ContactTagged
		case c.Field == "owner":
			action = audit.ContactAssigned
		}
	}
	return action
}

// subset tells whether a list of names, nil for none, has nothing that the other
// one has not.
func subset(names any, of []string) bool {
	list, _ := names.([]string)
	return !slices.ContainsFunc(list, func(name string) bool { return !slices.Contains(of, name) })
}

// claim returns the head rows to put for identities that the contact gets and
// that nobody else may have: every external id, every identity under the policy
// reject, and those that an upsert claims. It refuses one that another has.
func (l *Ledger) claim(ctx context.Context, s *Scope, self string, added []Hint, u uniqueness) ([]table.Row, error) {
	var heads []contact.Identity // to put
	var unique []contact.Identity
	for _, h := range added {
		id, ok := h.identity()
		if !ok {
			continue
		}
		exclusive := id.Kind == contact.ByExternal || s.Settings.Duplicates == workspace.Reject
		if exclusive {
			unique = append(unique, id)
		}
		if exclusive || containsIdentity(u.claim, id) {
			heads = append(heads, id)
		}
	}
	var unknown []contact.Identity
	for _, id := range heads {
		if _, ok := u.known[id]; !ok {
			unknown = append(unknown, id)
		}
	}
	held := u.known
	if len(unknown) > 0 {
		more, err := l.holders(ctx, s, unknown...)
		if err != nil {
			return nil, err
		}
		held = maps.Clone(u.known)
		if held == nil {
			held = more
		}
		maps.Copy(held, more)
	}
	for _, id := range unique {
		for i := range held[id].by {
			if other := &held[id].by[i].Contact; other.ID != self {
				return nil, duplicate(s, other)
			}
		}
	}
	rows := make([]table.Row, len(heads))
	for i, id := range heads {
		rows[i] = held[id].head
		rows[i].Key = headKey(s.Workspace, id)
	}
	return rows, nil
}

func containsIdentity(ids []contact.Identity, id contact.Identity) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}

// keepOnly answers without a change; with an idempotency key the answer is kept
// all the same, for a retry must not do what this call found done.
func (l *Ledger) keepOnly(ctx context.Context, s *Scope, a Answer, subject string, key seal.Key) (Answer, error) {
	if s.Idempotency == nil {
		return a, nil
	}
	w := newTransaction(s)
	w.keep(a, subject, key, l.now())
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
func (w *transaction) putHint(h Hint, contactID string) {
	ws := w.scope.Workspace
	w.add(table.Put(table.Row{Key: h.key(ws, contactID)}))
	if h.counted() {
		w.add(table.Add(h.countKey(ws, ulid.ShardOf(contactID)), 1))
	}
}

// dropHint adds what removes a hint that is stored.
func (w *transaction) dropHint(h Hint, contactID string) {
	ws := w.scope.Workspace
	w.add(table.Delete(h.key(ws, contactID)))
	if h.counted() {
		w.add(table.Add(h.countKey(ws, ulid.ShardOf(contactID)), -1))
	}
}

// reserve keeps a place for an action that is known only later.
func (w *transaction) reserve() int {
	w.add(table.Action{})
	return len(w.actions) - 1
}

// room is how many actions there is place for.
func (w *transaction) room() int { return table.MaxActions - len(w.actions) }

// keep adds the kept answer, if the request has an idempotency key.
func (w *transaction) keep(a Answer, subject string, key seal.Key, now time.Time) {
	if i := w.scope.Idempotency; i != nil {
		w.add(i.action(w.scope, a, subject, key, now))
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
