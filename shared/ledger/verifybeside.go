package ledger

import (
	"context"

	"rubrica/shared/audit"
	"rubrica/shared/table"
)

// checkBeside checks what raises no version of a contact: items of its history,
// and change records of what was done beside it.
func (v *verification) checkBeside(ctx context.Context, rows []table.Row) error {
	for _, row := range rows {
		look := func(ctx context.Context) ([]defect, error) {
			id := row.Key.Partition().Parts()[1]
			owner := ContactKey(v.ws, id)
			stored, err := v.get(ctx, row.Key, owner, formerKey(v.ws, id))
			if err != nil || !stored[row.Key].Exists() {
				return nil, err
			}
			holder := stored[owner]
			var f former
			if was := stored[formerKey(v.ws, id)]; !holder.Exists() && was.Exists() && f.decode(was) == nil && f.Into != "" {
				survivor, err := v.get(ctx, ContactKey(v.ws, f.Into))
				if err != nil {
					return nil, err
				}
				holder = survivor[ContactKey(v.ws, f.Into)]
			}
			if isItem(row.Key) {
				return v.judgeItem(stored[row.Key], holder, stored[formerKey(v.ws, id)]), nil
			}
			return v.judgeAside(ctx, stored[row.Key], holder)
		}
		found, err := look(ctx)
		if err != nil {
			return err
		}
		if err := v.confirm(ctx, found, ContactKey(v.ws, row.Key.Partition().Parts()[1]), look); err != nil {
			return err
		}
	}
	return nil
}

// judgeItem says whether an item is of a contact that is there, and opens.
func (v *verification) judgeItem(row, owner, former table.Row) []defect {
	id := row.Key.Partition().Parts()[1]
	if !owner.Exists() {
		d := v.finding(HistoryLeft, row.Key, id, "the contact is gone")
		if former.Exists() {
			d.pending = true // its purge is on the way
			d.mend = func(ctx context.Context) error { return v.write(ctx, table.Delete(row.Key)) }
		}
		return []defect{d}
	}
	c, err := decodeRecord(owner)
	if err != nil {
		return nil // the contact is a finding itself
	}
	if _, err := openItem(row, &c); err != nil {
		return []defect{v.finding(Sealed, row.Key, id, "an item of the history")}
	}
	return nil
}

// judgeAside says whether a change record that raised no version is what it
// should be, and in both places of the log.
func (v *verification) judgeAside(ctx context.Context, row, owner table.Row) ([]defect, error) {
	id := row.Key.Partition().Parts()[1]
	e, err := EntryIn(row)
	if err != nil || e.Subject != id || !e.Aside || asideKey(v.ws, &e) != row.Key {
		return []defect{v.finding(MisplacedRow, row.Key, id, "a change of another subject, or none")}, nil
	}
	if c, err := decodeRecord(owner); owner.Exists() && err == nil && !e.Opens(c.keys()) {
		return []defect{v.finding(Sealed, row.Key, id, "the values of a change")}, nil
	}
	of, in := audit.Places(v.ws, &e)
	logged, err := getAll(ctx, v.ledger.log.Get, []table.Key{of, in})
	if err != nil {
		return nil, err
	}
	if logged[of].Exists() && logged[in].Exists() || !v.stillIn(e.At, v.inLog) {
		return nil, nil
	}
	d := v.finding(EntryMissing, row.Key, id, "the change is not in the audit log")
	d.pending = true
	d.mend = func(ctx context.Context) error { return v.ledger.Log(ctx, v.own(), e) }
	return []defect{d}, nil
}

// checkAsides holds entries that raised no version against their copies in the
// workspace's log.
func (v *verification) checkAsides(ctx context.Context, entries []logged) error {
	for _, e := range entries {
		_, in := audit.Places(v.ws, &e.entry)
		look := func(ctx context.Context) ([]defect, error) {
			copied, err := getAll(ctx, v.ledger.log.Get, []table.Key{in})
			if err != nil || copied[in].Exists() || !v.lingers(e.row) {
				return nil, err
			}
			d := v.finding(EntryMissing, in, e.contact, "the change is not in the workspace's log")
			d.pending = true
			d.mend = func(ctx context.Context) error { return v.ledger.Log(ctx, v.own(), e.entry) }
			return []defect{d}, nil
		}
		found, err := look(ctx)
		if err != nil {
			return err
		}
		if err := v.confirm(ctx, found, SettingsKey(v.ws), look); err != nil {
			return err
		}
	}
	return nil
}
