package ledger

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rubrica/shared/contact"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// Find returns the contact that a reference leads to, as the caller may see it.
// Strongly consistent. One round trip by id, two by identity; an id that is
// nobody's costs up to two more, to be sure. problem.NotFound, problem.Gone for
// 30 days after a deletion, or ambiguous_identity if several hold the identity.
func (l *Ledger) Find(ctx context.Context, s *Scope, ref contact.Ref) (*contact.Contact, error) {
	found, err := l.resolve(ctx, s, ref)
	if err != nil {
		return nil, err
	}
	return &found.Contact, nil
}

// resolve is Find with the row, for whoever is going to write it.
func (l *Ledger) resolve(ctx context.Context, s *Scope, ref contact.Ref) (stored, error) {
	if ref.ID != "" {
		found, err := l.find(ctx, s, ref)
		if err == nil && !s.sees(&found.Contact) {
			err = contact.NotFound()
		}
		return found, err
	}
	held, err := l.holders(ctx, s, ref.Identity)
	if err != nil {
		return stored{}, err
	}
	by := slices.DeleteFunc(held[ref.Identity].by, func(f stored) bool { return !s.sees(&f.Contact) })
	switch len(by) {
	case 0:
		return stored{}, contact.NotFound()
	case 1:
		return by[0], nil
	}
	ids := make([]string, len(by))
	for i := range by {
		ids[i] = by[i].ID
	}
	return stored{}, problem.Conflicting("ambiguous_identity", "Several contacts have this address or number; name one by its id.").
		With("contacts", ids)
}

// find returns a contact by id, whoever asks: that which stands for it, if it was
// absorbed. One step leads there, since every merge and undo repoints the ids that
// it moves; what changes between the reads is read again. An id that is not there
// may have become a former contact, or come back, between two reads: only contact,
// former, contact absent in this order is a 404.
func (l *Ledger) find(ctx context.Context, s *Scope, ref contact.Ref) (stored, error) {
	id, absent := ref.ID, 0
	for range maxSteps {
		rows, err := l.get(ctx, s, ContactKey(s.Workspace, id))
		if err != nil {
			return stored{}, err
		}
		if rows[0].Exists() {
			c, err := decodeRecord(rows[0])
			if err != nil || id == ref.ID || slices.Contains(c.MergedIDs, ref.ID) {
				return c, err
			}
			id = ref.ID // it has come out again meanwhile
			continue
		}
		if rows, err = l.get(ctx, s, formerKey(s.Workspace, id)); err != nil {
			return stored{}, err
		}
		var f former
		if rows[0].Exists() {
			if err := f.decode(rows[0]); err != nil {
				return stored{}, err
			}
		}
		switch {
		case f.Into != "":
			id, absent = f.Into, 0
		case f.Deleted && (l.now().Sub(f.Change.At.Time()) >= goneFor || s.SeesFormer != nil && !s.SeesFormer(f.Assigned)):
			return stored{}, contact.NotFound()
		case f.Deleted:
			return stored{}, gone()
		case id != ref.ID:
			id = ref.ID // moved on while it was read
		case absent == 1:
			return stored{}, contact.NotFound()
		default:
			absent++
		}
	}
	return stored{}, fmt.Errorf("ledger: contact %s leads nowhere", ref.ID)
}

// maxSteps is how often find looks on, each time because somebody has just merged
// the contact, or undone it.
const maxSteps = 20

// holding is who holds an identity: the contacts that do, oldest first, and the
// head row as it was read before them.
type holding struct {
	head table.Row
	by   []stored
}

// holdersPage is how many hints of one identity are read at a time.
const holdersPage = 100

func holdersRange(ws tenant.Workspace, id contact.Identity) table.Range {
	return table.Range{Of: identityIn(ws, id), Limit: holdersPage + 1}
}

// holders returns who holds each of the identities. Hints whose contact is gone
// or holds the value no more are dropped; if that leaves none, the hints are
// read once more, for the contact that took the value over in between.
func (l *Ledger) holders(ctx context.Context, s *Scope, ids ...contact.Identity) (map[contact.Identity]holding, error) {
	held := make(map[contact.Identity]holding, len(ids))
	open := ids
	for range 2 {
		stale, err := l.readHolders(ctx, s, open, held)
		if err != nil || len(stale) == 0 {
			return held, err
		}
		open = stale
	}
	return held, nil
}

// readHolders fills held and returns the identities that had nothing but hints
// that are no longer true.
func (l *Ledger) readHolders(ctx context.Context, s *Scope, ids []contact.Identity, held map[contact.Identity]holding) (stale []contact.Identity, err error) {
	hints := make([][]string, len(ids))
	pages, err := l.pages(ctx, s, WantIdentities(s.Workspace, ids...).Ranges)
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		h := holding{}
		for page := pages[i]; ; {
			for _, row := range page.Rows {
				if row.Key.SK() == alone {
					h.head = row
				} else {
					hints[i] = append(hints[i], row.Key.SK())
				}
			}
			if page.Next == "" {
				break
			}
			next := holdersRange(s.Workspace, id)
			next.After = page.Next
			if page, err = l.table.Query(ctx, next); err != nil {
				return nil, unavailable("reading an identity", err)
			}
		}
		held[id] = h
	}
	contacts, err := l.contacts(ctx, s, slices.Concat(hints...))
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		h := held[id]
		for _, contactID := range hints[i] {
			if c, ok := contacts[contactID]; ok && c.Holds(id) {
				h.by = append(h.by, c)
			}
		}
		held[id] = h
		if len(h.by) == 0 && len(hints[i]) > 0 {
			stale = append(stale, id)
		}
	}
	return stale, nil
}

// contacts reads contacts by id; those that are not there are left out.
func (l *Ledger) contacts(ctx context.Context, s *Scope, ids []string) (map[string]stored, error) {
	var keys []table.Key
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			keys = append(keys, ContactKey(s.Workspace, id))
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	rows, err := l.get(ctx, s, keys...)
	if err != nil {
		return nil, err
	}
	found := make(map[string]stored, len(rows))
	for _, row := range rows {
		if !row.Exists() {
			continue
		}
		c, err := decodeRecord(row)
		if err != nil {
			return nil, err
		}
		found[strings.Clone(c.ID)] = c
	}
	return found, nil
}
