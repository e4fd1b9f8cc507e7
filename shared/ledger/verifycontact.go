package ledger

import (
	"context"
	"slices"

	"rubrica/shared/table"
	"rubrica/shared/ulid"
)

// together is how many subjects are checked side by side, each with two queries.
const together = 25

// checkSubjects checks rows that each are one subject with a history. judge
// looks at a row by itself; it returns no timeline where there is no point in
// looking further. For confirm, everything depends on the row.
func (v *verification) checkSubjects(ctx context.Context, rows []table.Row, judge func(table.Row) (*timeline, []defect)) error {
	for some := range slices.Chunk(rows, together) {
		found, err := v.judgeSubjects(ctx, some, judge)
		if err != nil {
			return err
		}
		for i, row := range some {
			err := v.confirm(ctx, found[i], row.Key, func(ctx context.Context) ([]defect, error) {
				now, err := v.get(ctx, row.Key)
				if err != nil || len(now) == 0 {
					return nil, err
				}
				found, err := v.judgeSubjects(ctx, []table.Row{now[row.Key]}, judge)
				if err != nil {
					return nil, err
				}
				return found[0], nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *verification) judgeSubjects(ctx context.Context, rows []table.Row, judge func(table.Row) (*timeline, []defect)) ([][]defect, error) {
	found := make([][]defect, len(rows))
	var lines []*timeline
	var at []int
	for i, row := range rows {
		var t *timeline
		if t, found[i] = judge(row); t != nil {
			lines, at = append(lines, t), append(at, i)
		}
	}
	more, err := v.checkTimelines(ctx, lines)
	if err != nil {
		return nil, err
	}
	for i, t := range lines {
		found[at[i]] = append(found[at[i]], more[i]...)
		if t.purged && t.recorded {
			found[at[i]] = append(found[at[i]], v.historyLeft(t, true))
		}
	}
	return found, nil
}

// checkContacts checks contacts: their rows, their hints, their histories.
func (v *verification) checkContacts(ctx context.Context, _ *trail, rows []table.Row) error {
	v.tally(func(r *Report) { r.Contacts += len(rows) })
	for some := range slices.Chunk(rows, together) {
		found, err := v.judgeContacts(ctx, some)
		if err != nil {
			return err
		}
		for i, row := range some {
			err := v.confirm(ctx, found[i], row.Key, func(ctx context.Context) ([]defect, error) {
				now, err := v.get(ctx, row.Key)
				if err != nil || len(now) == 0 {
					return nil, err
				}
				found, err := v.judgeContacts(ctx, []table.Row{now[row.Key]})
				if err != nil {
					return nil, err
				}
				return found[0], nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *verification) judgeContacts(ctx context.Context, rows []table.Row) ([][]defect, error) {
	found := make([][]defect, len(rows))
	records := make([]record, len(rows))
	var keys []table.Key
	var lines []*timeline
	var at []int
	for i, row := range rows {
		c := &records[i]
		if found[i] = v.judgeContact(row, c); found[i] != nil {
			continue
		}
		for _, h := range c.derived() {
			keys = append(keys, c.seat(h).in(v.ws, h))
		}
		for _, id := range append([]string{c.ID}, c.MergedIDs...) {
			keys = append(keys, formerKey(v.ws, id))
		}
		lines = append(lines, &timeline{subject: c.ID, keys: c.keys(), version: c.Version, since: c.CreatedAt, until: c.UpdatedAt})
		at = append(at, i)
	}
	stored, err := v.get(ctx, keys...)
	if err != nil {
		return nil, err
	}
	histories, err := v.checkTimelines(ctx, lines)
	if err != nil {
		return nil, err
	}
	for j, i := range at {
		c := &records[i]
		found[i] = slices.Concat(v.judgeHints(rows[i], c, stored), v.judgeMergedIDs(rows[i], c, stored), histories[j])
		if was := stored[formerKey(v.ws, c.ID)]; lines[j].deleted || was.Exists() {
			found[i] = v.returned(rows[i], c, lines[j], was, found[i])
		}
	}
	return found, nil
}

// judgeContact looks at a contact's row by itself. What is wrong with it keeps
// the rest from being looked at.
func (v *verification) judgeContact(row table.Row, c *record) []defect {
	id := row.Key.SK()
	if !ulid.Valid(id) || row.Key != ContactKey(v.ws, id) {
		return []defect{v.finding(MisplacedRow, row.Key, id, "not in the shard that its id says")}
	}
	if d := v.decode(row, recordSchema, c, id); d != nil {
		return d
	}
	hints := c.derived()
	switch {
	case c.ID != id:
		return []defect{v.finding(MisplacedRow, row.Key, id, "it holds another contact, or none")}
	case c.Version < 1 || c.Key.IsZero() || !row.Expires.IsZero():
		return []defect{v.finding(MalformedRow, row.Key, id, "no version or key, or it expires")}
	case slices.ContainsFunc(hints, func(h Hint) bool { return !known(h) }):
		return []defect{v.finding(MalformedRow, row.Key, id, "a hint of no index")}
	case !c.seated():
		return []defect{v.finding(MalformedRow, row.Key, id, "a seat of no hint, or where none can be")}
	}
	for i, h := range hints {
		if contains(hints[:i], h) {
			return []defect{v.finding(MalformedRow, row.Key, id, "a hint twice, or both carried and marked as stale")}
		}
	}
	return nil
}

// seated tells whether the seats that the contact notes are of tags that it has
// stored, and where they can be.
func (r *record) seated() bool {
	if len(r.Seats.only(r.derived())) != len(r.Seats) {
		return false
	}
	for _, at := range r.Seats {
		if !isShard(at.Shard) || at.ID != "" && !slices.Contains(r.MergedIDs, at.ID) {
			return false
		}
	}
	return true
}

// known tells whether a hint is of one of the indexes.
func known(h Hint) bool {
	switch _, ok := h.identity(); {
	case ok, h.Index == IndexOwner, h.Index == IndexFollower:
		return h.Value != ""
	case h.counted():
		return ulid.Valid(h.Value)
	}
	return (h.Index == IndexVIP || h.Index == IndexBlocked) && h.Value == ""
}

// judgeHints says which hints of a contact are not stored, or are to be removed.
func (v *verification) judgeHints(row table.Row, c *record, stored map[table.Key]table.Row) (found []defect) {
	for _, h := range hintsWithout(Rows(&c.Contact), c.Late) {
		at := c.seat(h)
		key := at.in(v.ws, h)
		if stored[key].Exists() {
			continue
		}
		d := v.finding(HintMissing, key, c.ID, "the contact carries it")
		d.mend = func(ctx context.Context) error {
			w := newTransaction(v.own())
			w.add(table.Check(row.Key, table.Unchanged(row)))
			w.putHint(h, at)
			return v.ledger.write(ctx, w)
		}
		found = append(found, d)
	}
	if c.unsettled() {
		d := v.finding(StaleLeft, row.Key, c.ID, "marked hints are still to be removed, or stored")
		d.pending = true
		d.mend = func(ctx context.Context) error { return v.ledger.Reindex(ctx, v.own(), c.ID) }
		found = append(found, d)
	}
	if len(c.Freed) > 0 {
		d := v.finding(StaleLeft, row.Key, c.ID, "values that it lost are still to be looked at")
		d.pending = true
		d.mend = func(ctx context.Context) error { return v.ledger.RefreshSuggestions(ctx, v.own(), c.ID) }
		found = append(found, d)
	}
	for _, h := range c.Stale {
		if key := c.seat(h).in(v.ws, h); !stored[key].Exists() {
			d := v.finding(HintMissing, key, c.ID, "the contact marks it as stale")
			d.mend = func(ctx context.Context) error { return v.ledger.Reindex(ctx, v.own(), c.ID) }
			found = append(found, d)
		}
	}
	return found
}
