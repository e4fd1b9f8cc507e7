package audit

import (
	"context"
	"strconv"
	"strings"

	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// What stands here is for the operator's commands: it shows the log's rows as
// they are stored, so that they can be held against what they are made of, and
// removes those of a workspace that is closed.

// Scan reads one page of a segment, as table.Table.Scan does.
func (l *Log) Scan(ctx context.Context, s table.Segment) (table.Page, error) {
	return l.table.Scan(ctx, s)
}

// Get returns the rows of keys, as table.Table.Get does.
func (l *Log) Get(ctx context.Context, keys ...table.Key) ([]table.Row, error) {
	return l.table.Get(ctx, keys...)
}

// Pages reads a page of each range, in one round trip.
func (l *Log) Pages(ctx context.Context, ranges ...table.Range) ([]table.Page, error) {
	_, pages, err := l.table.Read(ctx, nil, ranges)
	return pages, err
}

// Erase removes rows. Only for a workspace that is closed: nothing else removes
// an entry before its time.
func (l *Log) Erase(ctx context.Context, keys []table.Key) error {
	return l.table.Batch(ctx, nil, keys)
}

// EntriesOf is the range of a subject's entries, oldest first.
func EntriesOf(ws tenant.Workspace, subject string, limit int) table.Range {
	return table.Range{Of: entriesOf(ws, subject), Limit: limit}
}

// Places are the two keys that an entry is kept under: among those of its
// subject, and in the workspace's log.
func Places(ws tenant.Workspace, e *Entry) (ofSubject, inLog table.Key) {
	return entryKey(ws, e), logKey(ws, e)
}

// WithoutValues is the entry as it stands in the workspace's log.
func (e Entry) WithoutValues() Entry {
	e.Members, e.Sealed, e.Shared, e.Others = nil, "", "", nil
	return e
}

// VersionIn reads the version from the key of a subject's entry; ok is false for
// any other key.
func VersionIn(k table.Key) (version int64, ok bool) {
	text, id, _ := strings.Cut(k.SK(), "/")
	if !ulid.Valid(id) {
		return 0, false
	}
	version, err := strconv.ParseInt(text, 10, 64)
	return version, err == nil && VersionText(version) == text
}

// AsideIn tells whether a key is of a subject's entry that raised no version.
func AsideIn(k table.Key) bool {
	rest, aside := strings.CutSuffix(k.SK(), asideMark)
	_, id, _ := strings.Cut(rest, "/")
	return aside && ulid.Valid(id)
}
