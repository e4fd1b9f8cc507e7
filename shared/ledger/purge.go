package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rubrica/shared/audit"
	"rubrica/shared/instant"
	"rubrica/shared/table"
)

// historyPage is how many rows of each contact's history are purged at a time.
const historyPage = 50

// Purge removes what deleted contacts leave behind: hints that did not fit into
// their transactions, and their histories. Change records go only after they are
// in the audit log, where their values cannot be read any more. For a consumer:
// idempotent; a contact that was not deleted is left alone, and one that cannot
// be purged does not keep the others waiting.
//
// The contacts share six round trips, and on one machine three syncs of the
// disk: one by one, deletions came in faster than they were purged.
func (l *Ledger) Purge(ctx context.Context, s *Scope, ids ...string) error {
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = formerKey(s.Workspace, id)
	}
	rows, err := l.get(ctx, s, keys...)
	if err != nil {
		return err
	}
	var errs []error
	var open []purge
	for i, row := range rows {
		if !row.Exists() {
			continue
		}
		p := purge{id: ids[i], row: row}
		if err := p.former.decode(row); err != nil {
			errs = append(errs, err)
			continue
		}
		if !p.former.Deleted || p.former.Purged != 0 {
			continue
		}
		open = append(open, p)
	}
	if len(open) == 0 {
		return errors.Join(errs...)
	}
	if l.erasing != nil {
		end, err := l.erasing(ctx)
		if err != nil {
			return errors.Join(append(errs, unavailable("noting an erasure", err))...)
		}
		defer end()
	}
	open = slices.DeleteFunc(open, func(p purge) bool {
		_, err := l.retry(ctx, s, func() (Answer, error) { return Answer{}, l.purgeAbsorbed(ctx, s, &p) })
		if err != nil {
			errs = append(errs, err)
		}
		return err != nil
	})
	return l.purgeAll(ctx, s, open, errs...)
}

// WatchErasure has begin called before anything that deleted contacts left behind
// is removed, and what it returns once that is done: for storage in whose files it
// stays for a while. An error keeps the purge from beginning. To be set before
// anybody uses the ledger.
func (l *Ledger) WatchErasure(begin func(context.Context) (end func(), err error)) { l.erasing = begin }

// purgeAbsorbed purges the contacts that a deleted one had absorbed, before it is
// purged itself: they are found through it. Their redirects stay as long as it.
func (l *Ledger) purgeAbsorbed(ctx context.Context, s *Scope, p *purge) error {
	if len(p.former.Absorbed) == 0 {
		return nil
	}
	keys := make([]table.Key, len(p.former.Absorbed))
	for i, id := range p.former.Absorbed {
		keys[i] = formerKey(s.Workspace, id)
	}
	rows, err := l.read(ctx, keys...)
	if err != nil {
		return err
	}
	var open []purge
	for i, row := range rows {
		a := purge{id: p.former.Absorbed[i], row: row}
		if err := a.former.decode(row); err != nil {
			return err
		}
		if a.former.Purged == 0 {
			a.former.Sealed, a.row.Expires = "", p.row.Expires
			open = append(open, a)
		}
	}
	return l.purgeAll(ctx, s, open)
}

// purgeAll purges contacts that are gone; before is what went wrong before it.
func (l *Ledger) purgeAll(ctx context.Context, s *Scope, open []purge, before ...error) error {
	open, errs := l.purgeSuggestions(ctx, s, open, before)
	done, err := l.purgeHistories(ctx, s, open)
	if err = errors.Join(append(errs, err)...); len(done) == 0 {
		return err
	}
	// Last, and without a condition: nothing but a purge writes the row of a
	// deleted contact, and two of them write the same.
	closed := make([]table.Row, len(done))
	for i, p := range done {
		p.former.Rest, p.former.Freed, p.former.Purged = nil, nil, instant.Of(l.now())
		closed[i] = p.row
		closed[i].Out, closed[i].Doc = "", p.former.doc()
	}
	if closing := l.table.Batch(ctx, closed, nil); closing != nil {
		return errors.Join(err, unavailable("closing a purge", closing))
	}
	return err
}

// purge is a deleted contact that is being purged.
type purge struct {
	id     string
	row    table.Row
	former former
	after  string // where its history is to be read on
}

// purgeHistories removes histories and remaining hints, and returns the contacts
// of which nothing is left.
func (l *Ledger) purgeHistories(ctx context.Context, s *Scope, open []purge) (done []purge, err error) {
	var errs []error
	for len(open) > 0 {
		ranges := make([]table.Range, len(open))
		for i, p := range open {
			ranges[i] = table.Range{Of: historyOf(s.Workspace, p.id), After: p.after, Limit: historyPage}
		}
		pages, err := l.pages(ctx, s, ranges)
		if err != nil {
			return nil, errors.Join(append(errs, err)...)
		}
		var entries []audit.Entry
		var keys []table.Key
		var more, through, counted []purge
		for i, p := range open {
			recorded, err := changesIn(pages[i].Rows)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			entries = append(entries, recorded...)
			for _, row := range pages[i].Rows {
				keys = append(keys, row.Key)
			}
			if p.after = pages[i].Next; p.after != "" {
				more = append(more, p)
				continue
			}
			if slices.ContainsFunc(p.former.Rest, Hint.counted) {
				counted = append(counted, p)
				continue
			}
			for _, h := range p.former.Rest {
				keys = append(keys, h.key(s.Workspace, p.id))
			}
			through = append(through, p)
		}
		if err := l.log.Complete(ctx, s.Workspace, s.Settings.AuditRetentionDays, entries...); err != nil {
			return nil, errors.Join(append(errs, unavailable("completing the audit log", err))...)
		}
		if err := l.table.Batch(ctx, nil, keys); err != nil {
			return nil, errors.Join(append(errs, unavailable("removing histories", err))...)
		}
		for _, p := range counted {
			errs = append(errs, l.purgeCounted(ctx, s, p))
		}
		done, open = slices.Concat(done, through), more
	}
	return done, errors.Join(errs...)
}

// purgeCounted removes the remaining hints of a contact whose history is gone,
// and closes its purge. Each hint and the mark of it go together with its count,
// so that whoever does the same at the same moment counts nothing twice.
func (l *Ledger) purgeCounted(ctx context.Context, s *Scope, p purge) error {
	read := p.row // as it was, whatever it shall be
	for {
		w := newTransaction(s)
		former := w.reserve()
		if p.former.Rest = w.dropHints(p.former.Rest, p.id, p.former.Seats); len(p.former.Rest) == 0 {
			p.former.Freed, p.former.Purged = nil, instant.Of(l.now())
		}
		after := p.row
		after.Out, after.Doc = "", p.former.doc()
		w.actions[former] = table.Put(after, table.Unchanged(read))
		switch err := l.write(ctx, w); {
		case errors.Is(err, errRaced) && p.former.Into != "":
			return fmt.Errorf("ledger: purging %s: %w", p.id, err) // with its survivor, when that is delivered again
		case errors.Is(err, errRaced):
			return l.Purge(ctx, s, p.id)
		case err != nil || len(p.former.Rest) == 0:
			return err
		}
		read.Rev = w.actions[former].Row.Rev
	}
}

// changesIn are the entries of the change records among the rows of a history.
func changesIn(rows []table.Row) ([]audit.Entry, error) {
	entries := make([]audit.Entry, 0, len(rows))
	for _, row := range rows {
		if !isChange(row.Key) {
			continue
		}
		e, err := EntryIn(row)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}
