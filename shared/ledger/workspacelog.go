package ledger

import (
	"context"
	"maps"

	"rubrica/shared/audit"
)

// LogPage is a page of a workspace's audit log.
type LogPage struct {
	Entries []audit.Entry // newest first
	// Keys open the entries' values; one that is missing is erased.
	Keys audit.Keys
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
	contacts, err := l.standing(ctx, s, ids)
	if err != nil {
		return LogPage{}, err
	}
	page := LogPage{Keys: make(audit.Keys, len(contacts)), Next: next}
	for i := range entries {
		e := &entries[i]
		if !e.OfContact() {
			page.Keys[e.Subject] = s.Settings.Key
		} else if c, ok := contacts[e.Subject]; ok && s.sees(&c.Contact) {
			page.Keys[c.ID] = c.Key
			maps.Copy(page.Keys, c.Keys)
		} else if s.Sees != nil {
			continue
		}
		page.Entries = append(page.Entries, *e)
	}
	return page, l.readKeys(ctx, s, page.Entries, page.Keys)
}
