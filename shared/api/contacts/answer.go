// Package contacts has the endpoints of contacts: create, read, list, change,
// upsert, delete. Each is a value that a Lambda or the local server mounts; what
// they do is the ledger's, what a contact is package contact's.
package contacts

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/caller"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
)

// viewSize is room for a usual contact as it is shown.
const viewSize = 1024

// answer is how a contact is answered, in the terms that the ledger has just used
// for it.
func answer(status int, call *frame.Call) func(*contact.Contact) ledger.Answer {
	return func(c *contact.Contact) ledger.Answer {
		view := c.View(call.Scope.Shown())
		a := ledger.Answer{Status: status, ETag: frame.ETag(c.Version), Body: view.AppendJSON(make([]byte, 0, viewSize))}
		if status == http.StatusCreated {
			a.Location = location(c.ID)
		}
		return a
	}
}

// checkTerms says what is wrong with a patch as only the workspace tells: custom
// values, the company.
func checkTerms(l *ledger.Ledger, patch *contact.Patch) func(context.Context, *frame.Call) ([]problem.Field, error) {
	return func(ctx context.Context, call *frame.Call) ([]problem.Field, error) {
		fields, err := l.Fields(ctx, call.Scope)
		if err != nil {
			return nil, err
		}
		wrong := patch.Resolve(fields, call.Caller.Integration)
		if id := patch.Company(); id != "" {
			if there, err := l.HasCompany(ctx, call.Scope, id); err != nil {
				return nil, err
			} else if !there {
				wrong = append(wrong, contact.UnknownCompany())
			}
		}
		return wrong, nil
	}
}

func location(id string) string { return "/v1/contacts/" + id }

// owned gives a new contact an owner whom a caller who sees only assigned
// contacts can see: itself, unless the body says another who hides it.
func owned(call *frame.Call, c contact.Contact) (contact.Contact, error) {
	if !call.Caller.Restrictions.Has(caller.OnlyAssigned) {
		return c, nil
	}
	if c.Owner == "" {
		c.Owner = call.Caller.Subject
	}
	if !c.AssignedTo(call.Caller.Subject) {
		return c, problem.New(problem.Forbidden, "You see only contacts assigned to you; own this one or follow it.")
	}
	return c, nil
}
