package ledger

import (
	"cmp"
	"context"
	"slices"

	"rubrica/shared/audit"
	"rubrica/shared/body"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/problem"
	"rubrica/shared/table"
)

// Lock is a campaign's lease of a contact's phone (C7): while it is alive the
// number stays as it is. It stands in the contact's row and raises no version.
type Lock struct {
	Campaign string `json:"campaign"`
	// Holder is the integration that runs the campaign.
	Holder    string          `json:"holder"`
	ExpiresAt instant.Instant `json:"expiresAt"`
}

// MaxLocks is how many leases of one contact may be alive at a time.
const MaxLocks = 20

// maxLeases is how many leases these may be, of all who are one contact: a row holds
// them all.
const maxLeases = 3 * MaxLocks

// lease is one contact's part of a lock, as it stands in a row: after a merge there
// can be several of a campaign and holder, and each goes back with its contact when
// the merge is undone.
type lease struct {
	Lock
	// Of is the absorbed contact that it came with, "" if it is the contact's own.
	Of string `json:"of,omitzero"`
}

// alive returns the leases that have not expired; these stop counting by
// themselves, and leave with the next write of the contact.
func alive(leases []lease, now instant.Instant) []lease {
	return slices.DeleteFunc(slices.Clone(leases), func(l lease) bool { return l.ExpiresAt <= now })
}

// brought are the leases of a contact as the survivor has them that absorbs it.
func brought(leases []lease, absorbedID string) []lease {
	leases = slices.Clone(leases)
	for i := range leases {
		leases[i].Of = cmp.Or(leases[i].Of, absorbedID)
	}
	return leases
}

// home undoes brought: of a survivor's leases it picks those that came with a contact,
// its own and those of contacts that it had absorbed itself.
func home(leases []lease, contactID string, mergedIDs []string) (its []lease) {
	for _, l := range leases {
		switch {
		case l.Of == contactID:
			l.Of = ""
		case !slices.Contains(mergedIDs, l.Of):
			continue
		}
		its = append(its, l)
	}
	return its
}

// shown are the locks that leases make: one for each campaign and holder, until the
// last of theirs ends.
func shown(leases []lease) (locks []Lock) {
	for _, l := range leases {
		i := slices.IndexFunc(locks, func(x Lock) bool { return x.Campaign == l.Campaign && x.Holder == l.Holder })
		if i < 0 {
			locks = append(locks, l.Lock)
			continue
		}
		locks[i].ExpiresAt = max(locks[i].ExpiresAt, l.ExpiresAt)
	}
	return locks
}

// locked refuses a change of the main phone while leases are alive: another
// spelling is a change, and so is a phone where there was none.
func locked(before *record, after *contact.Contact, now instant.Instant) error {
	if !before.Exists() || before.Phone == after.Phone {
		return nil
	}
	if locks := shown(alive(before.Locks, now)); len(locks) > 0 {
		return phoneLocked(locks)
	}
	return nil
}

// Campaigns are those that locks are for, each once, and when the last of them ends.
func Campaigns(locks []Lock) (names []string, until instant.Instant) {
	for _, l := range locks {
		if until = max(until, l.ExpiresAt); !slices.Contains(names, l.Campaign) {
			names = append(names, l.Campaign)
		}
	}
	return names, until
}

// phoneLocked says who keeps a phone as it is.
func phoneLocked(locks []Lock) error {
	campaigns, until := Campaigns(locks)
	return problem.Conflicting("phone_locked", "The phone is in use by a running campaign and cannot be changed until %s.", until).
		With("campaigns", campaigns).With("until", until).About("phone")
}

// Locks returns the leases of a contact that are alive.
func (l *Ledger) Locks(ctx context.Context, s *Scope, ref contact.Ref) (*contact.Contact, []Lock, error) {
	c, err := l.resolve(ctx, s, ref)
	if err != nil {
		return nil, nil, err
	}
	return &c.Contact, shown(alive(c.Locks, instant.Of(l.now()))), nil
}

// Lock gives a campaign a lease, or renews it until another time; one that came with
// an absorbed contact is then both's. One of another integration is problem.Forbidden,
// the 21st a problem.Validation too_many.
func (l *Ledger) Lock(ctx context.Context, s *Scope, ref contact.Ref, match IfMatch, lock Lock, answer Answer) (Answer, error) {
	return l.withLocks(ctx, s, ref, match, answer, func(leases []lease) ([]lease, audit.Action, map[string]any, error) {
		after, err := leased(leases, lock)
		if err != nil || slices.Equal(leases, after) {
			return leases, "", nil, err
		}
		return after, audit.ContactLocked, map[string]any{"campaign": lock.Campaign, "expiresAt": lock.ExpiresAt}, nil
	})
}

// leased are leases with one of the contact's own for a lock, which says of all that
// its campaign and holder have when they end.
func leased(leases []lease, lock Lock) ([]lease, error) {
	after := slices.Clone(leases)
	had, own, other := false, false, ""
	for i := range after {
		switch {
		case after[i].Campaign != lock.Campaign:
		case after[i].Holder != lock.Holder:
			other = after[i].Holder
		default:
			had, own = true, own || after[i].Of == ""
			after[i].ExpiresAt = lock.ExpiresAt
		}
	}
	switch {
	case own:
		return after, nil
	case !had && other != "":
		return nil, problem.New(problem.Forbidden, "The lease of this campaign belongs to %s.", other)
	case !had && len(shown(leases)) >= MaxLocks || len(leases) >= maxLeases:
		return nil, problem.InvalidField("campaign", body.CodeTooMany, "A contact has at most %d leases at a time.", MaxLocks)
	}
	return append(after, lease{Lock: lock}), nil
}

// Unlock ends a campaign's lease: all that the caller may end, if there are several
// since a merge. may says whether the caller may end one, and why; problem.NotFound
// if there is none.
func (l *Ledger) Unlock(ctx context.Context, s *Scope, ref contact.Ref, match IfMatch, campaign string, may func(Lock) (reason string, err error), answer Answer) (Answer, error) {
	return l.withLocks(ctx, s, ref, match, answer, func(leases []lease) ([]lease, audit.Action, map[string]any, error) {
		err := error(problem.New(problem.NotFound, "The contact has no lease of this campaign."))
		detail := map[string]any{"campaign": campaign}
		var left []lease
		ended := false
		for _, x := range leases {
			if x.Campaign != campaign {
				left = append(left, x)
				continue
			}
			reason, refused := may(x.Lock)
			if refused != nil {
				err, left = refused, append(left, x)
				continue
			}
			if ended = true; reason != "" {
				detail["reason"] = reason
			}
		}
		if !ended {
			return nil, "", nil, err
		}
		return left, audit.ContactLockRemoved, detail, nil
	})
}

// withLocks changes the leases of a contact; an action of "" changes nothing.
func (l *Ledger) withLocks(ctx context.Context, s *Scope, ref contact.Ref, match IfMatch, answer Answer,
	change func([]lease) ([]lease, audit.Action, map[string]any, error),
) (Answer, error) {
	return l.retry(ctx, s, func() (Answer, error) {
		c, err := l.resolve(ctx, s, ref)
		if err != nil {
			return Answer{}, err
		}
		leases, action, detail, err := change(alive(c.Locks, instant.Of(l.now())))
		if err != nil {
			return Answer{}, err
		}
		if !match.Allows(c.Version) {
			return Answer{}, stale()
		}
		if action == "" {
			return l.keepOnly(ctx, s, answer, c.sealers())
		}
		entry, err := l.aside(s, c.ID, c.Version, c.Key, action, detail)
		if err != nil {
			return Answer{}, err
		}
		after := c.record
		after.Locks = leases
		w := newTransaction(s)
		w.add(table.Put(after.toRow(s.Workspace), table.Unchanged(c.row)), entry)
		w.keep(answer, c.sealers(), l.now())
		return answer, l.write(ctx, w)
	})
}
