package ledger

import (
	"context"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/problem"
	"rubrica/shared/table"
)

// HistoryPage is a page of a contact's audit entries.
type HistoryPage struct {
	Entries []audit.Entry // newest first
	// Keys open the entries' values: of the contact, of those that it absorbed, and of
	// those that it had absorbed; one that is missing is deleted.
	Keys audit.Keys
	// Next is behind the last entry; nil at the end.
	Next Places
}

// Places is how far each subject of a history has been read.
type Places map[string]audit.Position

// History returns a page of a contact's audit entries, newest first, behind the
// given places. It unites the audit log with the change records that have not got
// there yet, so that nothing is ever missing, and the contact's own with those of
// the contacts that it absorbed, in the order of time. ref may also lead to a
// deleted contact: then there are no keys, and the entries have no values.
func (l *Ledger) History(ctx context.Context, s *Scope, ref contact.Ref, after Places, limit int) (page HistoryPage, err error) {
	subjects, keys, err := l.historySubjects(ctx, s, ref)
	if err != nil {
		return HistoryPage{}, err
	}
	page.Keys = keys
	// In this order: an entry leaves the change records only when it is in the log.
	recent, err := l.recentEntries(ctx, s, subjects, after, limit+1)
	if err != nil {
		return HistoryPage{}, err
	}
	logged, err := l.loggedEntries(ctx, s, subjects, after, limit+1)
	if err != nil {
		return HistoryPage{}, err
	}
	lists := make([]list, len(subjects))
	for i := range subjects {
		lists[i].entries = unite(logged[i].entries, recent[i].entries)
		for _, part := range []part{logged[i], recent[i]} {
			if part.more {
				lists[i].entries = slices.DeleteFunc(lists[i].entries, func(e audit.Entry) bool { return newer(part.last, e) })
				lists[i].more = true
			}
		}
	}
	entries, more := newest(lists, limit)
	if err := l.readKeys(ctx, s, entries, page.Keys); err != nil {
		return HistoryPage{}, err
	}
	if page.Entries = entries; more {
		page.Next = Places{}
		maps.Copy(page.Next, after)
		for i := range entries {
			e := &entries[i]
			page.Next[e.Subject] = audit.Position{Version: e.Version, ID: e.ID}
		}
	}
	if len(entries) == 0 && !more && len(after) == 0 && ref.ID != "" && len(keys) == 0 {
		return HistoryPage{}, contact.NotFound()
	}
	return page, nil
}

// readKeys adds the keys of others whose values are in entries that the keys at hand
// would open. Most entries have none.
func (l *Ledger) readKeys(ctx context.Context, s *Scope, entries []audit.Entry, keys audit.Keys) error {
	var missing []string
	for i := range entries {
		if keys[entries[i].Subject].IsZero() {
			continue
		}
		for _, id := range entries[i].Others {
			if keys[id].IsZero() && !slices.Contains(missing, id) {
				missing = append(missing, id)
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	found, err := l.standing(ctx, s, missing)
	for id, c := range found {
		keys[id] = c.keyOf(id)
	}
	return err
}

// list is what was read of a subject's entries, newest first, and whether there
// are more.
type list struct {
	entries []audit.Entry
	more    bool
}

// newest takes up to limit entries from the lists, and tells whether there are more.
// It ends where a list does whose rest was not read, for that may be newer than what
// the others have: a page may be short, or empty. Within a list the order stays,
// whatever clocks say.
func newest(lists []list, limit int) (taken []audit.Entry, more bool) {
	for {
		first := -1
		for i := range lists {
			switch l := &lists[i]; {
			case len(l.entries) > 0 && (first < 0 || later(&l.entries[0], &lists[first].entries[0])):
				first = i
			case len(l.entries) == 0 && l.more:
				return taken, true
			}
		}
		switch {
		case first < 0:
			return taken, false
		case len(taken) == limit:
			return taken, true
		}
		taken, lists[first].entries = append(taken, lists[first].entries[0]), lists[first].entries[1:]
	}
}

// later orders entries of different subjects.
func later(a, b *audit.Entry) bool {
	if a.At != b.At {
		return a.At > b.At
	}
	return a.ID > b.ID
}

// newer orders entries of one subject.
func newer(a, b audit.Entry) bool {
	if a.Version != b.Version {
		return a.Version > b.Version
	}
	return a.ID > b.ID
}

// historySubjects says whose histories a reference means, and their keys. A
// deleted contact's can be read by its id for as long as the log is kept, without
// values.
func (l *Ledger) historySubjects(ctx context.Context, s *Scope, ref contact.Ref) (ids []string, keys audit.Keys, err error) {
	found, err := l.resolve(ctx, s, ref)
	switch {
	case err == nil:
		return lineage(&found.Contact), found.keys(), nil
	case ref.ID != "" && problem.Is(err, problem.Gone),
		ref.ID != "" && problem.Is(err, problem.NotFound) && s.Sees == nil: // deleted long ago, or never there: the log tells
		rows, err := l.read(ctx, formerKey(s.Workspace, ref.ID))
		if err != nil {
			return nil, nil, err
		}
		var f former
		if rows[0].Exists() {
			err = f.decode(rows[0])
		}
		return append([]string{ref.ID}, f.Absorbed...), nil, err
	}
	return nil, nil, err
}

func isChange(k table.Key) bool { return strings.HasPrefix(k.SK(), changePrefix) }

// part is what one place has of a subject's entries, newest first.
type part struct {
	entries []audit.Entry
	// more says that there is more behind the last entry that was read, which may be
	// one that is not told again.
	more bool
	last audit.Entry
}

// loggedEntries are those of the audit log, side by side.
func (l *Ledger) loggedEntries(ctx context.Context, s *Scope, subjects []string, after Places, limit int) ([]part, error) {
	parts := make([]part, len(subjects))
	all, ctx := errgroup.WithContext(ctx)
	for i, id := range subjects {
		all.Go(func() (err error) {
			p := &parts[i]
			p.entries, p.more, err = l.log.Of(ctx, s.Workspace, id, after[id], limit)
			if len(p.entries) > 0 {
				p.last = p.entries[len(p.entries)-1]
			}
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return nil, unavailable("reading the audit log", err)
	}
	return parts, nil
}

// recentEntries are those of change records behind their places, with the deletion
// that a former contact's row tells of, in one round trip.
func (l *Ledger) recentEntries(ctx context.Context, s *Scope, subjects []string, after Places, limit int) ([]part, error) {
	keys := make([]table.Key, len(subjects))
	ranges := make([]table.Range, len(subjects))
	for i, id := range subjects {
		keys[i] = formerKey(s.Workspace, id)
		ranges[i] = table.Range{Of: historyOf(s.Workspace, id), Prefix: changePrefix, Limit: limit, Descending: true}
		if at := after[id]; at.ID != "" {
			// Of the version itself there may be other entries: it is read again, and
			// dropped below.
			ranges[i].Limit++
			ranges[i].After = changePrefix + audit.VersionText(at.Version) + "/" + at.ID
		}
	}
	rows, pages, err := l.table.Read(ctx, keys, ranges)
	if err != nil {
		return nil, unavailable("reading change records", err)
	}
	parts := make([]part, len(subjects))
	for i, id := range subjects {
		parts[i].more = pages[i].Next != ""
		add := func(e audit.Entry) {
			if at := after[id]; at.ID == "" || newer(audit.Entry{Version: at.Version, ID: at.ID}, e) {
				parts[i].entries = append(parts[i].entries, e)
			}
		}
		if rows[i].Exists() {
			e, deleted, err := deletionIn(rows[i])
			if err != nil {
				return nil, err
			}
			if deleted {
				add(e)
			}
		}
		for _, row := range pages[i].Rows {
			e, err := EntryIn(row)
			if err != nil {
				return nil, err
			}
			add(e)
			parts[i].last = e
		}
		slices.SortFunc(parts[i].entries, byNewest)
	}
	return parts, nil
}

func byNewest(a, b audit.Entry) int {
	switch {
	case newer(a, b):
		return -1
	case newer(b, a):
		return 1
	}
	return 0
}

// unite merges entries that may be told twice, newest first.
func unite(lists ...[]audit.Entry) []audit.Entry {
	all := slices.Concat(lists...)
	slices.SortFunc(all, byNewest)
	return slices.CompactFunc(all, func(a, b audit.Entry) bool { return a.ID == b.ID })
}

// standing reads contacts by id, and for those that were absorbed who stands for
// them; two round trips more only if there are any that are not there.
func (l *Ledger) standing(ctx context.Context, s *Scope, ids []string) (map[string]stored, error) {
	found, err := l.contacts(ctx, s, ids)
	if err != nil {
		return nil, err
	}
	var keys []table.Key
	for _, id := range ids {
		if _, ok := found[id]; !ok {
			keys = appendNew(keys, formerKey(s.Workspace, id))
		}
	}
	if len(keys) == 0 {
		return found, nil
	}
	rows, err := l.read(ctx, keys...)
	if err != nil {
		return nil, err
	}
	into := map[string]string{}
	var survivors []string
	for _, row := range rows {
		var f former
		if row.Exists() {
			if err := f.decode(row); err != nil {
				return nil, err
			}
		}
		if f.Into != "" {
			into[row.Key.Partition().Parts()[1]] = f.Into
			survivors = append(survivors, f.Into)
		}
	}
	more, err := l.contacts(ctx, s, survivors)
	if err != nil {
		return nil, err
	}
	if found == nil {
		found = map[string]stored{}
	}
	for id, survivor := range into {
		if c, ok := more[survivor]; ok {
			found[id] = c
		}
	}
	return found, nil
}
