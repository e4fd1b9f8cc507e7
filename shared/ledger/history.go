package ledger

import (
	"context"
	"slices"
	"strings"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/problem"
	"rubrica/shared/seal"
	"rubrica/shared/table"
)

// HistoryPage is a page of a contact's audit entries.
type HistoryPage struct {
	Entries []audit.Entry // newest first
	// Key opens the entries' values; zero once the contact is deleted.
	Key seal.Key
	// Next is behind the last entry; the zero Position at the end.
	Next audit.Position
}

// History returns a page of a contact's audit entries, newest first, and the
// position behind it; more says whether there is anything. It unites the audit
// log with the change records that have not got there yet, so that nothing is
// ever missing. ref may also lead to a deleted contact: then the key is gone and
// the entries have no values.
func (l *Ledger) History(ctx context.Context, s *Scope, ref contact.Ref, after audit.Position, limit int) (page HistoryPage, err error) {
	id, key, err := l.historySubject(ctx, s, ref)
	if err != nil {
		return HistoryPage{}, err
	}
	page.Key = key
	// In this order: an entry leaves the change records only when it is in the log.
	recent, err := l.recentEntries(ctx, s, id, after, limit+1)
	if err != nil {
		return HistoryPage{}, err
	}
	logged, more, err := l.log.Of(ctx, s.Workspace, id, after, limit+1)
	if err != nil {
		return HistoryPage{}, unavailable("reading the audit log", err)
	}
	page.Entries = unite(logged, recent)
	if len(page.Entries) == 0 && after == (audit.Position{}) && ref.ID != "" && key.IsZero() {
		return HistoryPage{}, contact.NotFound()
	}
	if len(page.Entries) > limit {
		page.Entries, more = page.Entries[:limit], true
	}
	if more && len(page.Entries) > 0 {
		last := page.Entries[len(page.Entries)-1]
		page.Next = audit.Position{Version: last.Version, ID: last.ID}
	}
	return page, nil
}

// historySubject says whose history a reference means. A deleted contact's can
// be read by its id for as long as the log is kept, without values.
func (l *Ledger) historySubject(ctx context.Context, s *Scope, ref contact.Ref) (id string, key seal.Key, err error) {
	found, err := l.resolve(ctx, s, ref)
	switch {
	case err == nil:
		return found.ID, found.Key, nil
	case ref.ID != "" && problem.Is(err, problem.Gone):
		return ref.ID, seal.Key{}, nil
	case ref.ID != "" && problem.Is(err, problem.NotFound) && s.Sees == nil:
		return ref.ID, seal.Key{}, nil // deleted long ago, or never there: the log tells
	}
	return "", seal.Key{}, err
}

func isChange(k table.Key) bool { return strings.HasPrefix(k.SK(), changePrefix) }

// recentEntries returns change records behind a position, newest first, with
// the deletion that a former contact's row tells of.
func (l *Ledger) recentEntries(ctx context.Context, s *Scope, id string, after audit.Position, limit int) ([]audit.Entry, error) {
	r := table.Range{Of: historyOf(s.Workspace, id), Prefix: changePrefix, Limit: limit, Descending: true}
	if after.ID != "" {
		// Of the version itself there may be other entries: it is read again, and
		// dropped below.
		r.Limit++
		r.After = changePrefix + audit.VersionText(after.Version) + "/" + after.ID
	}
	rows, pages, err := l.table.Read(ctx, []table.Key{formerKey(s.Workspace, id)}, []table.Range{r})
	if err != nil {
		return nil, unavailable("reading change records", err)
	}
	all := pages[0].Rows
	if rows[0].Exists() {
		all = append(all, rows[0]) // of a deleted contact: nobody asks for one that is not created yet
	}
	var entries []audit.Entry
	for _, row := range all {
		e, err := EntryIn(row)
		if err != nil {
			return nil, err
		}
		if after.ID == "" || e.Version < after.Version || e.Version == after.Version && e.ID < after.ID {
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// unite merges entries that may be told twice, newest first.
func unite(lists ...[]audit.Entry) []audit.Entry {
	all := slices.Concat(lists...)
	slices.SortFunc(all, func(a, b audit.Entry) int {
		if a.Version != b.Version {
			return int(b.Version - a.Version)
		}
		return strings.Compare(b.ID, a.ID)
	})
	return slices.CompactFunc(all, func(a, b audit.Entry) bool { return a.ID == b.ID })
}

// LogPage is a page of a workspace's audit log.
type LogPage struct {
	Entries []audit.Entry // newest first
	// Keys open the entries' values, by subject; one that is missing is erased.
	Keys map[string]seal.Key
	// Next is the id behind which the next page begins, "" at the end.
	Next string
}

// WorkspaceLog returns a page of the workspace's log, newest first, behind the
// entry with id after. Changes appear in it within seconds. A caller who sees
// only some contacts sees only their entries, and those of no contact.
func (l *Ledger) WorkspaceLog(ctx context.Context, s *Scope, f audit.Filter, after string, limit int) (LogPage, error) {
	entries, next, err := l.log.Page(ctx, s.Workspace, s.Settings.Shards, f, after, limit)
	if err != nil {
		return LogPage{}, unavailable("reading the workspace's log", err)
	}
	var ids []string
	for i := range entries {
		if entries[i].OfContact() {
			ids = append(ids, entries[i].Subject)
		}
	}
	contacts, err := l.contacts(ctx, s, ids)
	if err != nil {
		return LogPage{}, err
	}
	page := LogPage{Keys: make(map[string]seal.Key, len(contacts)), Next: next}
	for i := range entries {
		e := &entries[i]
		if !e.OfContact() {
			page.Keys[e.Subject] = s.Settings.Key
		} else if c, ok := contacts[e.Subject]; ok && s.sees(&c.Contact) {
			page.Keys[e.Subject] = c.Key
		} else if s.Sees != nil {
			continue
		}
		page.Entries = append(page.Entries, *e)
	}
	return page, nil
}
