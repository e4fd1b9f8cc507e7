package ledger

import (
	"context"
	"errors"
	"fmt"

	"rubrica/shared/audit"
	"rubrica/shared/instant"
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

// historyPage is how many rows of a contact's history are purged at a time.
const historyPage = 100

// Purge removes what a deleted contact leaves behind: hints that did not fit
// into its transaction, and its history. Change records go only after they are
// in the audit log, where their values cannot be read any more. For a consumer:
// idempotent; a contact that was not deleted is left alone.
func (l *Ledger) Purge(ctx context.Context, s *Scope, id string) error {
	row, err := l.table.GetOne(ctx, formerKey(s.Workspace, id))
	if err != nil {
		return unavailable("reading a contact to purge", err)
	}
	if !row.Exists() {
		return nil
	}
	var f former
	if err := decode(row, formerSchema, &f); err != nil {
		return err
	}
	if !f.Deleted || f.Purged != 0 {
		return nil
	}
	if err := l.purgeHistory(ctx, s, id); err != nil {
		return err
	}
	for {
		w := newTransaction(s)
		formerAction := w.reserve()
		if f.Rest = w.dropHints(f.Rest, id); len(f.Rest) == 0 {
			f.Purged = instant.Of(l.now())
		}
		after := row
		after.Out, after.Doc = "", encode(f)
		w.actions[formerAction] = table.Put(after, table.Unchanged(row))
		if err := l.write(ctx, w); errors.Is(err, errRaced) { // by another delivery of the message
			return l.Purge(ctx, s, id)
		} else if err != nil || len(f.Rest) == 0 {
			return err
		}
		row.Rev = w.actions[formerAction].Row.Rev
	}
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

func (l *Ledger) purgeHistory(ctx context.Context, s *Scope, id string) error {
	for {
		page, err := l.table.Query(ctx, table.Range{Of: historyOf(s.Workspace, id), Limit: historyPage})
		if err != nil {
			return unavailable("reading a history", err)
		}
		var entries []audit.Entry
		keys := make([]table.Key, len(page.Rows))
		for i, row := range page.Rows {
			keys[i] = row.Key
			if !isChange(row.Key) {
				continue
			}
			e, err := EntryIn(row)
			if err != nil {
				return err
			}
			entries = append(entries, e)
		}
		if err := l.Log(ctx, s, entries...); err != nil {
			return err
		}
		if err := l.table.Batch(ctx, nil, keys); err != nil {
			return unavailable("removing a history", err)
		}
		if page.Next == "" {
			return nil
		}
	}
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
