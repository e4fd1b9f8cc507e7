package caller

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"rubrica/shared/instant"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// tokenSchema is the schema number of a token's row.
const tokenSchema = 1

// TokenRecord is an API token as it is stored; deleting it revokes the token at
// once.
type TokenRecord struct {
	ID           string          `json:"id"`
	Name         string          `json:"name,omitzero"`
	Role         Role            `json:"role"`
	Restrictions Restrictions    `json:"restrictions"`
	Integration  string          `json:"integration,omitzero"`
	Hash         TokenHash       `json:"hash"`
	CreatedAt    instant.Instant `json:"createdAt"`
	CreatedBy    string          `json:"createdBy,omitzero"`
	// ExpiresAt is from when the token is refused; zero is never. The row stays,
	// so that its owner can see that it expired.
	ExpiresAt instant.Instant `json:"expiresAt,omitzero"`
	// LastUsed is the day (UTC) it was last used on, "2026-11-20"; see UsedOn.
	LastUsed string `json:"lastUsed,omitzero"`
}

// TokenKey is the row of a workspace's API token; they are listed in order of
// creation by table.In(ws, "tokens").
func TokenKey(ws tenant.Workspace, id string) table.Key { return TokensOf(ws).Row(id) }

// TokensOf is the partition of a workspace's API tokens.
func TokensOf(ws tenant.Workspace) table.Partition { return table.In(ws, "tokens") }

// Row is the record as it is to be stored.
func (r TokenRecord) Row(ws tenant.Workspace) (table.Row, error) {
	doc, err := json.Marshal(r)
	if err != nil {
		return table.Row{}, fmt.Errorf("caller: API token %s: %w", r.ID, err)
	}
	return table.Row{Key: TokenKey(ws, r.ID), Schema: tokenSchema, Doc: doc}, nil
}

// ReadToken reads a stored record. What it cannot understand in full, such as a
// restriction that only a later version knows, is an internal error.
func ReadToken(row table.Row) (TokenRecord, error) {
	if row.Schema != tokenSchema {
		return TokenRecord{}, fmt.Errorf("caller: row %s has schema %d, want %d", row.Key, row.Schema, tokenSchema)
	}
	var r TokenRecord
	if err := json.Unmarshal(row.Doc, &r); err != nil {
		return TokenRecord{}, fmt.Errorf("caller: row %s: %w", row.Key, err)
	}
	if !ulid.Valid(r.ID) || !r.Role.Valid() || r.Integration != "" && !ValidIntegration(r.Integration) || r.Hash == (TokenHash{}) {
		return TokenRecord{}, fmt.Errorf("caller: row %s is not a whole API token", row.Key)
	}
	return r, nil
}

// Caller is whom the token stands for, problem.Unauthenticated once it has
// expired. That the token was shown is for ParsedToken.Check to say.
func (r TokenRecord) Caller(ws tenant.Workspace, now time.Time) (Caller, error) {
	if r.ExpiresAt != 0 && !now.Before(r.ExpiresAt.Time()) {
		return Caller{}, refuse("The API token has expired.")
	}
	return Caller{
		Subject: subjectOfToken(r.ID), Workspace: ws, Role: r.Role, Restrictions: r.Restrictions,
		Integration: r.Integration, TokenID: r.ID,
	}, nil
}

// UsedOn returns the record with LastUsed set to now's day, and whether that
// changed it: at most one write a day and token.
func (r TokenRecord) UsedOn(now time.Time) (TokenRecord, bool) {
	day := now.UTC().Format(time.DateOnly)
	changed := day > r.LastUsed
	r.LastUsed = max(day, r.LastUsed)
	return r, changed
}
