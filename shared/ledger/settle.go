package ledger

import (
	"context"
	"fmt"

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
	if err != nil || len(c.Stale)+len(c.Late) == 0 {
		return err
	}
	w := newTransaction(s)
	contactAction := w.reserve()
	if err := l.putLate(ctx, w, &c.record); err != nil {
		return err
	}
	c.Stale = w.dropHints(c.Stale, c.ID)
	after := c.toRow(s.Workspace)
	after.Out = "" // what else it asks for it has asked for before
	w.actions[contactAction] = table.Put(after, table.Unchanged(row))
	if err := l.write(ctx, w); err != nil {
		return err
	}
	if len(c.Stale)+len(c.Late) > 0 {
		return errRaced // not raced, but there is more to do
	}
	return nil
}

// putLate adds what stores late hints, as far as there is room. What was deleted
// since is taken from the contact instead: nobody would come to detach it.
func (l *Ledger) putLate(ctx context.Context, w *transaction, c *record) error {
	if len(c.Late) == 0 {
		return nil
	}
	keys := make([]table.Key, len(c.Late))
	for i, h := range c.Late {
		keys[i] = h.definition(w.scope.Workspace)
	}
	definitions, err := l.read(ctx, keys...)
	if err != nil {
		return err
	}
	for i, h := range c.Late {
		there, err := h.defined(definitions[i])
		switch {
		case err != nil:
			return err
		case !there && definitions[i].Exists(): // a deleted tag leaves a row
			c.Contact = c.without(h)
		case w.room() < h.actions():
			c.Late = c.Late[i:]
			return nil
		default:
			w.putHint(h, c.ID)
		}
	}
	c.Late = nil
	return nil
}

// reindexFormer removes what is left of a contact that was absorbed.
func (l *Ledger) reindexFormer(ctx context.Context, s *Scope, id string, row table.Row) error {
	var f former
	if err := decode(row, formerSchema, &f); err != nil || f.Into == "" || len(f.Rest) == 0 {
		return err
	}
	w := newTransaction(s)
	w.reserve()
	f.Rest = w.dropHints(f.Rest, id)
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
func (w *transaction) dropHints(hints []Hint, contactID string) (left []Hint) {
	for i, h := range hints {
		if w.room() < h.actions() {
			return hints[i:]
		}
		w.dropHint(h, contactID)
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
	var entries []audit.Entry
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
