package ledger

import (
	"context"
	"math/rand/v2"
	"slices"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/ulid"
)

// Operation is one change of one contact, as a pure function. Its functions may
// be called several times, on ever newer states, and must not keep anything.
type Operation struct {
	// Action names the change in the log; "" is derived from what differs.
	Action audit.Action
	// May says whether the caller may do this to the contact as it is, before
	// If-Match is looked at; nil if everybody may who may call.
	May func(*contact.Contact) error
	// IfMatch is what the caller says about the state it knows.
	IfMatch IfMatch
	// Apply returns the contact as it shall be. It is given the zero Contact
	// where one is created; id, version and times are not its business. UpdatedAt is
	// what it will be if anything changes: the moment for whatever else notes one. An
	// error is the caller's answer, and nothing is changed.
	Apply func(contact.Contact) (contact.Contact, error)
	// Tag are names or ids of tags that the contact gets, made where they do not
	// exist; Untag is one that it loses, problem.NotFound if there is none. Apply is
	// given the contact as it is then.
	Tag   []string
	Untag string
	// Answer says what the caller is told about the contact as it was committed.
	Answer func(*contact.Contact) Answer
	// Detail goes into the log beside the changes.
	Detail map[string]any

	// beside are further rows to write with the change of a contact that is there,
	// and also where nothing changes; nil if there are none.
	beside func(before *stored) ([]table.Action, error)
}

// Create makes a new contact. Two round trips to write where nothing has to be
// unique, three under the policy reject or with external ids.
func (l *Ledger) Create(ctx context.Context, s *Scope, op Operation) (Answer, error) {
	return l.perform(ctx, s, func() (Answer, error) {
		return l.commit(ctx, s, stored{}, op, uniqueness{})
	})
}

// Update changes the contact that ref leads to. A change that changes nothing
// is answered with the contact as it is: no version, no write, no entry.
func (l *Ledger) Update(ctx context.Context, s *Scope, ref contact.Ref, op Operation) (Answer, error) {
	return l.perform(ctx, s, func() (Answer, error) {
		before, err := l.resolve(ctx, s, ref)
		if err != nil {
			return Answer{}, err
		}
		return l.commit(ctx, s, before, op, uniqueness{})
	})
}

// Upsert changes the oldest contact that holds the reference's identity, or
// creates one that does; however many callers race, exactly one is created.
// others are further identities that the caller is about to give it: whoever
// races to create a contact with one of them is met as well.
func (l *Ledger) Upsert(ctx context.Context, s *Scope, ref contact.Ref, others []contact.Identity, op func(created bool) Operation) (Answer, error) {
	all := append([]contact.Identity{ref.Identity}, slices.DeleteFunc(slices.Clone(others), func(id contact.Identity) bool { return id == ref.Identity })...)
	return l.perform(ctx, s, func() (Answer, error) {
		held, err := l.holders(ctx, s, all...)
		if err != nil {
			return Answer{}, err
		}
		by := held[ref.Identity].by
		if len(by) == 0 {
			create := op(true)
			if create.IfMatch.Given() {
				return Answer{}, stale()
			}
			a, err := l.commit(ctx, s, stored{}, create, uniqueness{known: held, claim: all})
			if problem.HasCode(err, duplicateIdentity) {
				// Who holds one of the others may be a rival that this attempt did
				// not yet see under ref: then it is the contact to change.
				if now, again := l.holders(ctx, s, ref.Identity); again != nil {
					return Answer{}, again
				} else if len(now[ref.Identity].by) > 0 {
					return Answer{}, errRaced
				}
			}
			return a, err
		}
		i := slices.IndexFunc(by, func(f stored) bool { return s.sees(&f.Contact) })
		if i < 0 {
			return Answer{}, duplicate(s, nil)
		}
		return l.commit(ctx, s, by[i], op(false), uniqueness{known: held})
	})
}

// Delete removes the contact that ref leads to, with its key and all by which
// it can be found, in one transaction; its history goes soon after.
func (l *Ledger) Delete(ctx context.Context, s *Scope, ref contact.Ref, match IfMatch) (Answer, error) {
	return l.perform(ctx, s, func() (Answer, error) {
		before, err := l.resolve(ctx, s, ref)
		if err != nil {
			return Answer{}, err
		}
		if !match.Allows(before.Version) {
			return Answer{}, stale()
		}
		return l.remove(ctx, s, before, grave{})
	})
}

// newID makes the id of a contact, in a shard drawn by chance.
func (l *Ledger) newID(s *Scope) string {
	return ulid.InShard(l.ids.New(), rand.IntN(s.Settings.Shards))
}

func stale() error {
	return problem.New(problem.Stale, "The contact is not at the version that If-Match names; read it again.")
}

const duplicateIdentity = "duplicate_identity"

// duplicate names the contact that holds an identity already, if the caller may
// know of it.
func duplicate(s *Scope, holder *contact.Contact) *problem.Error {
	e := problem.Conflicting(duplicateIdentity, "Another contact has this address, number or external id.")
	if holder != nil && s.sees(holder) {
		e = e.With("contactId", holder.ID)
	}
	return e
}
