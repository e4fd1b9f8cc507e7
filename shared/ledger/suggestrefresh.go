package ledger

import (
	"context"
	"slices"

	"rubrica/shared/contact"
	"rubrica/shared/problem"
	"rubrica/shared/suggest"
	"rubrica/shared/table"
)

// Whether a value has a row follows from who holds it. A contact's row asks for a
// refresh when the contact gets or loses a value, or is blocked; the values that
// it lost are marked in it by their digests until that is done, and go with it
// into what is left of a deleted contact.
//
// A refresh writes what follows from what it read, and reads again until there is
// nothing to write. So whoever writes a row last has seen the truth after it; and
// who changes the truth after that asks for a refresh himself.

// row makes the row of a changed contact, with the refresh that it asks for.
func (c *change) row(s *Scope) table.Row {
	before, after := &c.before.Contact, &c.after.Contact
	moved := !sameValues(before, after)
	if moved {
		held := suggest.Values(after)
		for _, v := range suggest.Values(before) {
			if !slices.Contains(held, v) {
				c.after.Freed = appendDigest(c.after.Freed, digestOf(s, v))
			}
		}
	}
	row := c.after.toRow(s.Workspace)
	if moved || c.refresh || before.IsBlocked() != after.IsBlocked() {
		row = refreshing(row)
	}
	return row
}

// sameValues tells whether two states of a contact hold the same addresses and
// numbers, as they are spelled.
func sameValues(a, b *contact.Contact) bool {
	return a.Email == b.Email && a.Phone == b.Phone && slices.Equal(a.OtherEmails, b.OtherEmails) && slices.Equal(a.OtherPhones, b.OtherPhones)
}

// refreshing has a row ask for a refresh.
func refreshing(row table.Row) table.Row {
	switch row.Out {
	case "":
		row.Out = TopicSuggest
	case TopicReindex:
		row.Out = TopicReindex + "," + TopicSuggest
	}
	return row
}

// freedBy are the digests of all that a contact held, or lately did.
func freedBy(s *Scope, r *record) []string {
	freed := slices.Clone(r.Freed)
	for _, v := range suggest.Values(&r.Contact) {
		freed = appendDigest(freed, digestOf(s, v))
	}
	return freed
}

func appendDigest(digests []string, d string) []string {
	if slices.Contains(digests, d) {
		return digests
	}
	return append(slices.Clone(digests), d)
}

// RefreshSuggestions makes the rows of all values that a contact holds, or that are
// marked in it, what follows from who holds them. For a consumer: idempotent, at
// any time and in any order. Of a contact that was deleted the purge sees to it.
func (l *Ledger) RefreshSuggestions(ctx context.Context, s *Scope, id string) error {
	_, err := l.retry(ctx, s, func() (Answer, error) {
		c, err := l.find(ctx, s, contact.ByID(id))
		if problem.Is(err, problem.NotFound) || problem.Is(err, problem.Gone) {
			return Answer{}, nil
		}
		if err != nil {
			return Answer{}, err
		}
		if err := l.refreshValues(ctx, s, suggest.Values(&c.Contact)); err != nil {
			return Answer{}, err
		}
		if len(c.Freed) == 0 {
			return Answer{}, nil
		}
		if err := l.refreshFreed(ctx, s, c.Freed); err != nil {
			return Answer{}, err
		}
		c.Freed = nil
		w := newTransaction(s)
		row := c.toRow(s.Workspace)
		row.Out = "" // what else it asks for it has asked for before
		w.add(table.Put(row, table.Unchanged(c.row)))
		return Answer{}, l.write(ctx, w)
	})
	return err
}

// glance is how many rows of an identity are enough to see that two hold it: their
// hints, and the head.
const glance = 3

// refreshValues refreshes values, most of which nobody else holds: those cost one
// round trip together.
func (l *Ledger) refreshValues(ctx context.Context, s *Scope, values []contact.Identity) error {
	if len(values) == 0 {
		return nil
	}
	keys := make([]table.Key, len(values))
	ranges := make([]table.Range, len(values))
	for i, v := range values {
		keys[i] = suggestionKey(s.Workspace, digestOf(s, v))
		ranges[i] = table.Range{Of: identityIn(s.Workspace, v), Limit: glance}
	}
	rows, pages, err := l.table.Read(ctx, keys, ranges)
	if err != nil {
		return unavailable("reading who shares a value", err)
	}
	for i, v := range values {
		hints := 0
		for _, row := range pages[i].Rows {
			if row.Key.SK() != alone {
				hints++
			}
		}
		if rows[i].Exists() || hints > 1 || pages[i].Next != "" {
			if err := l.refreshValue(ctx, s, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// refreshFreed refreshes values that are known by their digests alone. Those that
// have no row need none: whoever made two of the holders one sees to that.
func (l *Ledger) refreshFreed(ctx context.Context, s *Scope, digests []string) error {
	if len(digests) == 0 {
		return nil
	}
	keys := make([]table.Key, len(digests))
	for i, d := range digests {
		keys[i] = suggestionKey(s.Workspace, d)
	}
	rows, err := l.read(ctx, keys...)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if !row.Exists() {
			continue
		}
		_, v, err := readSuggestion(s, row)
		if err != nil {
			return err
		}
		if err := l.refreshValue(ctx, s, v); err != nil {
			return err
		}
	}
	return nil
}

// refreshValue refreshes one value.
func (l *Ledger) refreshValue(ctx context.Context, s *Scope, v contact.Identity) error {
	_, err := l.retry(ctx, s, func() (Answer, error) {
		row, err := l.table.GetOne(ctx, suggestionKey(s.Workspace, digestOf(s, v)))
		if err != nil {
			return Answer{}, unavailable("reading a suggestion", err)
		}
		d, _, err := readSuggestion(s, row)
		if err != nil {
			return Answer{}, err
		}
		due, err := l.due(ctx, s, v, &d)
		if err != nil || due == row.Exists() {
			return Answer{}, err
		}
		w := newTransaction(s)
		if due {
			w.add(table.Put(d.toRow(s, v), table.Absent()))
		} else {
			w.add(table.Delete(row.Key, table.Unchanged(row)))
		}
		if err := l.write(ctx, w); err != nil {
			return Answer{}, err
		}
		return Answer{}, errRaced // perhaps: look again
	})
	return err
}

// due tells whether a value must have a row: two contacts that are not blocked hold
// it; or one does, and it was dismissed: that is remembered until nobody does.
func (l *Ledger) due(ctx context.Context, s *Scope, v contact.Identity, d *suggestionRow) (bool, error) {
	at := table.Range{Of: identityIn(s.Workspace, v), From: "0", Limit: 25} // past the head
	for holders := 0; ; {
		page, err := l.table.Query(ctx, at)
		if err != nil {
			return false, unavailable("reading an identity", err)
		}
		ids := make([]string, len(page.Rows))
		for i, row := range page.Rows {
			ids[i] = row.Key.SK()
		}
		contacts, err := l.contacts(ctx, s, ids)
		if err != nil {
			return false, err
		}
		for _, c := range contacts {
			switch {
			case !c.Holds(v):
			case len(d.Dismissed) > 0:
				return true, nil
			case !c.IsBlocked():
				holders++
			}
		}
		if holders > 1 || page.Next == "" {
			return holders > 1, nil
		}
		at.After = page.Next
	}
}

// purgeSuggestions refreshes what deleted contacts held, and returns those of them
// for which nothing went wrong. One round trip for all of them, where nobody else
// held any of it.
func (l *Ledger) purgeSuggestions(ctx context.Context, s *Scope, open []purge, errs []error) ([]purge, []error) {
	var keys []table.Key
	for _, p := range open {
		for _, d := range p.former.Freed {
			keys = appendNew(keys, suggestionKey(s.Workspace, d))
		}
	}
	if len(keys) == 0 {
		return open, errs
	}
	rows, err := l.read(ctx, keys...)
	if err != nil {
		return nil, append(errs, err)
	}
	there := make(map[string]bool, len(rows))
	for _, row := range rows {
		if row.Exists() {
			there[row.Key.SK()] = true
		}
	}
	done := open[:0:0]
	for _, p := range open {
		digests := slices.DeleteFunc(slices.Clone(p.former.Freed), func(d string) bool { return !there[d] })
		if err := l.refreshFreed(ctx, s, digests); err != nil {
			errs = append(errs, err)
			continue
		}
		done = append(done, p)
	}
	return done, errs
}
