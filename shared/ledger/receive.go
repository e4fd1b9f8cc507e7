package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"

	"rubrica/shared/channel"
	"rubrica/shared/contact"
	"rubrica/shared/event"
	"rubrica/shared/instant"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// eventFor is how long it is known that an event was handled: as long as its
// change record is there. A queue keeps a message for two weeks, and its dead
// letters for two more; the rest is for a sender that is put right and sends again.
const eventFor = Retention

// eventKey names the row that says that an event was handled, by the digest of its
// id: no partition is hot, and what a sender makes ids of is in no key.
func eventKey(ws tenant.Workspace, id string) table.Key {
	digest := sha256.Sum256([]byte(id))
	return table.In(ws, "event", base64.RawURLEncoding.EncodeToString(digest[:])).Row(alone)
}

// WantEvent asks for all that Receive reads.
func (l *Ledger) WantEvent(ws tenant.Workspace, e event.Event) Want {
	w := Want{Keys: []table.Key{eventKey(ws, e.ID)}}
	if e.Ref != (contact.Ref{}) {
		w = w.Plus(WantContact(ws, e.Ref))
	}
	return w.Plus(l.WantAccounts(ws))
}

// accepted is how an event is answered that is handled, now or before.
func accepted() Answer { return Answer{Status: http.StatusAccepted} }

// Repeated answers an event whose id was handled before; done is false for one that
// was not. Nothing is written but the kept answer of an idempotency key.
func (l *Ledger) Repeated(ctx context.Context, s *Scope, id string) (a Answer, done bool, err error) {
	if done, err = l.handled(ctx, s, id); !done || err != nil {
		return Answer{}, false, err
	}
	a, err = l.retry(ctx, s, func() (Answer, error) { return l.keepOnly(ctx, s, accepted(), s.sealers()) })
	return a, true, err
}

// handled tells whether an event with this id was handled before.
func (l *Ledger) handled(ctx context.Context, s *Scope, id string) (bool, error) {
	key := eventKey(s.Workspace, id)
	if row, ok := s.ahead.rows[key]; ok { // not taken from there: the first attempt asks again
		return row.Exists(), nil
	}
	rows, err := l.get(ctx, s, key)
	return err == nil && rows[0].Exists(), err
}

// Receive handles an event, once: what it makes of the contact, what is kept of it,
// and that it was handled, are one transaction. One that was handled before is
// answered like the first time, whatever the rest of it says. Two round trips, as
// a change of the contact; 6 to 12 units by what it makes of it.
//
// What a channel says of the contact may be refused: another one has the address, a
// campaign the phone, an integration the member. Then all else is done without that
// member: one attempt more for each, without a round trip but for the addresses and
// numbers that nobody else may have.
func (l *Ledger) Receive(ctx context.Context, s *Scope, e event.Event) (Answer, error) {
	return l.perform(ctx, s, func() (Answer, error) {
		if done, err := l.handled(ctx, s, e.ID); err != nil {
			return Answer{}, err
		} else if done {
			return l.keepOnly(ctx, s, accepted(), s.sealers())
		}
		accounts, err := l.Accounts(ctx, s)
		if err == nil {
			err = e.Check(accounts)
		}
		if err == nil {
			err = e.Unnamed
		}
		if err != nil {
			return Answer{}, err
		}
		before, err := l.resolve(ctx, s, e.Ref)
		if err != nil {
			return Answer{}, err
		}
		a, err := l.commit(ctx, s, before, l.receipt(s, e, accounts), uniqueness{})
		less, more := e, true
		for more && problem.Is(err, problem.Conflict) {
			if less, more = less.Without(problem.Of(err).Member); more {
				a, err = l.commit(ctx, s, before, l.receipt(s, less, accounts), uniqueness{})
			}
		}
		return a, err
	})
}

// receipt is the operation that an event is.
func (l *Ledger) receipt(s *Scope, e event.Event, accounts *channel.Set) Operation {
	detail := map[string]any{"event": e.ID}
	if word := e.StopWord(); word != "" {
		detail["reason"] = word
	}
	return Operation{
		Apply:  func(c contact.Contact) (contact.Contact, error) { return e.Apply(c, accounts) },
		Answer: func(*contact.Contact) Answer { return accepted() },
		Detail: detail,
		beside: func(before *stored) ([]table.Action, error) {
			now := l.now()
			actions := []table.Action{table.Put(table.Row{Key: eventKey(s.Workspace, e.ID), Expires: now.Add(eventFor)}, table.Absent())}
			doc, err := e.Message(accounts)
			if err != nil || doc == nil {
				return actions, err
			}
			kind := Messages
			if before.IsBlocked() {
				kind = MessagesApart
			}
			i := Item{ID: ulid.Behind(e.At.Time(), now), Author: s.Actor, CreatedAt: e.At, UpdatedAt: instant.Of(now), Doc: doc}
			return append(actions, table.Put(i.toRow(itemKey(s.Workspace, before.ID, kind, i.ID), before), table.Absent())), nil
		},
	}
}

// received writes what goes with an operation that leaves the contact as it is:
// only if it still is.
func (l *Ledger) received(ctx context.Context, s *Scope, c *change) (Answer, error) {
	w := newTransaction(s)
	w.add(table.Check(c.before.row.Key, table.Unchanged(c.before.row)))
	w.add(c.beside...)
	w.keep(c.answer, c.before.sealers(), l.now())
	return c.answer, l.write(ctx, w)
}
