package ledger

import (
	"context"
	"maps"
	"time"

	"rubrica/shared/table"
	"rubrica/shared/ulid"
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
		switch _, _, ok := hintAt(row.Key); {
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
	if err := v.addSurvivors(ctx, owners); err != nil {
		return err
	}
	for _, row := range hints {
		found := v.judgeHint(row, owners)
		err := v.confirm(ctx, found, ContactKey(v.ws, row.Key.SK()), func(ctx context.Context) ([]defect, error) {
			owners, err := v.ownersOf(ctx, row)
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

// ownerKeys are the rows that say whether a hint is true, or who does.
func (v *verification) ownerKeys(hint table.Row) []table.Key {
	id := hint.Key.SK()
	return []table.Key{ContactKey(v.ws, id), formerKey(v.ws, id)}
}

// addSurvivors reads those who stand for absorbed owners, for they may have taken
// over their hints. What is left of one who was deleted is read last: it is there
// once the contact is not.
func (v *verification) addSurvivors(ctx context.Context, owners map[table.Key]table.Row) error {
	var contacts, formers []table.Key
	for _, row := range owners {
		var f former
		if row.Key.Partition().Parts()[0] == "former" && f.decode(row) == nil && ulid.Valid(f.Into) {
			contacts, formers = appendNew(contacts, ContactKey(v.ws, f.Into)), appendNew(formers, formerKey(v.ws, f.Into))
		}
	}
	for _, keys := range [][]table.Key{contacts, formers} {
		rows, err := v.get(ctx, keys...)
		if err != nil {
			return err
		}
		maps.Copy(owners, rows)
	}
	return nil
}

// ownersOf reads who may own a hint, as they were at one moment: whoever comes to
// stand for a contact, or no longer does, writes what is left of it. errRaced if that
// happens meanwhile.
func (v *verification) ownersOf(ctx context.Context, hint table.Row) (map[table.Key]table.Row, error) {
	owners, err := v.get(ctx, v.ownerKeys(hint)...)
	if err != nil {
		return nil, err
	}
	if err := v.addSurvivors(ctx, owners); err != nil {
		return nil, err
	}
	key := formerKey(v.ws, hint.Key.SK())
	again, err := v.get(ctx, key)
	if err == nil && again[key].Rev != owners[key].Rev {
		err = errRaced
	}
	return owners, err
}

// judgeHint looks for who says that a hint is stored: the contact under whose id it
// is, what is left of that, or who stands for it.
func (v *verification) judgeHint(row table.Row, owners map[table.Key]table.Row) []defect {
	id := row.Key.SK()
	h, at, _ := hintAt(row.Key)
	owner := owners[ContactKey(v.ws, id)]
	keeper, unread := v.keeperOf(h, at, owners)
	if unread {
		return nil // it is a finding itself
	}
	if keeper.Exists() {
		return v.judgeForm(row, keeper)
	}
	d := v.finding(HintOrphaned, row.Key, id, "the contact is gone")
	if owner.Exists() {
		d.Detail = "the contact neither carries nor marks it"
	}
	d.mend = func(ctx context.Context) error {
		w := newTransaction(v.own())
		w.add(table.Check(ContactKey(v.ws, id), table.Unchanged(owner)))
		w.dropHint(h, at)
		w.actions[1].If = table.Unchanged(row)
		return v.ledger.write(ctx, w)
	}
	return []defect{d}
}

// keeperOf returns the row that says that a hint is stored, the zero Row if none
// does; unread says that a row in question cannot be read.
func (v *verification) keeperOf(h Hint, at seat, owners map[table.Key]table.Row) (keeper table.Row, unread bool) {
	for id := at.ID; ulid.Valid(id); {
		var c record
		if row := owners[ContactKey(v.ws, id)]; row.Exists() {
			if decode(row, recordSchema, &c) != nil || !c.seated() {
				return row, true
			}
			if c.ID == id && contains(c.derived(), h) && c.seat(h) == at {
				return row, false
			}
			return table.Row{}, false
		}
		var f former
		row := owners[formerKey(v.ws, id)]
		if !row.Exists() {
			return table.Row{}, false
		}
		if f.decode(row) != nil {
			return row, true
		}
		if f.Purged == 0 && contains(f.Rest, h) && f.Seats.of(h, id) == at {
			return row, false
		}
		if id != at.ID {
			return table.Row{}, false
		}
		id = f.Into
	}
	return table.Row{}, false
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
	if empty(row) && !row.Expires.IsZero() && !row.Expires.After(now.Add(HeadFor+time.Minute)) {
		return nil
	}
	d := v.finding(MalformedRow, row.Key, "", "a head is an empty row that expires within the hour")
	d.mend = func(ctx context.Context) error {
		return v.write(ctx, table.Put(table.Row{Key: row.Key, Expires: now.Add(HeadFor)}, table.Unchanged(row)))
	}
	return []defect{d}
}
