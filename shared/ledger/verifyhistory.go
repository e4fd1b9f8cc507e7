package ledger

import (
	"context"
	"slices"
	"strconv"
	"time"

	"rubrica/shared/audit"
	"rubrica/shared/instant"
	"rubrica/shared/table"
)

// timeline is a subject whose every version must be told by one change, in its
// change records or in the audit log. Both are walked side by side.
type timeline struct {
	subject string
	// keys open the values: the subject's, which is missing where it is erased, or
	// unknown, and those at hand of contacts whose values may be among them.
	keys audit.Keys
	// version is what the subject is at; of one that is gone it is not known.
	version int64
	gone    bool
	// purged says that its change records are gone, all in the log.
	purged bool
	// since is when it began, until when it came to be as it is; 0 if unknown.
	since, until instant.Instant
	// own is a row that is the record of one version itself: of a former contact's
	// deletion, of a tag's creation.
	own        *table.Row
	ownVersion int64

	records, log *cursor
	// What was seen: the newest change, whether there were change records, and
	// whether one change was the contact's deletion.
	last     audit.Entry
	recorded bool
	deleted  bool
}

// keysOf are those of a subject that is no contact.
func (v *verification) keysOf(subject string) audit.Keys {
	return audit.Keys{subject: v.scope.Settings.Key}
}

// checkTimelines checks histories side by side: three round trips for all, and
// more only for long ones.
func (v *verification) checkTimelines(ctx context.Context, all []*timeline) ([][]defect, error) {
	// In this order: an entry leaves the change records only when it is in the log.
	if err := open(ctx, all, v.recordsOf, v.recordPages, func(t *timeline, c *cursor) { t.records = c }); err != nil {
		return nil, err
	}
	if err := open(ctx, all, v.entriesOf, v.ledger.log.Pages, func(t *timeline, c *cursor) { t.log = c }); err != nil {
		return nil, err
	}
	c := &copies{v: v, found: make([][]defect, len(all))}
	for i, t := range all {
		if err := v.checkTimeline(ctx, t, i, c); err != nil {
			return nil, err
		}
	}
	return c.found, c.finish(ctx)
}

// open reads the first page of each timeline.
func open(ctx context.Context, all []*timeline, of func(subject string) table.Range,
	read func(context.Context, ...table.Range) ([]table.Page, error), set func(*timeline, *cursor),
) error {
	if len(all) == 0 {
		return nil
	}
	ranges := make([]table.Range, len(all))
	for i, t := range all {
		ranges[i] = of(t.subject)
	}
	pages, err := read(ctx, ranges...)
	if err != nil {
		return unavailable("reading histories", err)
	}
	for i, t := range all {
		c := &cursor{at: ranges[i], read: read}
		c.take(pages[i])
		set(t, c)
	}
	return nil
}

// checkTimeline walks one history, a version at a time.
func (v *verification) checkTimeline(ctx context.Context, t *timeline, i int, c *copies) error {
	expected, since := int64(1), t.since
	for {
		s, ok, err := t.next(ctx)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		found, at, err := v.checkVersion(ctx, t, s, i, c)
		if err != nil {
			return err
		}
		c.found[i] = append(c.found[i], found...)
		if s.version > expected {
			c.found[i] = append(c.found[i], v.lost(t, expected, s.version-1, since)...)
		}
		if at != 0 {
			since = max(since, at)
		}
		expected = max(expected, s.version+1)
	}
	if !t.gone {
		c.found[i] = append(c.found[i], v.lost(t, expected, t.version, since)...)
	}
	return nil
}

// checkVersion checks what is stored of one version; at is when it was made, 0
// if nothing that can be read says so.
func (v *verification) checkVersion(ctx context.Context, t *timeline, s step, i int, c *copies) (found []defect, at instant.Instant, err error) {
	ids := map[string]bool{}
	see := func(row table.Row, e *audit.Entry, err error) bool {
		switch {
		case err != nil:
			found = append(found, v.finding(UnreadableRow, row.Key, t.subject, "a change that cannot be read"))
			return false
		case e.Subject != t.subject || e.Version != s.version || e.ID == "":
			found = append(found, v.finding(MisplacedRow, row.Key, t.subject, "a change of another subject or version"))
			return false
		case e.Action == audit.ContactDeleted:
			t.deleted = true // it has no values
		case !t.keys[t.subject].IsZero() && !e.Opens(t.keys):
			found = append(found, v.finding(Sealed, row.Key, t.subject, "the values of a change"))
		}
		ids[e.ID] = true
		at, t.last = max(at, e.At), *e
		return true
	}
	var record audit.Entry
	recorded := false
	if s.record != nil {
		e, err := EntryIn(*s.record)
		record, recorded = e, see(*s.record, &e, err)
	}
	inLog := false
	for _, row := range s.logged {
		e, err := audit.Decode(row)
		if !see(row, &e, err) {
			continue
		}
		place, _ := audit.Places(v.ws, &e)
		if place != row.Key {
			found = append(found, v.finding(MisplacedRow, row.Key, t.subject, "an entry under another's id"))
			continue
		}
		if recorded && e.ID == record.ID {
			inLog = true
			if !sameEntry(e, record) {
				found = append(found, v.finding(EntryAltered, row.Key, t.subject, "the entry is not as the change was recorded"))
			}
		}
		if err := c.add(ctx, logged{owner: i, contact: t.subject, row: row, entry: e, pending: recorded}); err != nil {
			return nil, 0, err
		}
	}
	if recorded && !inLog && v.stillIn(record.At, v.inLog) {
		d := v.finding(EntryMissing, s.record.Key, t.subject, "the change is not in the audit log")
		d.pending = true
		if err := c.missing(ctx, i, d, record); err != nil {
			return nil, 0, err
		}
	}
	if len(ids) > 1 {
		key := changeKey(v.ws, t.subject, s.version)
		found = append(found, v.finding(VersionTwice, key, t.subject, strconv.Itoa(len(ids))+" changes made this version"))
	}
	if !t.gone && s.version > t.version {
		key := changeKey(v.ws, t.subject, s.version)
		found = append(found, v.finding(VersionUnknown, key, t.subject, "the subject is at version "+strconv.FormatInt(t.version, 10)))
	}
	return found, at, nil
}

// stillIn tells whether what was made at a time and is kept for so long is still
// there for sure, with a minute to spare.
func (v *verification) stillIn(at instant.Instant, kept time.Duration) bool {
	return at.Time().After(v.ledger.now().Add(time.Minute - kept))
}

// lost says that versions are recorded nowhere, if that is certain: those that
// may have been kept for as long as they are to be are nobody's loss. since is
// when the version before them was made, or the subject itself.
func (v *verification) lost(t *timeline, from, to int64, since instant.Instant) []defect {
	if from > to {
		return nil
	}
	kept := v.inLog
	if !t.purged && !t.gone {
		kept = max(kept, Retention)
	}
	if !v.stillIn(since, kept) && !(to == t.version && v.stillIn(t.until, kept)) {
		return nil
	}
	detail := "version " + strconv.FormatInt(from, 10)
	if to > from {
		detail = "versions " + strconv.FormatInt(from, 10) + " to " + strconv.FormatInt(to, 10)
	}
	return []defect{v.finding(VersionMissing, changeKey(v.ws, t.subject, from), t.subject, detail+" told of nowhere")}
}

// sameEntry tells whether two copies of a change say the same.
func sameEntry(a, b audit.Entry) bool {
	if !slices.Equal(a.Members, b.Members) {
		return false
	}
	return a.ID == b.ID && a.Subject == b.Subject && a.Version == b.Version && a.Action == b.Action &&
		a.Actor == b.Actor && a.At == b.At && a.RequestID == b.RequestID && a.Sealed == b.Sealed
}
