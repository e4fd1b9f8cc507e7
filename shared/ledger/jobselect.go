package ledger

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"rubrica/shared/contact"
	"rubrica/shared/filter"
	"rubrica/shared/table"
	"rubrica/shared/ulid"
)

// selection are ids of contacts by their shard.
type selection map[int][]string

// selectionOf is that of contacts that are named.
func selectionOf(ids []string) selection {
	s := selection{}
	for _, id := range ids {
		shard := ulid.ShardOf(id)
		s[shard] = append(s[shard], id)
	}
	return s
}

// maxLooked is how many contacts of a shard are looked at within a call.
const maxLooked = 100_000

// survey is one walk over the contacts of a workspace.
type survey struct {
	// filter keeps contacts, nil all; nobody says that it keeps none, whatever they
	// are. hint is the index that serves it, zero if none does.
	filter *filter.Filter
	nobody bool
	hint   Hint
	// to bounds ids, inclusive; "" is open.
	to string
}

// survey prepares a walk over those that a filter keeps. A filter that cannot be
// resolved any more, for it names a field that was deleted, keeps nobody.
func (l *Ledger) survey(ctx context.Context, s *Scope, f *filter.Filter) (survey, error) {
	v := survey{filter: f}
	if f == nil {
		return v, nil
	}
	fields, err := l.Fields(ctx, s)
	if err != nil {
		return v, err
	}
	v.nobody = len(f.Resolve(fields)) > 0
	h, anybody, err := l.Narrow(ctx, s, f)
	v.hint, v.nobody = h, v.nobody || !anybody
	return v, err
}

// keeps tells whether the filter keeps a contact, as the caller sees it.
func (l *Ledger) keeps(ctx context.Context, s *Scope, v *survey, c *contact.Contact) (bool, error) {
	switch {
	case !s.sees(c) || v.nobody:
		return false, nil
	case !v.filter.ByName():
		return v.filter.Match(c, nil), nil
	}
	terms, err := l.Terms(ctx, s, *c)
	return err == nil && v.filter.Match(c, terms), err
}

// surveyRows reads the rows of some contacts that the survey looks at: of a shard, or
// found there, where hints of tags may be of contacts of any shard.
func (l *Ledger) surveyRows(ctx context.Context, s *Scope, v *survey, shard int, after string) (rows []table.Row, next string, err error) {
	r := table.Range{Of: contactsIn(s.Workspace, shard), After: after, To: v.to, Limit: l.jobs.Page}
	if v.hint != (Hint{}) {
		r.Of, r.From = v.hint.partition(s.Workspace, shard), "0" // past what is no contact
	}
	page, err := l.table.Query(ctx, r)
	if err != nil {
		return nil, "", unavailable("reading contacts", err)
	}
	if v.hint == (Hint{}) {
		return page.Rows, page.Next, nil
	}
	var keys []table.Key
	_, identity := v.hint.identity() // of whom the contacts of all shards are in one partition
	for _, hint := range page.Rows {
		if id := hint.Key.SK(); !identity || ulid.ShardOf(id) == shard {
			keys = append(keys, ContactKey(s.Workspace, id))
		}
	}
	rows, err = l.read(ctx, keys...)
	return rows, page.Next, err
}

// surveyPage reads some contacts of a shard and returns the ids of those that are
// kept, how many were looked at, and the After of the next page.
func (l *Ledger) surveyPage(ctx context.Context, s *Scope, v *survey, shard int, after string) (ids []string, looked int, next string, err error) {
	rows, next, err := l.surveyRows(ctx, s, v, shard, after)
	if err != nil {
		return nil, 0, "", err
	}
	for _, row := range rows {
		if !row.Exists() {
			continue
		}
		id := row.Key.SK()
		if v.filter == nil && s.Sees == nil {
			ids = append(ids, id)
			continue
		}
		c, err := decodeRecord(row)
		if err != nil {
			// It cannot be told whether it is meant: it is selected, and fails alone.
			ids = append(ids, id)
			continue
		}
		kept, err := l.keeps(ctx, s, v, &c.Contact)
		if err != nil {
			return nil, 0, "", err
		}
		if kept {
			ids = append(ids, id)
		}
	}
	return ids, len(rows), next, nil
}

// selectAtOnce selects contacts within a call, all shards side by side; ok is
// false if there are more than most, or too many to look at.
func (l *Ledger) selectAtOnce(ctx context.Context, s *Scope, v *survey, most int) (found selection, total int, ok bool, err error) {
	found, ok = selection{}, true
	var mu sync.Mutex
	all, ctx := errgroup.WithContext(ctx)
	for shard := range s.Settings.Shards {
		s := s.apart()
		all.Go(func() error {
			looked, after := 0, ""
			for {
				ids, n, next, err := l.surveyPage(ctx, s, v, shard, after)
				if err != nil {
					return err
				}
				mu.Lock()
				total += len(ids)
				looked += n
				if len(ids) > 0 {
					found[shard] = append(found[shard], ids...)
				}
				ok = ok && total <= most && (looked < maxLooked || next == "")
				more := ok && next != ""
				mu.Unlock()
				if !more {
					return nil
				}
				after = next
			}
		})
	}
	err = all.Wait()
	return found, total, ok, err
}

// countAll counts contacts however many there are.
func (l *Ledger) countAll(ctx context.Context, s *Scope, v *survey) (total int64, err error) {
	counts := make([]int64, s.Settings.Shards)
	all, ctx := errgroup.WithContext(ctx)
	for shard := range counts {
		s := s.apart()
		all.Go(func() error {
			for after := ""; ; {
				ids, _, next, err := l.surveyPage(ctx, s, v, shard, after)
				if err != nil {
					return err
				}
				counts[shard] += int64(len(ids))
				if next == "" {
					return nil
				}
				after = next
			}
		})
	}
	err = all.Wait()
	for _, n := range counts {
		total += n
	}
	return total, err
}
