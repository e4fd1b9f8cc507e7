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
	rows := make([]table.Row, len(keys))
	var missing []table.Key
	var at []int
	for i, k := range keys {
		if row, ok := s.ahead.rows[k]; ok {
			delete(s.ahead.rows, k)
			rows[i] = row
			continue
		}
		missing, at = append(missing, k), append(at, i)
	}
	if len(missing) == 0 {
		return rows, nil
	}
	got, err := l.read(ctx, missing...)
	for i, row := range got {
		rows[at[i]] = row
	}
	return rows, err
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
	pages := make([]table.Page, len(ranges))
	var missing []table.Range
	var at []int
	for i, r := range ranges {
		if page, ok := s.ahead.pages[r]; ok {
			delete(s.ahead.pages, r)
			pages[i] = page
			continue
		}
		missing, at = append(missing, r), append(at, i)
	}
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
