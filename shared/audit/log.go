package audit

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// Schema is the newest version of an entry's form, in the log and in change records:
// 2 of those in which something is shared, 1 of all others.
const Schema = 2

// Log is the audit table: append only, each entry in its subject's partition, and
// without its values once more in the workspace's log, which is for finding it.
//
// Entries are keyed by subject, version and their own id: appending one again
// changes nothing, and two at one version (after a restore) are both kept.
type Log struct{ table *table.Table }

// NewLog returns the log kept in a table of its own.
func NewLog(t *table.Table) *Log { return &Log{t} }

// VersionText is a version as text whose order is theirs.
func VersionText(v int64) string { return fmt.Sprintf("%012d", v) }

func entriesOf(ws tenant.Workspace, subject string) table.Partition {
	return table.In(ws, "of", subject)
}

func entryKey(ws tenant.Workspace, e *Entry) table.Key {
	sk := VersionText(e.Version) + "/" + e.ID
	if e.Aside {
		sk += asideMark
	}
	return entriesOf(ws, e.Subject).Row(sk)
}

// asideMark ends the sort keys of entries that raised no version.
const asideMark = "/aside"

// logIn is one of the partitions of the workspace's log, in order of time. The
// log is spread as contacts are, by the last character of the subject's id.
func logIn(ws tenant.Workspace, shard int) table.Partition {
	return table.In(ws, "log", strconv.Itoa(shard))
}

func logKey(ws tenant.Workspace, e *Entry) table.Key {
	shard := 0 // of what is no contact
	if e.OfContact() {
		shard = ulid.ShardOf(e.Subject)
	}
	return logIn(ws, shard).Row(e.ID)
}

// Append writes entries that are not there yet, two rows each, in batches: 2
// write units an entry of up to 1 KB. They are kept for the given number of
// days from when they happened; an entry older than that is not written.
func (l *Log) Append(ctx context.Context, ws tenant.Workspace, days int, entries ...Entry) error {
	puts := make([]table.Row, 0, 2*len(entries))
	for i := range entries {
		e := &entries[i]
		found := e.WithoutValues()
		expires := e.At.Time().Add(time.Duration(days) * 24 * time.Hour)
		puts = append(puts,
			e.Row(entryKey(ws, e), expires), found.Row(logKey(ws, e), expires))
	}
	return l.table.Batch(ctx, puts, nil)
}

// Complete appends those of the entries that are not there yet: where most are,
// reading costs a fraction of writing them again.
func (l *Log) Complete(ctx context.Context, ws tenant.Workspace, days int, entries ...Entry) error {
	var missing []Entry
	for some := range slices.Chunk(entries, table.MaxGet/2) {
		keys := make([]table.Key, 0, 2*len(some))
		for i := range some {
			keys = append(keys, entryKey(ws, &some[i]), logKey(ws, &some[i]))
		}
		rows, err := l.table.Get(ctx, keys...)
		if err != nil {
			return fmt.Errorf("audit: looking for entries: %w", err)
		}
		for i := range some {
			if !rows[2*i].Exists() || !rows[2*i+1].Exists() {
				missing = append(missing, some[i])
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return l.Append(ctx, ws, days, missing...)
}

// Position is where a page of a subject's entries ended: behind this version
// and id, newest first. The zero Position is before the newest.
type Position struct {
	Version int64  `json:"v,omitzero"`
	ID      string `json:"i,omitzero"`
}

func (p Position) sortKey() string {
	if p.ID == "" {
		return ""
	}
	return VersionText(p.Version) + "/" + p.ID
}

// Of returns up to limit entries of a subject behind a position, newest first,
// and whether there may be more. One query.
func (l *Log) Of(ctx context.Context, ws tenant.Workspace, subject string, after Position, limit int) ([]Entry, bool, error) {
	page, err := l.table.Query(ctx, table.Range{Of: entriesOf(ws, subject), After: after.sortKey(), Limit: limit, Descending: true})
	if err != nil {
		return nil, false, fmt.Errorf("audit: entries of a subject: %w", err)
	}
	entries := make([]Entry, 0, len(page.Rows))
	for _, row := range page.Rows {
		e, err := Decode(row)
		if err != nil {
			return nil, false, err
		}
		entries = append(entries, e)
	}
	return entries, page.Next != "", nil
}

// Filter selects entries of a workspace's log. Zero members select all.
type Filter struct {
	Actor    string
	Action   Action
	From, To time.Time // both inclusive
}

// slack is how far the time in an entry's id may be from that of the change: the
// id is made a little later, and clocks differ.
const slack = time.Minute

func (f *Filter) selects(e *Entry) bool {
	at := e.At.Time()
	return (f.Actor == "" || e.Actor.ID == f.Actor || e.Actor.OnBehalfOf == f.Actor) && (f.Action == "" || e.Action == f.Action) &&
		(f.From.IsZero() || !at.Before(f.From)) && (f.To.IsZero() || !at.After(f.To))
}

// Page returns up to limit entries of the workspace behind the entry with id
// after ("" is before the newest), newest first. next is "" at the end; a page
// may be short, even empty, and still have one. Two round trips: a query for each
// shard, side by side, and the entries that they find.
func (l *Log) Page(ctx context.Context, ws tenant.Workspace, shards int, f Filter, after string, limit int) (entries []Entry, next string, err error) {
	found, next, err := l.find(ctx, ws, shards, f, after, limit)
	if err != nil || len(found) == 0 {
		return nil, next, err
	}
	keys := make([]table.Key, len(found))
	for i := range found {
		keys[i] = entryKey(ws, &found[i])
	}
	rows, err := l.table.Get(ctx, keys...)
	if err != nil {
		return nil, "", fmt.Errorf("audit: entries of the log: %w", err)
	}
	for _, row := range rows {
		if !row.Exists() {
			continue // its retention ended between the two reads
		}
		e, err := Decode(row)
		if err != nil {
			return nil, "", err
		}
		entries = append(entries, e)
	}
	return entries, next, nil
}

// find reads the workspace's log: entries without their values.
func (l *Log) find(ctx context.Context, ws tenant.Workspace, shards int, f Filter, after string, limit int) (entries []Entry, next string, err error) {
	ranges := make([]table.Range, shards)
	for i := range ranges {
		ranges[i] = table.Range{Of: logIn(ws, i), After: after, Limit: limit + 1, Descending: true}
		if !f.From.IsZero() {
			ranges[i].From = ulid.At(f.From.Add(-slack))
		}
		if !f.To.IsZero() {
			ranges[i].To = ulid.At(f.To.Add(slack))
		}
	}
	_, pages, err := l.table.Read(ctx, nil, ranges)
	if err != nil {
		return nil, "", fmt.Errorf("audit: log of the workspace: %w", err)
	}
	frontier := "" // rows older than this may be missing from some shard's page
	var rows []table.Row
	for _, p := range pages {
		frontier = max(frontier, p.Next)
		rows = append(rows, p.Rows...)
	}
	slices.SortFunc(rows, func(a, b table.Row) int { return strings.Compare(b.Key.SK(), a.Key.SK()) })
	for _, row := range rows {
		if row.Key.SK() < frontier {
			return entries, frontier, nil
		}
		if len(entries) == limit {
			return entries, entries[limit-1].ID, nil
		}
		e, err := Decode(row)
		if err != nil {
			return nil, "", err
		}
		if f.selects(&e) {
			entries = append(entries, e)
		}
	}
	return entries, frontier, nil
}
