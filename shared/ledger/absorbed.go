package ledger

import (
	"context"
	"slices"

	"rubrica/shared/contact"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// absorbed is a contact that another one stands for, as it was.
type absorbed struct {
	record
	former former
	row    table.Row
}

func absorbedPurpose(id string) string { return "absorbed/" + id }

// absorb makes what is left of a contact that is absorbed; rest are hints of it
// that are stored still.
func absorb(c *record, into, merge string, rest []Hint) former {
	f := former{Into: into, Merge: merge, Version: c.Version + 1, Rest: rest, Seats: c.Seats}
	f.seal(c)
	return f
}

// seal keeps the contact as it was, without leases, which are the survivor's now, and
// without what the row has of hints: these may be of one who had been absorbed, and
// Rest and Seats are the former row's own.
func (f *former) seal(c *record) {
	was := *c
	was.Locks, was.Stale, was.Late, was.Seats = nil, nil, nil, nil
	f.Sealed = c.Key.Seal(was.encode(), absorbedPurpose(c.ID))
}

// absorbedRow is the row of an absorbed contact. It asks for what is left to be
// removed.
func (f *former) absorbedRow(ws tenant.Workspace, id string) table.Row {
	row := table.Row{Key: formerKey(ws, id), Schema: formerSchema, Doc: f.doc()}
	if len(f.Rest) > 0 {
		row.Out = TopicReindex
	}
	return row
}

// absorbed reads contacts that a survivor absorbed, by their ids. errRaced if one
// of them is not absorbed any more.
func (l *Ledger) absorbed(ctx context.Context, s *Scope, survivor *record, ids []string) (map[string]*absorbed, error) {
	all := make(map[string]*absorbed, len(ids))
	if len(ids) == 0 {
		return all, nil
	}
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = formerKey(s.Workspace, id)
	}
	rows, err := l.get(ctx, s, keys...)
	if err != nil {
		return nil, err
	}
	for i, row := range rows {
		if !row.Exists() {
			return nil, errRaced
		}
		a := &absorbed{row: row}
		if err := a.former.decode(row); err != nil {
			return nil, err
		}
		if a.former.Into != survivor.ID || survivor.keyOf(ids[i]).IsZero() {
			return nil, errRaced
		}
		if a.record, err = a.former.open(ids[i], survivor); err != nil {
			return nil, err
		}
		all[ids[i]] = a
	}
	return all, nil
}

// open reads the contact as it was, with the key that its survivor keeps.
func (f *former) open(id string, survivor *record) (r record, err error) {
	key := survivor.keyOf(id)
	doc, err := key.Open(f.Sealed, absorbedPurpose(id))
	if err != nil {
		return record{}, err
	}
	c, err := decodeRecord(table.Row{Schema: recordSchema, Doc: doc})
	c.Key = key
	return c.record, err
}

// lineage are the ids under which things of a contact are kept: its own, and those
// of the contacts that it absorbed.
func lineage(c *contact.Contact) []string { return append([]string{c.ID}, c.MergedIDs...) }

// directly are those of a survivor's absorbed contacts that no other of them had
// absorbed before.
func directly(all map[string]*absorbed, ids []string) (direct []string) {
	for _, id := range ids {
		if !slices.ContainsFunc(ids, func(other string) bool { return slices.Contains(all[other].MergedIDs, id) }) {
			direct = append(direct, id)
		}
	}
	return direct
}
