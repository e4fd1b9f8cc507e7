package ledger

import (
	"context"
	"slices"
	"strings"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/seal"
	"rubrica/shared/table"
	"rubrica/shared/ulid"
)

// uniqueness is what an attempt already knows about who holds identities, and
// which of them nobody else may take while it commits.
type uniqueness struct {
	known map[contact.Identity]holding
	claim []contact.Identity
}

// change is what an operation makes of one contact at one attempt, before
// anything of it is written.
type change struct {
	before *stored
	after  record
	// same says that there is nothing to write; quiet that nothing which is shown
	// is different: then there is no version, and no entry.
	same, quiet bool
	action      audit.Action
	members     []contact.Change
	terms       *contact.Terms // of before and after
	detail      map[string]any
	// put are hints to store, drop those to remove, heads the rows of identities
	// that nobody else may take meanwhile.
	put, drop []Hint
	heads     []table.Row
	// tags are those that the contact is given; told what came of it in the end.
	tags tagging
	// beside are further rows to write, also where the contact stays the same.
	beside []table.Action
	answer Answer
	// refresh says that suggestions are different, whatever the contact holds.
	refresh bool
}

// apply has the operation make what shall be of a contact as it is (the zero
// stored: of none), which the change keeps, and derives all that follows from the
// difference. It writes nothing. errRaced if what was read does not belong together.
func (l *Ledger) apply(ctx context.Context, s *Scope, before *stored, op Operation, u uniqueness) (*change, error) {
	c := &change{before: before}
	if op.May != nil {
		if err := op.May(&before.Contact); err != nil {
			return c, err
		}
	}
	if before.Exists() && !op.IfMatch.Allows(before.Version) {
		return c, stale()
	}
	terms, err := l.Terms(ctx, s, before.Contact)
	if err != nil {
		return c, err
	}
	if c.tags, err = l.tagged(ctx, s, op.Tag); err != nil {
		return c, err
	}
	untag, err := l.untagged(ctx, s, op.Untag)
	if err != nil {
		return c, err
	}
	now := instant.Of(l.now())
	given := before.Contact.WithoutDeleted(terms).WithTags(c.tags.ids).WithoutTag(untag)
	given.UpdatedAt = max(now, before.UpdatedAt)
	result, err := op.Apply(given)
	if err != nil {
		return c, err
	}
	result.UpdatedAt = before.UpdatedAt
	epoch := s.Settings.Epoch
	if terms, err = l.Terms(ctx, s, result); err != nil {
		return c, err
	}
	if s.Settings.Epoch != epoch { // the tags were found under newer names than the contact's own
		return c, errRaced
	}
	c.after = before.record
	c.after.Contact, c.after.Locks = result.WithoutDeleted(terms), alive(before.Locks, now)
	if err := locked(&before.record, &c.after.Contact, now); err != nil {
		return c, err
	}
	c.members, c.terms = contact.Compare(&before.Contact, &c.after.Contact, terms), terms
	if err := managed(s, terms.Fields, c.members); err != nil {
		return c, err
	}
	if op.beside != nil {
		if c.beside, err = op.beside(before); err != nil {
			return c, err
		}
	}
	c.quiet = before.Exists() && len(c.members) == 0
	if c.same = c.quiet && before.SameWithin(&c.after.Contact); c.same {
		c.answer = op.Answer(&before.Contact)
		return c, nil
	}
	if !before.Exists() {
		l.begin(s, &c.after)
	}
	if !c.quiet {
		c.after.Version = before.Version + 1
		c.after.UpdatedAt = max(given.UpdatedAt, c.after.CreatedAt)
		if c.action, c.detail = op.Action, op.Detail; c.action == "" {
			c.action = actionOf(&before.Contact, c.members)
		}
	}
	added, removed := difference(Rows(&before.Contact), Rows(&c.after.Contact))
	if c.heads, err = l.claim(ctx, s, c.after.ID, added, u); err != nil {
		return c, err
	}
	c.index(added, removed)
	c.answer = op.Answer(&c.after.Contact)
	return c, nil
}

// index says which hints are to be stored and removed, where the contact carries
// others than before: stale ones are stored, late ones are not.
func (c *change) index(added, removed []Hint) {
	c.put = hintsWithout(added, c.after.Stale)
	c.drop = hintsWithout(removed, c.after.Late)
	c.after.Stale = hintsWithout(c.after.Stale, added)
	c.after.Late = hintsWithout(c.after.Late, removed)
}

// begin gives a contact that is created its id and key, and what was staged for it.
func (l *Ledger) begin(s *Scope, c *record) {
	c.ID, c.Key, c.Stale = s.staged.id, seal.NewKey(), s.staged.hints
	if c.ID == "" {
		c.ID = l.newID(s)
	}
	c.CreatedAt = instant.Of(ulid.Time(c.ID)) // so that the order of ids is that of creation to the millisecond
}

// actionOf derives what kind of change it was: the first that fits.
func actionOf(before *contact.Contact, changes []contact.Change) audit.Action {
	if !before.Exists() {
		return audit.ContactCreated
	}
	action := audit.ContactUpdated
	for _, c := range changes {
		switch from, _ := c.From.([]string); {
		case strings.HasPrefix(c.Field, "dnd."):
			return audit.ContactDNDChanged
		case c.Field == "tags" && subset(c.To, from):
			return audit.ContactUntagged
		case c.Field == "tags":
			return audit.ContactTagged
		case c.Field == "owner":
			action = audit.ContactAssigned
		}
	}
	return action
}

// subset tells whether a list of names, nil for none, has nothing that the other
// one has not.
func subset(names any, of []string) bool {
	list, _ := names.([]string)
	return !slices.ContainsFunc(list, func(name string) bool { return !slices.Contains(of, name) })
}
