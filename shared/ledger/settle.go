package ledger

import (
	"context"
	"fmt"
	"slices"

	"rubrica/shared/audit"
	"rubrica/shared/table"
)

// Reindex removes the hints that a contact's row marks as no longer true, stores
// those that it marks as late, and removes the marks. Of one that was absorbed it
// removes what is left. For a consumer: idempotent, safe at any time and in any
// order. A contact that is gone, or has none, is done.
func (l *Ledger) Reindex(ctx context.Context, s *Scope, id string) error {
	_, err := l.retry(ctx, s, func() (Answer, error) {
		rows, err := l.read(ctx, ContactKey(s.Workspace, id), formerKey(s.Workspace, id))
		switch {
		case err != nil:
			return Answer{}, err
		case rows[0].Exists():
			return Answer{}, l.reindex(ctx, s, rows[0])
		case rows[1].Exists():
			return Answer{}, l.reindexFormer(ctx, s, id, rows[1])
		}
		return Answer{}, nil
	})
	return err
}

// reindex does what there is room for; errRaced if there is more.
func (l *Ledger) reindex(ctx context.Context, s *Scope, row table.Row) error {
	c, err := decodeRecord(row)
	if err != nil || !c.unsettled() {
		return err
	}
	w := newTransaction(s)
	contactAction := w.reserve()
	if err := l.putLate(ctx, w, &c.record); err != nil {
		return err
	}
	c.Stale = w.dropHints(c.Stale, c.ID, c.Seats)
	after := c.toRow(s.Workspace)
	after.Out = "" // what else it asks for it has asked for before
	w.actions[contactAction] = table.Put(after, table.Unchanged(row))
	if err := l.write(ctx, w); err != nil {
		return err
	}
	if c.unsettled() {
		return errRaced // not raced, but there is more to do
	}
	return nil
}

// putLate adds what stores late hints, and borrowed ones under the contact's own id,
// as far as there is room. What was deleted since is taken from the contact instead:
// nobody would come to detach it.
func (l *Ledger) putLate(ctx context.Context, w *transaction, c *record) error {
	due := slices.Concat(c.Late, c.borrowed())
	if len(due) == 0 {
		return nil
	}
	keys := make([]table.Key, len(due))
	for i, h := range due {
		keys[i] = h.definition(w.scope.Workspace)
	}
	definitions, err := l.read(ctx, keys...)
	if err != nil {
		return err
	}
	for i, h := range due {
		there, err := h.defined(definitions[i])
		if err != nil {
			return err
		}
		if w.room() < h.actions() {
			break
		}
		deleted := !there && definitions[i].Exists() // a deleted tag leaves a row
		at, own := c.seat(h), seat{c.seat(h).Shard, c.ID}
		switch late := contains(c.Late, h); {
		case late && !deleted:
			w.putHint(h, at)
		case deleted && !late:
			w.dropHint(h, at)
		case !deleted:
			w.add(table.Delete(at.in(w.scope.Workspace, h)), table.Put(table.Row{Key: own.in(w.scope.Workspace, h)}))
			c.Seats = c.Seats.with(h, own, c.ID)
		}
		if deleted {
			c.Contact = c.without(h)
		}
		c.Late = hintsWithout(c.Late, []Hint{h})
	}
	return nil
}

// reindexFormer removes what is left of a contact that was absorbed.
func (l *Ledger) reindexFormer(ctx context.Context, s *Scope, id string, row table.Row) error {
	var f former
	if err := f.decode(row); err != nil || f.Into == "" || len(f.Rest) == 0 {
		return err
	}
	w := newTransaction(s)
	w.reserve()
	f.Rest = w.dropHints(f.Rest, id, f.Seats)
	w.actions[0] = table.Put(f.absorbedRow(s.Workspace, id), table.Unchanged(row))
	if err := l.write(ctx, w); err != nil {
		return err
	}
	if len(f.Rest) > 0 {
		return errRaced // not raced, but there is more to do
	}
	return nil
}

// dropHints adds what removes stored hints, as far as there is room, and returns
// those that are left.
func (w *transaction) dropHints(hints []Hint, contactID string, at seats) (left []Hint) {
	for i, h := range hints {
		if w.room() < h.actions() {
			return hints[i:]
		}
		w.dropHint(h, at.of(h, contactID))
	}
	return nil
}

// Log copies entries into the audit log. Idempotent.
func (l *Ledger) Log(ctx context.Context, s *Scope, entries ...audit.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	if err := l.log.Append(ctx, s.Workspace, s.Settings.AuditRetentionDays, entries...); err != nil {
		return unavailable("writing the audit log", err)
	}
	return nil
}

// LogRows copies the entries that rows hold into the audit log: for the consumer
// of changes. A row that is gone has been copied by whoever removed it.
func (l *Ledger) LogRows(ctx context.Context, s *Scope, keys []table.Key) error {
	rows, err := l.get(ctx, s, keys...)
	if err != nil {
		return err
	}
	entries := make([]audit.Entry, 0, len(rows))
	for _, row := range rows {
		if !row.Exists() {
			continue
		}
		e, err := EntryIn(row)
		if err != nil {
			return fmt.Errorf("ledger: copying to the audit log: %w", err)
		}
		entries = append(entries, e)
	}
	return l.Log(ctx, s, entries...)
}
