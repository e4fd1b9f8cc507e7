package table

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"rubrica/shared/tenant"
)

// Table is what everybody uses: a Driver behind the checks that hold for all.
type Table struct{ driver Driver }

// New puts the checks in front of a driver.
func New(driver Driver) *Table { return &Table{driver} }

// Read does Get and Query for all keys and ranges in one round trip.
// At most MaxGet keys, no key twice.
func (t *Table) Read(ctx context.Context, keys []Key, ranges []Range) ([]Row, []Page, error) {
	if len(keys) > MaxGet {
		return nil, nil, fmt.Errorf("%w: %d keys in one read, at most %d", ErrLimit, len(keys), MaxGet)
	}
	for i, k := range keys {
		if err := checkKey(ctx, k); err != nil {
			return nil, nil, err
		}
		for j := range i {
			if keys[j].sk == k.sk && keys[j] == k {
				return nil, nil, fmt.Errorf("%w: key %s twice in one read", ErrLimit, k)
			}
		}
	}
	for _, r := range ranges {
		if err := checkRange(ctx, r); err != nil {
			return nil, nil, err
		}
	}
	if len(keys) == 0 && len(ranges) == 0 {
		return nil, nil, nil
	}
	return t.driver.Read(ctx, keys, ranges)
}

// Get returns the rows of up to MaxGet different keys, in their order; the zero
// Row where there is none.
func (t *Table) Get(ctx context.Context, keys ...Key) ([]Row, error) {
	rows, _, err := t.Read(ctx, keys, nil)
	return rows, err
}

// GetOne returns one row, the zero Row if there is none.
func (t *Table) GetOne(ctx context.Context, key Key) (Row, error) {
	rows, err := t.Get(ctx, key)
	if err != nil {
		return Row{}, err
	}
	return rows[0], nil
}

// Query returns one page of a partition.
func (t *Table) Query(ctx context.Context, r Range) (Page, error) {
	_, pages, err := t.Read(ctx, nil, []Range{r})
	if err != nil {
		return Page{}, err
	}
	return pages[0], nil
}

// All calls each with every row of the range, page by page, until it returns
// an error. The range's Limit is the size of a page.
func (t *Table) All(ctx context.Context, r Range, each func(Row) error) error {
	for {
		page, err := t.Query(ctx, r)
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			if err := each(row); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		r.After = page.Next
	}
}

// Write applies all actions or none. It fills in the Rev of the rows it put.
// A *ConditionError says that nothing was written because somebody was faster.
// ErrUnavailable leaves open whether it was; read again to know.
func (t *Table) Write(ctx context.Context, actions ...Action) error {
	if len(actions) == 0 || len(actions) > MaxActions {
		return fmt.Errorf("%w: %d actions in one write, want 1 to %d", ErrLimit, len(actions), MaxActions)
	}
	total := 0
	for i := range actions {
		a := &actions[i]
		if err := checkKey(ctx, a.Row.Key); err != nil {
			return err
		}
		for j := range i {
			if actions[j].Row.Key.sk == a.Row.Key.sk && actions[j].Row.Key == a.Row.Key {
				return fmt.Errorf("%w: two actions on row %s", ErrLimit, a.Row.Key)
			}
		}
		switch a.Verb {
		case VerbPut:
			n, err := checkRow(a.Row)
			if err != nil {
				return err
			}
			total += n
			a.Row.Rev = newRev()
		case VerbAdd:
			a.Row.Rev = newRev()
		case VerbCheck:
			if a.If.Test == Always {
				return fmt.Errorf("%w: a check without a condition on row %s", ErrLimit, a.Row.Key)
			}
		case VerbDelete:
		default:
			return fmt.Errorf("%w: no such verb %d", ErrLimit, a.Verb)
		}
	}
	if total > MaxWriteSize {
		return fmt.Errorf("%w: %d bytes in one write, at most %d", ErrLimit, total, MaxWriteSize)
	}
	return t.driver.Write(ctx, actions)
}

// Batch puts and deletes any number of rows without conditions, each on its
// own: after an error some may be written. No row may be named twice.
func (t *Table) Batch(ctx context.Context, puts []Row, deletes []Key) error {
	seen := make(map[Key]bool, len(puts)+len(deletes))
	check := func(k Key) error {
		if seen[k] {
			return fmt.Errorf("%w: row %s twice in one batch", ErrLimit, k)
		}
		seen[k] = true
		return checkKey(ctx, k)
	}
	for i := range puts {
		if err := check(puts[i].Key); err != nil {
			return err
		}
		if _, err := checkRow(puts[i]); err != nil {
			return err
		}
		puts[i].Rev = newRev()
	}
	for _, k := range deletes {
		if err := check(k); err != nil {
			return err
		}
	}
	if len(seen) == 0 {
		return nil
	}
	return t.driver.Batch(ctx, puts, deletes)
}

// Changes returns the changes behind a position, over all workspaces: for the
// relay, under tenant.BindOperator. At most limit of them, at least 1.
func (t *Table) Changes(ctx context.Context, after string, limit int) (Changes, error) {
	if !tenant.IsOperator(ctx) {
		return Changes{}, fmt.Errorf("%w: the change stream is the operator's", ErrTenant)
	}
	if limit < 1 {
		return Changes{}, fmt.Errorf("%w: changes want a limit of at least 1", ErrLimit)
	}
	return t.driver.Changes(ctx, after, limit)
}

// Scan returns the rows of a segment, page by page; under a context bound to
// one workspace only its rows, so pages may be empty.
func (t *Table) Scan(ctx context.Context, s Segment) (Page, error) {
	if s.Of < 1 || s.Index < 0 || s.Index >= s.Of || s.Limit < 1 {
		return Page{}, fmt.Errorf("%w: segment %d of %d, limit %d", ErrLimit, s.Index, s.Of, s.Limit)
	}
	if _, one := tenant.Bound(ctx); !one && !tenant.IsOperator(ctx) {
		return Page{}, fmt.Errorf("%w: a scan in a context bound to none", ErrTenant)
	}
	return t.driver.Scan(ctx, s)
}

func checkKey(ctx context.Context, k Key) error {
	if err := checkPartition(ctx, k.of); err != nil {
		return err
	}
	if k.sk == "" || len(k.sk) > MaxSK {
		return fmt.Errorf("%w: sort key of %d bytes, want 1 to %d", ErrLimit, len(k.sk), MaxSK)
	}
	return checkText(k.sk)
}

func checkPartition(ctx context.Context, p Partition) error {
	if err := tenant.Check(ctx, p.ws); err != nil {
		return fmt.Errorf("%w: %w", ErrTenant, err)
	}
	if len(p.pk) > MaxPK {
		return fmt.Errorf("%w: partition key of %d bytes, at most %d", ErrLimit, len(p.pk), MaxPK)
	}
	return checkText(p.pk)
}

func checkText(s string) error {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		return fmt.Errorf("%w: a key must be UTF-8 without NUL", ErrLimit)
	}
	return nil
}

func checkRange(ctx context.Context, r Range) error {
	if err := checkPartition(ctx, r.Of); err != nil {
		return err
	}
	if r.Limit < 1 {
		return fmt.Errorf("%w: a query wants a limit of at least 1", ErrLimit)
	}
	if r.Prefix != "" && (r.From != "" || r.To != "") {
		return fmt.Errorf("%w: a query takes a prefix or bounds, not both", ErrLimit)
	}
	for _, s := range [...]string{r.Prefix, r.From, r.To, r.After} {
		if len(s) > MaxSK {
			return fmt.Errorf("%w: sort key of %d bytes, at most %d", ErrLimit, len(s), MaxSK)
		}
		if err := checkText(s); err != nil {
			return err
		}
	}
	return nil
}

// farFuture keeps an Expires within what every engine can hold.
var farFuture = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

func checkRow(r Row) (size int, err error) {
	if !r.Expires.IsZero() && (r.Expires.Unix() <= 0 || r.Expires.After(farFuture)) {
		return 0, fmt.Errorf("%w: expiry %s", ErrLimit, r.Expires)
	}
	size, err = Size(r)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrLimit, err)
	}
	if size > MaxRowSize {
		return 0, fmt.Errorf("%w: row %s of %d bytes, at most %d", ErrLimit, r.Key, size, MaxRowSize)
	}
	return size, nil
}
