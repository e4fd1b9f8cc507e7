package ledger

import (
	"context"
	"fmt"

	"rubrica/shared/audit"
	"rubrica/shared/table"
)

// Reindex removes the hints that a contact's row marks as no longer true, and
// their marks. For a consumer: idempotent, safe at any time and in any order. A
// contact that is gone, or has none, is done.
func (l *Ledger) Reindex(ctx context.Context, s *Scope, id string) error {
	_, err := l.retry(ctx, s, func() (Answer, error) {
		row, err := l.table.GetOne(ctx, ContactKey(s.Workspace, id))
		if err != nil {
			return Answer{}, unavailable("reading a contact to reindex", err)
		}
		if !row.Exists() {
			return Answer{}, nil
		}
		c, err := decodeRecord(row)
		if err != nil || len(c.Stale) == 0 {
			return Answer{}, err
		}
		w := newTransaction(s)
		contactAction := w.reserve()
		c.Stale = w.dropHints(c.Stale, id)
		w.actions[contactAction] = table.Put(c.toRow(s.Workspace), table.Unchanged(row))
		if err := l.write(ctx, w); err != nil {
			return Answer{}, err
		}
		if len(c.Stale) > 0 {
			return Answer{}, errRaced // not raced, but there is more to do
		}
		return Answer{}, nil
	})
	return err
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
