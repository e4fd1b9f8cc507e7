package ledger

import (
	"context"
	"time"

	"rubrica/shared/table"
)

// checkHints checks rows of indexes: each must belong to a contact that carries
// it, or marks it as stale, or that was deleted and is still to be purged of it.
func (v *verification) checkHints(ctx context.Context, t *trail, rows []table.Row) error {
	var hints []table.Row
	var keys []table.Key
	for _, row := range rows {
		if h, ok := countedAt(row.Key); ok && t.partition != row.Key.Partition() {
			t.partition = row.Key.Partition()
			if err := v.checkCount(ctx, h, t.partition); err != nil {
				return err
			}
		}
		switch _, ok := hintAt(row.Key); {
		case isCount(row.Key):
		case ok:
			if err := v.checkShared(ctx, t, row.Key); err != nil {
				return err
			}
			hints = append(hints, row)
			keys = append(keys, v.ownerKeys(row)...)
		case isHead(row.Key):
			if err := v.checkRow(ctx, row, v.judgeHead); err != nil {
				return err
			}
		default:
			if err := v.checkRow(ctx, row, v.unknown); err != nil {
				return err
			}
		}
	}
	owners, err := v.get(ctx, keys...)
	if err != nil {
		return err
	}
	for _, row := range hints {
		found := v.judgeHint(row, owners)
		err := v.confirm(ctx, found, ContactKey(v.ws, row.Key.SK()), func(ctx context.Context) ([]defect, error) {
			owners, err := v.get(ctx, v.ownerKeys(row)...)
			if err != nil {
				return nil, err
			}
			// The hint last: a purge removes it before it says that it is through.
			now, err := v.get(ctx, row.Key)
			if err != nil || len(now) == 0 {
				return nil, err
			}
			return v.judgeHint(now[row.Key], owners), nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ownerKeys are the rows that say whether a hint is true.
func (v *verification) ownerKeys(hint table.Row) []table.Key {
	id := hint.Key.SK()
	return []table.Key{ContactKey(v.ws, id), formerKey(v.ws, id)}
}

func (v *verification) judgeHint(row table.Row, owners map[table.Key]table.Row) []defect {
	id := row.Key.SK()
	h, _ := hintAt(row.Key)
	owner := owners[ContactKey(v.ws, id)]
	var c record
	var f former
	if owner.Exists() {
		if decode(owner, recordSchema, &c) != nil {
			return nil // the contact is a finding itself
		}
		if contains(c.derived(), h) {
			return v.judgeForm(row, owner)
		}
	} else if gone := owners[formerKey(v.ws, id)]; gone.Exists() {
		if decode(gone, formerSchema, &f) != nil || f.Purged == 0 && contains(f.Rest, h) {
			return nil
		}
	}
	d := v.finding(HintOrphaned, row.Key, id, "the contact is gone")
	if owner.Exists() {
		d.Detail = "the contact neither carries nor marks it"
	}
	d.mend = func(ctx context.Context) error {
		w := newTransaction(v.scope)
		w.add(table.Check(ContactKey(v.ws, id), table.Unchanged(owner)))
		w.dropHint(h, id)
		w.actions[1].If = table.Unchanged(row)
		return v.ledger.write(ctx, w)
	}
	return []defect{d}
}

// empty tells whether a row is but its key.
func empty(row table.Row) bool {
	return string(row.Doc) == "" && row.Out == "" && row.Count == 0 && row.Schema == 0
}

// judgeForm checks that a hint that is true is an empty row for good.
func (v *verification) judgeForm(row, owner table.Row) []defect {
	if empty(row) && row.Expires.IsZero() {
		return nil
	}
	d := v.finding(MalformedRow, row.Key, row.Key.SK(), "a hint is an empty row that does not expire")
	d.mend = func(ctx context.Context) error {
		return v.write(ctx, table.Check(owner.Key, table.Unchanged(owner)), table.Put(table.Row{Key: row.Key}, table.Unchanged(row)))
	}
	return []defect{d}
}

// judgeHead checks the head of an identity: an empty row that expires within the
// hour. Mending puts it again, and never removes it: whoever relies on the
// revision that it read must notice.
func (v *verification) judgeHead(row table.Row) []defect {
	now := v.ledger.now()
	if empty(row) && !row.Expires.IsZero() && !row.Expires.After(now.Add(headFor+time.Minute)) {
		return nil
	}
	d := v.finding(MalformedRow, row.Key, "", "a head is an empty row that expires within the hour")
	d.mend = func(ctx context.Context) error {
		return v.write(ctx, table.Put(table.Row{Key: row.Key, Expires: now.Add(headFor)}, table.Unchanged(row)))
	}
	return []defect{d}
}
