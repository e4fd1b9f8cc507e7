package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"rubrica/shared/contact"
	"rubrica/shared/table"
)

// detachPage is how many carriers are read at a time, and how many are written
// in one transaction at most: each takes two actions, their count one.
const detachPage = (table.MaxActions - 1) / 2

// Detach takes a tag or company that was deleted from all contacts that carry it.
// For a consumer, some time after the deletion: a call that began before it may
// have given it to a contact until its own deadline. Idempotent; it may be cut
// short anywhere, and begun again goes on, for what is done is not there any
// more. No version, no entry: nobody sees a change.
//
// key names the change record of the deletion, or what was staged of a contact
// that was never created.
func (l *Ledger) Detach(ctx context.Context, s *Scope, key table.Key) error {
	var subject string
	switch parts := key.Partition().Parts(); {
	case len(parts) == 2 && parts[0] == "of":
		subject = parts[1]
	case len(parts) == 2 && parts[0] == "former":
		return l.unstage(ctx, s, parts[1])
	}
	var h Hint
	switch kind, id, _ := strings.Cut(subject, ":"); kind {
	case tagKind:
		h = Hint{IndexTag, id}
	case companyKind:
		h = Hint{IndexCompany, id}
	default:
		return fmt.Errorf("ledger: row %s deletes nothing that contacts carry", key)
	}
	row, err := l.table.GetOne(ctx, h.definition(s.Workspace))
	if err != nil {
		return unavailable("reading what was deleted", err)
	}
	there, err := h.defined(row)
	if err != nil {
		return err
	}
	if there {
		return fmt.Errorf("ledger: %s was not deleted", subject)
	}
	return l.detach(ctx, s, h)
}

// detach takes a value from all who carry it, shard by shard side by side.
func (l *Ledger) detach(ctx context.Context, s *Scope, h Hint) error {
	all, ctx := errgroup.WithContext(ctx)
	for shard := range s.Settings.Shards {
		all.Go(func() error {
			of := table.Range{Of: h.partition(s.Workspace, shard), From: "0", Limit: detachPage} // past the count
			for {
				page, err := l.table.Query(ctx, of)
				if err != nil {
					return unavailable("reading an index", err)
				}
				if err := l.detachSome(ctx, s, h, shard, page.Rows); err != nil {
					return err
				}
				if page.Next == "" {
					return l.dropCount(ctx, s, h, shard)
				}
				of.After = page.Next
			}
		})
	}
	return all.Wait()
}

// detachSome takes a value from contacts of one shard, in one transaction, or one
// by one where somebody writes one of them meanwhile.
func (l *Ledger) detachSome(ctx context.Context, s *Scope, h Hint, shard int, hints []table.Row) error {
	_, err := l.retry(ctx, s, func() (Answer, error) {
		ids := make([]string, len(hints))
		for i, row := range hints {
			ids[i] = row.Key.SK()
		}
		contacts, err := l.contacts(ctx, s, ids)
		if err != nil {
			return Answer{}, err
		}
		w := newTransaction(s)
		n := int64(0)
		for _, id := range ids {
			c, ok := contacts[id]
			if !ok || !contains(c.derived(), h) || c.seat(h) != (seat{shard, id}) {
				continue // gone since; a deleted contact's hint goes with its purge, an absorbed one's with a reindex
			}
			after := c.record
			after.Contact = c.without(h)
			after.Stale = hintsWithout(after.Stale, []Hint{h})
			w.add(table.Put(after.toRow(s.Workspace), table.Unchanged(c.row)), table.Delete(seat{shard, id}.in(s.Workspace, h)))
			n++
		}
		if n == 0 {
			return Answer{}, nil
		}
		w.add(table.Add(h.countKey(s.Workspace, shard), -n))
		err = l.write(ctx, w)
		if errors.Is(err, errRaced) && len(hints) > 1 {
			for i := range hints {
				if err := l.detachSome(ctx, s, h, shard, hints[i:i+1]); err != nil {
					return Answer{}, err
				}
			}
			return Answer{}, nil
		}
		return Answer{}, err
	})
	return err
}

// without returns the contact without a counted value.
func (r *record) without(h Hint) contact.Contact {
	c := r.Contact
	if h.Index == IndexTag {
		return c.WithoutTag(h.Value)
	}
	if c.CompanyID == h.Value {
		c.CompanyID = ""
	}
	return c
}

// dropCount removes the count of a value that nobody carries.
func (l *Ledger) dropCount(ctx context.Context, s *Scope, h Hint, shard int) error {
	row, err := l.table.GetOne(ctx, h.countKey(s.Workspace, shard))
	if err != nil {
		return unavailable("reading a count", err)
	}
	if !row.Exists() || row.Count != 0 {
		return nil
	}
	err = l.table.Write(ctx, table.Delete(row.Key, table.Unchanged(row)))
	if _, raced := errors.AsType[*table.ConditionError](err); raced {
		return nil // whoever counts is not through: the next detach, or repair
	}
	if err != nil {
		return unavailable("removing a count", err)
	}
	return nil
}
