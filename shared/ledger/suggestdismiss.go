package ledger

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"

	"rubrica/shared/contact"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// WantSuggestion asks for what leads to a suggestion.
func WantSuggestion(ws tenant.Workspace, id string) (w Want) {
	if contactID, _, ok := suggestionID(id); ok {
		w.Keys = append(w.Keys, ContactKey(ws, contactID))
	}
	return w
}

func suggestionID(id string) (contactID, digest string, ok bool) {
	contactID, digest, _ = strings.Cut(id, "-")
	return contactID, digest, ulid.Valid(contactID) && len(digest) == hex.EncodedLen(digestBytes)
}

func noSuggestion() error { return problem.New(problem.NotFound, "There is no such suggestion.") }

// DismissSuggestion takes a suggestion out of all lists, until another contact, or
// another value, makes a new one of it: what is kept is for which contacts each
// value was dismissed. Four round trips; two units for each value and two besides,
// for up to 200 contacts. problem.NotFound if the contact that it is named by does
// not hold the value any more, or nobody else does, or it was dismissed before.
func (l *Ledger) DismissSuggestion(ctx context.Context, s *Scope, id string, match IfMatch, answer Answer) (Answer, error) {
	contactID, digest, ok := suggestionID(id)
	if !ok {
		return Answer{}, noSuggestion()
	}
	return l.retry(ctx, s, func() (Answer, error) {
		c, err := l.resolve(ctx, s, contact.ByID(contactID))
		if problem.Is(err, problem.NotFound) || problem.Is(err, problem.Gone) {
			err = noSuggestion()
		}
		if err != nil {
			return Answer{}, err
		}
		all, err := l.suggestionsOf(ctx, s, &c.Contact)
		if err != nil {
			return Answer{}, err
		}
		i := slices.IndexFunc(all, func(g Suggestion) bool {
			return slices.ContainsFunc(g.parts, func(p sharing) bool { return p.digest == digest })
		})
		switch {
		case i < 0:
			return Answer{}, noSuggestion()
		case !match.Allows(0): // it has no versions: only * is meant
			return Answer{}, problem.New(problem.Stale, "A suggestion has no versions; leave If-Match out, or send *.")
		}
		w := newTransaction(s)
		w.keep(answer, s.sealers(), l.now())
		// While this contact holds the values, somebody comes by to remove their
		// rows when nobody does.
		w.add(table.Check(c.row.Key, table.Unchanged(c.row)))
		ids := all[i].IDs()
		for _, p := range all[i].parts {
			p.doc.Dismissed = p.doc.Dismissed.With(ids)
			w.add(table.Put(p.doc.toRow(s, p.Value), table.Unchanged(p.row)))
		}
		return answer, l.write(ctx, w)
	})
}
