package ledger

import (
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

// alive returns the locks that have not expired; these stop counting by
// themselves, and leave with the next write of the contact.
func alive(locks []Lock, now instant.Instant) []Lock {
	return slices.DeleteFunc(slices.Clone(locks), func(l Lock) bool { return l.ExpiresAt <= now })
}

// locked refuses a change of the main phone while leases are alive: another
// spelling is a change, and so is a phone where there was none.
func locked(before *record, after *contact.Contact, now instant.Instant) error {
	if !before.Exists() || before.Phone == after.Phone {
		return nil
	}
	if locks := alive(before.Locks, now); len(locks) > 0 {
		return phoneLocked(locks)
	}
	return nil
}

// phoneLocked names the campaigns that keep a phone as it is, one at least.
func phoneLocked(locks []Lock) error {
	campaigns := make([]string, len(locks))
	until := locks[0].ExpiresAt
	for i, l := range locks {
		campaigns[i], until = l.Campaign, max(until, l.ExpiresAt)
	}
	return problem.Conflicting("phone_locked", "The phone is in use by a running campaign and cannot be changed until %s.", until).
		With("campaigns", campaigns).With("until", until)
}

// Locks returns the leases of a contact that are alive.
func (l *Ledger) Locks(ctx context.Context, s *Scope, ref contact.Ref) (*contact.Contact, []Lock, error) {
	c, err := l.resolve(ctx, s, ref)
	if err != nil {
		return nil, nil, err
	}
	return &c.Contact, alive(c.Locks, instant.Of(l.now())), nil
}

// Lock gives a campaign a lease, or renews it until another time. One of another
// integration is problem.Forbidden, the 21st a problem.Validation too_many.
func (l *Ledger) Lock(ctx context.Context, s *Scope, ref contact.Ref, match IfMatch, lease Lock, answer Answer) (Answer, error) {
	return l.withLocks(ctx, s, ref, match, answer, func(locks []Lock) ([]Lock, audit.Action, map[string]any, error) {
		detail := map[string]any{"campaign": lease.Campaign, "expiresAt": lease.ExpiresAt}
		i := slices.IndexFunc(locks, func(x Lock) bool { return x.Campaign == lease.Campaign })
		switch {
		case i >= 0 && locks[i].Holder != lease.Holder:
			return nil, "", nil, problem.New(problem.Forbidden, "The lease of this campaign belongs to %s.", locks[i].Holder)
		case i >= 0 && locks[i] == lease:
			return locks, "", nil, nil
		case i >= 0:
			locks[i] = lease
			return locks, audit.ContactLocked, detail, nil
		case len(locks) >= MaxLocks:
			return nil, "", nil, problem.InvalidField("campaign", body.CodeTooMany, "A contact has at most %d leases at a time.", MaxLocks)
		}
		return append(locks, lease), audit.ContactLocked, detail, nil
	})
}

// Unlock ends a campaign's lease. may says whether the caller may end this one,
// and why; problem.NotFound if there is none.
func (l *Ledger) Unlock(ctx context.Context, s *Scope, ref contact.Ref, match IfMatch, campaign string, may func(Lock) (reason string, err error), answer Answer) (Answer, error) {
	return l.withLocks(ctx, s, ref, match, answer, func(locks []Lock) ([]Lock, audit.Action, map[string]any, error) {
		i := slices.IndexFunc(locks, func(x Lock) bool { return x.Campaign == campaign })
		if i < 0 {
			return nil, "", nil, problem.New(problem.NotFound, "The contact has no lease of this campaign.")
		}
		reason, err := may(locks[i])
		if err != nil {
			return nil, "", nil, err
		}
		detail := map[string]any{"campaign": campaign}
		if reason != "" {
			detail["reason"] = reason
		}
		return slices.Delete(locks, i, i+1), audit.ContactLockRemoved, detail, nil
	})
}

// withLocks changes the leases of a contact; an action of "" changes nothing.
func (l *Ledger) withLocks(ctx context.Context, s *Scope, ref contact.Ref, match IfMatch, answer Answer,
	change func([]Lock) ([]Lock, audit.Action, map[string]any, error),
) (Answer, error) {
	return l.retry(ctx, s, func() (Answer, error) {
		c, err := l.resolve(ctx, s, ref)
		if err != nil {
			return Answer{}, err
		}
		locks, action, detail, err := change(alive(c.Locks, instant.Of(l.now())))
		if err != nil {
			return Answer{}, err
		}
		if !match.Allows(c.Version) {
			return Answer{}, stale()
		}
		if action == "" {
			return l.keepOnly(ctx, s, answer, c.ID, c.Key)
		}
		entry, err := l.aside(s, c.ID, c.Version, c.Key, action, detail)
		if err != nil {
			return Answer{}, err
		}
		after := c.record
		after.Locks = locks
		w := newTransaction(s)
		w.add(table.Put(after.toRow(s.Workspace), table.Unchanged(c.row)), entry)
		w.keep(answer, c.ID, c.Key, l.now())
		return answer, l.write(ctx, w)
	})
}
