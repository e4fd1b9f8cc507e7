package ledger

import (
	"context"
	"slices"
	"time"

	"rubrica/shared/audit"
	"rubrica/shared/table"
	"rubrica/shared/workspace"
)

// historyRows is how many rows of one subject's history are read at a time.
const historyRows = 100

// cursor walks a range in order, a page at a time.
type cursor struct {
	rows []table.Row
	at   table.Range
	more bool
	read func(context.Context, ...table.Range) ([]table.Page, error)
}

func (c *cursor) take(p table.Page) { c.rows, c.at.After, c.more = p.Rows, p.Next, p.Next != "" }

// peek returns the next row that version can tell the version of.
func (c *cursor) peek(ctx context.Context, version func(table.Key) (int64, bool)) (row table.Row, n int64, ok bool, err error) {
	for {
		for len(c.rows) > 0 {
			if n, ok := version(c.rows[0].Key); ok {
				return c.rows[0], n, true, nil
			}
			c.rows = c.rows[1:] // whoever comes across it in the scan says so
		}
		if !c.more {
			return table.Row{}, 0, false, nil
		}
		pages, err := c.read(ctx, c.at)
		if err != nil {
			return table.Row{}, 0, false, unavailable("reading a history", err)
		}
		c.take(pages[0])
	}
}

func (c *cursor) pop() { c.rows = c.rows[1:] }

// step is what tells of one version.
type step struct {
	version int64
	record  *table.Row // the change record, or the deletion's row
	logged  []table.Row
}

// next takes all that is stored of the next version.
func (t *timeline) next(ctx context.Context) (s step, ok bool, err error) {
	record, rv, hasRecord, err := t.records.peek(ctx, versionOf)
	if err != nil {
		return s, false, err
	}
	t.recorded = t.recorded || hasRecord
	if t.own != nil && (!hasRecord || t.ownVersion < rv) {
		record, rv, hasRecord = *t.own, t.ownVersion, true
	}
	row, lv, hasRow, err := t.log.peek(ctx, audit.VersionIn)
	if err != nil || !hasRecord && !hasRow {
		return s, false, err
	}
	s.version = rv
	if !hasRecord || hasRow && lv < rv {
		s.version = lv
	}
	if hasRecord && rv == s.version {
		s.record = &record
		if t.own != nil && record.Key == t.own.Key {
			t.own = nil
		} else {
			t.records.pop()
		}
	}
	for hasRow && lv == s.version {
		s.logged = append(s.logged, row)
		t.log.pop()
		if row, lv, hasRow, err = t.log.peek(ctx, audit.VersionIn); err != nil {
			return s, false, err
		}
	}
	return s, true, nil
}

// copies holds entries of subjects against their copies in the workspace's log,
// a hundred at a time.
type copies struct {
	v       *verification
	found   [][]defect // by owner
	waiting []logged
	again   []audit.Entry // to be logged again, when mending
}

// logged is an entry as its subject has it.
type logged struct {
	owner   int
	contact string
	row     table.Row
	entry   audit.Entry
	// pending says that the change record is there still, so that its copying
	// may be half done.
	pending bool
}

func (c *copies) add(ctx context.Context, e logged) error {
	if c.waiting = append(c.waiting, e); len(c.waiting) < table.MaxGet {
		return nil
	}
	return c.flush(ctx)
}

func (c *copies) flush(ctx context.Context) error {
	keys := make([]table.Key, len(c.waiting))
	for i := range c.waiting {
		_, keys[i] = audit.Places(c.v.ws, &c.waiting[i].entry)
	}
	rows, err := getAll(ctx, c.v.ledger.log.Get, keys)
	if err != nil {
		return err
	}
	for i, e := range c.waiting {
		row, ok := rows[keys[i]]
		switch {
		case !ok && c.v.lingers(e.row):
			d := c.v.finding(EntryMissing, keys[i], e.contact, "the change is not in the workspace's log")
			d.pending = e.pending
			if err := c.missing(ctx, e.owner, d, e.entry); err != nil {
				return err
			}
		case ok:
			if twin, err := audit.Decode(row); err != nil || !sameEntry(twin, e.entry.WithoutValues()) {
				c.found[e.owner] = append(c.found[e.owner], c.v.finding(EntryAltered, keys[i], e.contact, "the two copies in the log differ"))
			}
		}
	}
	c.waiting = c.waiting[:0]
	return nil
}

// missing notes an entry that is not in the log, or in half of it. Mending it
// needs no second look, since it is there to be copied, and is done for many at
// once: there may be a backlog of millions.
func (c *copies) missing(ctx context.Context, owner int, d defect, e audit.Entry) error {
	if !c.v.mending {
		c.found[owner] = append(c.found[owner], d)
		return nil
	}
	if c.again = append(c.again, e); len(c.again) < table.MaxGet {
		return nil
	}
	return c.log(ctx)
}

// log puts entries into the log again.
func (c *copies) log(ctx context.Context) error {
	if err := c.v.ledger.Log(ctx, c.v.own(), c.again...); err != nil {
		return err
	}
	c.v.tally(func(*Report) {
		if n := len(c.again); n > 0 {
			c.v.mended[EntryMissing] += n
		}
	})
	c.again = c.again[:0]
	return nil
}

// finish does what is left to do for the last entries.
func (c *copies) finish(ctx context.Context) error {
	if err := c.flush(ctx); err != nil {
		return err
	}
	return c.log(ctx)
}

// lingers tells whether a row of the log does not expire while it is looked at.
func (v *verification) lingers(row table.Row) bool {
	return row.Expires.IsZero() || row.Expires.After(v.ledger.now().Add(time.Minute))
}

// retention says for how long an entry is in the log for sure. A change of the
// setting does not reach entries that are there already: once it was changed,
// only the shortest time that can be set is certain.
func (v *verification) retention(ctx context.Context) (time.Duration, error) {
	days := v.scope.Settings.AuditRetentionDays
	for _, c := range []*cursor{
		{at: v.recordsOf(workspaceSubject), more: true, read: v.recordPages},
		{at: v.entriesOf(workspaceSubject), more: true, read: v.ledger.log.Pages},
	} {
		for {
			row, _, ok, err := c.peek(ctx, func(table.Key) (int64, bool) { return 0, true })
			if err != nil {
				return 0, err
			}
			if !ok {
				break
			}
			c.pop()
			e, err := audit.Decode(row) // a change record is the same document
			if err == nil && e.Version > 1 && slices.Contains(e.Members, "auditRetentionDays") {
				days = workspace.MinRetention
			}
		}
	}
	return time.Duration(days) * 24 * time.Hour, nil
}

// recordsOf and entriesOf are the two places of a subject's changes, in order of
// versions.
func (v *verification) recordsOf(subject string) table.Range {
	return table.Range{Of: historyOf(v.ws, subject), Prefix: changePrefix, Limit: historyRows}
}

func (v *verification) entriesOf(subject string) table.Range {
	return audit.EntriesOf(v.ws, subject, historyRows)
}

func (v *verification) recordPages(ctx context.Context, ranges ...table.Range) ([]table.Page, error) {
	_, pages, err := v.ledger.table.Read(ctx, nil, ranges)
	return pages, err
}
