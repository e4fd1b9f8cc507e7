package ledger

import (
	"context"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/problem"
	"rubrica/shared/table"
)

// Token is an API token's row as the ledger changes it: what it holds is
// package caller's.
type Token struct {
	// ID is the token's own id.
	ID string
	// Row is the row to put, with its key.
	Row table.Row
	// Changes are what the log says of it; never the secret, nor its hash.
	Changes []contact.Change
}

func tokenSubject(id string) string { return "token:" + id }

// tokenDetail says in the log which token it was.
func tokenDetail(id string) map[string]any { return map[string]any{"token": id} }

// CreateToken stores a new token.
func (l *Ledger) CreateToken(ctx context.Context, s *Scope, t Token, answer Answer) (Answer, error) {
	return l.retry(ctx, s, func() (Answer, error) {
		return l.commitSubject(ctx, s, subjectChange{
			subject: tokenSubject(t.ID), version: 1, action: audit.TokenCreated, changes: t.Changes, detail: tokenDetail(t.ID),
			actions: []table.Action{table.Put(t.Row, table.Absent())}, answer: answer,
		})
	})
}

// DeleteToken removes a token: from the moment this returns it is refused.
// problem.NotFound if there is none.
func (l *Ledger) DeleteToken(ctx context.Context, s *Scope, key table.Key, id string, answer Answer) (Answer, error) {
	return l.retry(ctx, s, func() (Answer, error) {
		row, err := l.table.GetOne(ctx, key)
		if err != nil {
			return Answer{}, unavailable("reading a token", err)
		}
		if !row.Exists() {
			return Answer{}, problem.New(problem.NotFound, "There is no such token.")
		}
		return l.commitSubject(ctx, s, subjectChange{
			subject: tokenSubject(id), version: 2, action: audit.TokenDeleted, detail: tokenDetail(id),
			actions: []table.Action{table.Delete(key, table.Unchanged(row))}, answer: answer,
		})
	})
}

// Tokens returns the rows of all tokens of the workspace, in order of their ids.
func (l *Ledger) Tokens(ctx context.Context, of table.Partition, after string, limit int) (table.Page, error) {
	page, err := l.table.Query(ctx, table.Range{Of: of, After: after, Limit: limit})
	if err != nil {
		return table.Page{}, unavailable("listing tokens", err)
	}
	return page, nil
}

// TouchToken notes that a token was used, without a change that anybody sees:
// lost if somebody writes the row at the same moment.
func (l *Ledger) TouchToken(ctx context.Context, read, touched table.Row) error {
	err := l.table.Write(ctx, table.Put(touched, table.Unchanged(read)))
	if err != nil {
		return unavailable("noting the use of a token", err)
	}
	return nil
}
