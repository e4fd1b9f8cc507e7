package ledger

import (
	"context"
	"errors"
	"slices"
	"strings"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/field"
	"rubrica/shared/instant"
	"rubrica/shared/merge"
	"rubrica/shared/problem"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// Merging says which contacts are to become one.
type Merging struct {
	Survivor string
	// Others are in order: where the survivor has no value, the first that has one
	// gives it. There is at least one, none twice, none the survivor.
	Others []string
	// Choose names whose value a member takes, by the member's name as contact.Value
	// takes it.
	Choose  map[string]string
	IfMatch IfMatch
	// Dry makes nothing of it.
	Dry bool
	// Answer is what the caller is told.
	Answer func(Merged) Answer
}

// Merged is what came of a merge.
type Merged struct {
	ID       string // "" of a dry one
	Survivor *contact.Contact
	// Origin says of each member with one value whose it is.
	Origin map[string]string
}

// WantMerge asks for all contacts of a merge.
func WantMerge(ws tenant.Workspace, survivor string, others []string) (w Want) {
	for _, id := range append([]string{survivor}, others...) {
		if ulid.Valid(id) {
			w.Keys = appendNew(w.Keys, ContactKey(ws, id))
		}
	}
	return w
}

// Merge makes one contact of several, in one transaction whatever their histories:
// these stay where they are, and are read through the survivor from then on. Three
// round trips; 20 units for two contacts with an address and a number each, and
// later 4 for each tag of those that are absorbed.
//
// Ids are not followed: problem.NotFound, problem.Gone, or already_merged.
func (l *Ledger) Merge(ctx context.Context, s *Scope, m Merging) (Answer, error) {
	return l.perform(ctx, s, func() (Answer, error) {
		survivor, others, err := l.toMerge(ctx, s, m)
		if err != nil {
			return Answer{}, err
		}
		c, result, err := l.unite(ctx, s, survivor, others, m)
		if err != nil {
			return Answer{}, err
		}
		if m.Dry {
			by := survivor.sealers()
			for i := range others {
				by = by.with(&others[i].record)
			}
			return l.keepOnly(ctx, s, m.Answer(Merged{Survivor: &c.after.Contact, Origin: result.Origin}), by)
		}
		return l.commitMerge(ctx, s, c, others, result, m)
	})
}

// toMerge reads the contacts of a merge and refuses those that cannot be.
func (l *Ledger) toMerge(ctx context.Context, s *Scope, m Merging) (survivor stored, others []stored, err error) {
	if err := l.readAhead(ctx, s, WantMerge(s.Workspace, m.Survivor, m.Others).Keys...); err != nil {
		return stored{}, nil, err
	}
	var refused error
	for i, id := range append([]string{m.Survivor}, m.Others...) {
		if !ulid.Valid(id) {
			return stored{}, nil, contact.NotFound()
		}
		c, err := l.find(ctx, s, contact.ByID(id))
		if err != nil {
			return stored{}, nil, err
		}
		switch {
		case !s.sees(&c.Contact):
			return stored{}, nil, contact.NotFound()
		case c.ID != id:
			refused = firstOf(refused, problem.Conflicting("already_merged", "The contact %s has been merged into %s.", id, c.ID).With("contactId", c.ID))
		case c.IsBlocked():
			refused = firstOf(refused, problem.Conflicting("blocked_contact", "The contact %s is blocked; unblock it before it is merged.", id).With("contactId", id))
		}
		if i == 0 {
			survivor = c
		} else {
			others = append(others, c)
		}
	}
	if survivor.ID == m.Survivor && !m.IfMatch.Allows(survivor.Version) {
		return stored{}, nil, stale()
	}
	return survivor, others, refused
}

func firstOf(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// unite makes of the contacts what the survivor shall be.
func (l *Ledger) unite(ctx context.Context, s *Scope, survivor stored, others []stored, m Merging) (c *change, result merge.Result, err error) {
	now := instant.Of(l.now())
	all := []contact.Contact{survivor.Contact}
	for i := range others {
		all = append(all, others[i].Contact)
	}
	terms, err := l.Terms(ctx, s, all...)
	if err != nil {
		return nil, result, err
	}
	plan := merge.Plan{Survivor: survivor.WithoutDeleted(terms), Choose: m.Choose, Leased: map[string]bool{}}
	leases := alive(survivor.Locks, now)
	plan.Leased[survivor.ID] = len(leases) > 0
	for i := range others {
		plan.Others = append(plan.Others, others[i].WithoutDeleted(terms))
		theirs := alive(others[i].Locks, now)
		plan.Leased[others[i].ID] = len(theirs) > 0
		leases = append(leases, brought(theirs, others[i].ID)...)
	}
	result, err = merge.Unite(plan)
	if errors.Is(err, merge.ErrLeases) {
		err = phoneLocked(shown(leases))
	}
	if err != nil {
		return nil, result, err
	}
	c = &change{before: &survivor, after: survivor.record, action: audit.ContactMerged}
	c.after.Contact = result.Contact
	c.after.Version, c.after.UpdatedAt = survivor.Version+1, max(now, survivor.UpdatedAt)
	if c.after.Locks = leases; len(shown(leases)) > MaxLocks || len(leases) > maxLeases {
		return nil, result, problem.Conflicting("too_many_merged", "The contacts have more locks together than one contact can have.").With("field", "locks")
	}
	c.members, c.terms = contact.Compare(&survivor.Contact, &c.after.Contact, terms), terms
	return c, result, managedChoice(s, terms.Fields, m.Choose, c.members)
}

// managedChoice refuses to choose the value of a member that another integration
// manages; a blank one may be filled.
func managedChoice(s *Scope, fields *field.Set, choose map[string]string, changes []contact.Change) error {
	chosen := slices.DeleteFunc(slices.Clone(changes), func(c contact.Change) bool {
		name := c.Field
		if key, custom := strings.CutPrefix(name, contact.FieldPrefix); custom {
			if d, ok := fields.CustomField(key); ok {
				name = contact.FieldPrefix + d.ID
			}
		}
		_, ok := choose[name]
		return !ok
	})
	return managed(s, fields, chosen)
}
