package caller

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// How long StoredKeys trusts what it read, and how soon it may read again
// because a key is missing, or because reading failed.
const (
	keysFresh = 5 * time.Minute
	keysAgain = 10 * time.Second
)

// keysSchema is the schema number of the keys' row.
const keysSchema = 1

// keysRow is the document of the keys' row.
type keysRow struct {
	Issuer string         `json:"issuer"`
	Keys   jsontext.Value `json:"keys"`
}

func keysKey() table.Key { return table.In(tenant.System(), "keys").Row("jwks") }

// StoredKeys is the KeySource of a deployment: the row that StoreKeys wrote,
// remembered for 5 minutes. A missing key makes it read again, at most every 10
// seconds, so that a rotation is seen at once and made-up key ids cost nothing.
// While the store does not answer, what was read before goes on being served; a
// key that was withdrawn lives on for at most 5 minutes otherwise.
type StoredKeys struct {
	table *table.Table
	now   func() time.Time
	known atomic.Pointer[knownKeys]
	turn  chan struct{} // holds one: who may read
}

// knownKeys is what was read; immutable.
type knownKeys struct {
	set   *KeySet
	tried time.Time // the last attempt to read
	until time.Time // when to read again without being asked
}

// NewStoredKeys returns a source that has not read anything yet.
func NewStoredKeys(t *table.Table, now func() time.Time) *StoredKeys {
	return &StoredKeys{table: t, now: now, turn: make(chan struct{}, 1)}
}

// Keys implements KeySource. The first call costs a round trip, and one in 5
// minutes after it; only one caller at a time makes it. A row that is not there
// is a set without keys. If nothing was ever read, the error is
// problem.Unavailable while the store does not answer.
func (s *StoredKeys) Keys(ctx context.Context, missing string) (*KeySet, error) {
	known := s.known.Load()
	if known != nil && !s.due(known, missing) {
		return known.set, nil
	}
	select {
	case s.turn <- struct{}{}:
	default:
		if known != nil && missing == "" {
			return known.set, nil // somebody is reading; what we have will do
		}
		select {
		case s.turn <- struct{}{}:
		case <-ctx.Done():
			return nil, unavailable(ctx.Err())
		}
	}
	defer func() { <-s.turn }()
	if known = s.known.Load(); known != nil && !s.due(known, missing) {
		return known.set, nil // somebody read it while we waited
	}
	tried := s.now()
	set, err := readKeys(ctx, s.table)
	switch {
	case err == nil:
		s.known.Store(&knownKeys{set, tried, tried.Add(keysFresh)})
		return set, nil
	case known != nil:
		s.known.Store(&knownKeys{known.set, tried, tried.Add(keysAgain)})
		return known.set, nil
	case errors.Is(err, table.ErrUnavailable) || ctx.Err() != nil:
		return nil, unavailable(err)
	default:
		return nil, err
	}
}

func (s *StoredKeys) due(known *knownKeys, missing string) bool {
	now := s.now()
	if missing != "" && !known.set.ids[missing] && now.Sub(known.tried) >= keysAgain {
		return true
	}
	return !now.Before(known.until)
}

func unavailable(cause error) error {
	e := problem.New(problem.Unavailable, "The keys to verify tokens with cannot be read at the moment.").Because(cause)
	e.RetryAfter = time.Second
	return e
}

func readKeys(ctx context.Context, t *table.Table) (*KeySet, error) {
	row, err := t.GetOne(tenant.Bind(ctx, tenant.System()), keysKey())
	if err != nil {
		return nil, fmt.Errorf("caller: read the identity provider's keys: %w", err)
	}
	return keysOf(row)
}

func keysOf(row table.Row) (*KeySet, error) {
	if !row.Exists() {
		return NewKeySet("", []byte(`{"keys":[]}`))
	}
	if row.Schema != keysSchema {
		return nil, fmt.Errorf("caller: the identity provider's keys are stored with schema %d, want %d", row.Schema, keysSchema)
	}
	var doc keysRow
	if err := json.Unmarshal(row.Doc, &doc); err != nil {
		return nil, fmt.Errorf("caller: the identity provider's stored keys: %w", err)
	}
	return NewKeySet(doc.Issuer, row.Doc)
}

// StoreKeys makes the set that fetch returns the one that StoredKeys reads, and
// tells whether that changed anything; the same set costs a read and no write.
// If fetch fails, what was stored stays. The row is read before fetch is called
// and must not change until it is written, so that of two at the same time none
// puts back what the other saw withdrawn: one of them fails.
func StoreKeys(ctx context.Context, t *table.Table, fetch func(context.Context) (*KeySet, error)) (changed bool, err error) {
	bound := tenant.Bind(ctx, tenant.System())
	row, err := t.GetOne(bound, keysKey())
	if err != nil {
		return false, fmt.Errorf("caller: store the identity provider's keys: %w", err)
	}
	set, err := fetch(ctx)
	if err != nil {
		return false, err
	}
	// A row that cannot be read is replaced like one with other keys.
	if old, err := keysOf(row); err == nil && row.Exists() && old.Generation() == set.Generation() {
		return false, nil
	}
	doc, err := json.Marshal(keysRow{Issuer: set.issuer, Keys: set.list})
	if err != nil {
		return false, fmt.Errorf("caller: store the identity provider's keys: %w", err)
	}
	put := table.Put(table.Row{Key: keysKey(), Schema: keysSchema, Doc: doc}, table.Unchanged(row))
	if err := t.Write(bound, put); err != nil {
		return false, fmt.Errorf("caller: store the identity provider's keys: %w", err)
	}
	return true, nil
}
