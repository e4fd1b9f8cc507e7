package ledger

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"rubrica/shared/contact"
	"rubrica/shared/job"
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
	match func(*contact.Contact) bool // nil is all
	// to bounds ids, inclusive; "" is open.
	to string
}

// matching is what a job's filter keeps; nil is all.
func (l *Ledger) matching(_ *Scope, spec job.Spec) (func(*contact.Contact) bool, error) {
	if len(spec.Filter) == 0 {
		return nil, nil
	}
	return nil, fmt.Errorf("ledger: no filter")
}

// surveyPage reads some contacts of a shard and returns the ids of those that match,
// and the After of the next page.
func (l *Ledger) surveyPage(ctx context.Context, s *Scope, v survey, shard int, after string) (ids []string, looked int, next string, err error) {
	page, err := l.table.Query(ctx, table.Range{Of: contactsIn(s.Workspace, shard), After: after, To: v.to, Limit: l.jobs.Page})
	if err != nil {
		return nil, 0, "", unavailable("reading contacts", err)
	}
	for _, row := range page.Rows {
		if v.match != nil || s.Sees != nil {
			c, err := decodeRecord(row)
			if err != nil {
				// It cannot be told whether it matches: it is selected, and fails alone.
				ids = append(ids, row.Key.SK())
				continue
			}
			if !s.sees(&c.Contact) || v.match != nil && !v.match(&c.Contact) {
				continue
			}
		}
		ids = append(ids, row.Key.SK())
	}
	return ids, len(page.Rows), page.Next, nil
}

// selectAtOnce selects contacts within a call, all shards side by side; ok is
// false if there are more than most, or too many to look at.
func (l *Ledger) selectAtOnce(ctx context.Context, s *Scope, v survey, most int) (found selection, total int, ok bool, err error) {
	found, ok = selection{}, true
	var mu sync.Mutex
	all, ctx := errgroup.WithContext(ctx)
	for shard := range s.Settings.Shards {
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
func (l *Ledger) countAll(ctx context.Context, s *Scope, v survey) (total int64, err error) {
	counts := make([]int64, s.Settings.Shards)
	all, ctx := errgroup.WithContext(ctx)
	for shard := range counts {
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
