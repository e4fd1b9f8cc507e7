package ledger

import (
	"context"

	"golang.org/x/sync/errgroup"

	"rubrica/shared/table"
)

// get reads rows, those that were read ahead without a call.
func (l *Ledger) get(ctx context.Context, s *Scope, keys ...table.Key) ([]table.Row, error) {
	if len(s.ahead.rows) == 0 && len(keys) > 0 {
		return l.read(ctx, keys...)
	}
	rows, missing, at := taken(s.ahead.rows, keys)
	if len(missing) == 0 {
		return rows, nil
	}
	got, err := l.read(ctx, missing...)
	for i, row := range got {
		rows[at[i]] = row
	}
	return rows, err
}

// taken takes what is wanted from what was read ahead, in the order in which it is
// wanted, and says what is missing, and where it belongs. What is taken is not there
// for the next one: it may have changed by then.
func taken[K comparable, V any](ahead map[K]V, wanted []K) (found []V, missing []K, at []int) {
	found = make([]V, len(wanted))
	for i, k := range wanted {
		if v, ok := ahead[k]; ok {
			delete(ahead, k)
			found[i] = v
			continue
		}
		missing, at = append(missing, k), append(at, i)
	}
	return found, missing, at
}

// readAhead reads rows in one round trip that will be asked for one by one.
func (l *Ledger) readAhead(ctx context.Context, s *Scope, keys ...table.Key) error {
	rows, err := l.get(ctx, s, keys...)
	if err != nil {
		return err
	}
	if s.ahead.rows == nil {
		s.ahead.rows = make(map[table.Key]table.Row, len(keys))
	}
	for i, k := range keys {
		s.ahead.rows[k] = rows[i]
	}
	return nil
}

// read reads rows now, whatever was read ahead, in one round trip: hundreds of
// them side by side.
func (l *Ledger) read(ctx context.Context, keys ...table.Key) ([]table.Row, error) {
	if len(keys) <= table.MaxGet {
		rows, err := l.table.Get(ctx, keys...)
		if err != nil {
			return nil, unavailable("reading rows", err)
		}
		return rows, nil
	}
	rows := make([]table.Row, len(keys))
	all, ctx := errgroup.WithContext(ctx)
	for from := 0; from < len(keys); from += table.MaxGet {
		all.Go(func() error {
			got, err := l.table.Get(ctx, keys[from:min(from+table.MaxGet, len(keys))]...)
			copy(rows[from:], got)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return nil, unavailable("reading rows", err)
	}
	return rows, nil
}

// pages reads one page of each range in one round trip, those that were read
// ahead without a call.
func (l *Ledger) pages(ctx context.Context, s *Scope, ranges []table.Range) ([]table.Page, error) {
	pages, missing, at := taken(s.ahead.pages, ranges)
	if len(missing) == 0 {
		return pages, nil
	}
	_, got, err := l.table.Read(ctx, nil, missing)
	if err != nil {
		return nil, unavailable("reading ranges", err)
	}
	for i, page := range got {
		pages[at[i]] = page
	}
	return pages, nil
}
