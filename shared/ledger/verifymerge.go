package ledger

import (
	"context"
	"slices"

	"rubrica/shared/contact"
	"rubrica/shared/table"
	"rubrica/shared/ulid"
)

// checkAbsorbed checks what is left of contacts that others stand for.
func (v *verification) checkAbsorbed(ctx context.Context, rows []table.Row) error {
	for _, row := range rows {
		id := row.Key.Partition().Parts()[1]
		var f former
		_ = f.decode(row) // it was read before
		found, err := v.judgeAbsorbed(ctx, row.Key)
		if err != nil {
			return err
		}
		err = v.confirm(ctx, found, ContactKey(v.ws, f.Into), func(ctx context.Context) ([]defect, error) { return v.judgeAbsorbed(ctx, formerKey(v.ws, id)) })
		if err != nil {
			return err
		}
	}
	return nil
}

// judgeAbsorbed holds an absorbed contact against its survivor, and looks at its
// history. What is no longer absorbed is nobody's finding here.
func (v *verification) judgeAbsorbed(ctx context.Context, key table.Key) ([]defect, error) {
	id := key.Partition().Parts()[1]
	rows, err := v.get(ctx, key)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var f former
	if f.decode(rows[key]) != nil || f.Into == "" {
		return nil, nil
	}
	if !ulid.Valid(f.Into) || !ulid.Valid(f.Merge) || f.Version < 2 {
		return []defect{v.finding(MalformedRow, key, id, "no survivor, merge or version")}, nil
	}
	around, err := v.get(ctx, ContactKey(v.ws, f.Into), formerKey(v.ws, f.Into))
	if err != nil {
		return nil, err
	}
	line := &timeline{subject: id, version: f.Version, since: since(id), purged: f.Purged != 0}
	var found []defect
	if survivor := around[ContactKey(v.ws, f.Into)]; survivor.Exists() {
		var c record
		if decode(survivor, recordSchema, &c) != nil {
			return nil, nil // the survivor is a finding itself
		}
		line.keys = c.keys()
		if _, err := f.open(id, &c); err != nil || !slices.Contains(c.MergedIDs, id) {
			found = append(found, v.finding(Astray, key, id, "its survivor does not know it, or cannot open it"))
		}
		found = append(found, v.leftOf(key, id, &f)...)
	} else {
		found = v.judgeOrphan(key, id, &f, around[formerKey(v.ws, f.Into)])
	}
	more, err := v.checkTimelines(ctx, []*timeline{line})
	if err != nil {
		return nil, err
	}
	return append(found, more[0]...), nil
}

// leftOf says that hints of an absorbed contact are still to be removed.
func (v *verification) leftOf(key table.Key, id string, f *former) []defect {
	if len(f.Rest) == 0 {
		return nil
	}
	d := v.finding(StaleLeft, key, id, "hints of an absorbed contact are still to be removed")
	d.pending = true
	d.mend = func(ctx context.Context) error { return v.ledger.Reindex(ctx, v.own(), id) }
	return []defect{d}
}

// judgeOrphan looks at an absorbed contact whose survivor was deleted: it is purged
// with it.
func (v *verification) judgeOrphan(key table.Key, id string, f *former, grave table.Row) []defect {
	var s former
	switch {
	case !grave.Exists() || s.decode(grave) != nil || !s.Deleted || !slices.Contains(s.Absorbed, id):
		return []defect{v.finding(Astray, key, id, "its survivor is gone, and was not deleted")}
	case s.Purged == 0:
		d := v.finding(NotPurged, key, id, "its survivor is deleted, and still to be purged")
		d.pending = true
		d.mend = func(ctx context.Context) error { return v.ledger.Purge(ctx, v.own(), f.Into) }
		return []defect{d}
	case f.Purged == 0 || f.Sealed != "" || len(f.Rest) > 0:
		return []defect{v.finding(NotPurged, key, id, "its survivor is purged")}
	}
	return nil
}

// judgeMergedIDs says which contacts are listed as absorbed and are not.
func (v *verification) judgeMergedIDs(row table.Row, c *record, stored map[table.Key]table.Row) (found []defect) {
	for _, id := range c.MergedIDs {
		var f former
		was := stored[formerKey(v.ws, id)]
		if !was.Exists() || f.decode(was) != nil || f.Into != c.ID || c.Keys[id].IsZero() {
			found = append(found, v.finding(Astray, row.Key, c.ID, "a contact that it lists as absorbed is not, or without its key"))
		}
	}
	if len(c.Keys) != len(c.MergedIDs) {
		found = append(found, v.finding(MalformedRow, row.Key, c.ID, "keys of contacts that it has not absorbed"))
	}
	return found
}

// checkMerges checks what is kept of merges.
func (v *verification) checkMerges(ctx context.Context, _ *trail, rows []table.Row) error {
	for _, row := range rows {
		look := func(ctx context.Context) ([]defect, error) { return v.judgeMerge(ctx, row.Key) }
		found, err := look(ctx)
		if err != nil {
			return err
		}
		if err := v.confirm(ctx, found, row.Key, look); err != nil {
			return err
		}
	}
	return nil
}

func (v *verification) judgeMerge(ctx context.Context, key table.Key) ([]defect, error) {
	rows, err := v.get(ctx, key)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	row := rows[key]
	m, err := decodeMerge(row)
	if err != nil {
		return []defect{v.finding(UnreadableRow, key, "", "no merge of ours")}, nil
	}
	bad := !ulid.Valid(m.id) || !ulid.Valid(m.Survivor) || len(m.Merged) == 0 || m.At == 0 || !row.Expires.IsZero()
	if bad || slices.ContainsFunc(m.Merged, func(id string) bool { return !ulid.Valid(id) }) {
		return []defect{v.finding(MalformedRow, key, m.Survivor, "no survivor, contacts or time, or it expires")}, nil
	}
	if m.Undone != 0 {
		return nil, nil
	}
	root, err := v.ledger.find(ctx, &Scope{Workspace: v.ws}, contact.ByID(m.Survivor))
	if err != nil {
		return nil, nil //nolint:nilerr // deleted with all that it had absorbed; else another row tells
	}
	if err := m.open(&root.record); err != nil {
		return []defect{v.finding(Sealed, key, m.Survivor, "what the merge wrote")}, nil
	}
	for _, id := range m.Merged {
		if !slices.Contains(root.MergedIDs, id) {
			return []defect{v.finding(Astray, key, m.Survivor, "a contact that it merged is not absorbed")}, nil
		}
	}
	return nil, nil
}
