package ledger

import (
	"context"

	"rubrica/shared/contact"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// Some indexes are counted: how many contacts carry a value is kept beside their
// hints, in a row for each shard, by the transactions that write the hints. A
// hint is stored if and only if it is counted in the same partition, also while it is a
// stale one that waits to be removed, or is under the id of an absorbed contact.

// counted tells whether the hint's index is.
func (h Hint) counted() bool { return h.Index == IndexTag || h.Index == IndexCompany }

// definition names the row of what a counted value is: the tag, the company.
func (h Hint) definition(ws tenant.Workspace) table.Key {
	if h.Index == IndexCompany {
		return companyKey(ws, h.Value)
	}
	return tagKey(ws, h.Value)
}

// defined tells whether a value's definition is there, by its row.
func (h Hint) defined(row table.Row) (bool, error) {
	if h.Index == IndexCompany {
		return row.Exists(), nil
	}
	t, err := decodeTag(row)
	return t.exists(), err
}

// countKey names the row that counts a value's hints in one shard.
func (h Hint) countKey(ws tenant.Workspace, shard int) table.Key {
	return h.partition(ws, shard).Row(alone)
}

// actions is how many a hint takes, to be put or to be removed.
func (h Hint) actions() int {
	if h.counted() {
		return 2
	}
	return 1
}

// countKeys are the rows that count a value's hints. Their sum is how many contacts
// carry it: exact, but for contacts that were just deleted, which count until
// they are purged.
func countKeys(ws tenant.Workspace, shards int, h Hint) []table.Key {
	keys := make([]table.Key, shards)
	for shard := range keys {
		keys[shard] = h.countKey(ws, shard)
	}
	return keys
}

func sum(counts []table.Row) (n int64) {
	for _, row := range counts {
		n += row.Count
	}
	return n
}

// seen returns how many of the contacts that the caller sees carry each value of
// an index: for callers who see only those assigned to them, whose numbers the
// counts are not. It reads all of these, a hundred at two round trips.
func (l *Ledger) seen(ctx context.Context, s *Scope, index Index) (map[string]int64, error) {
	counts := map[string]int64{}
	q := Listing{Hints: []Hint{{IndexOwner, s.Assigned}, {IndexFollower, s.Assigned}}, Limit: table.MaxGet, Descending: true}
	for {
		found, next, err := l.List(ctx, s, q)
		if err != nil {
			return nil, err
		}
		for i := range found {
			for _, h := range countedOf(&found[i]) {
				if h.Index == index {
					counts[h.Value]++
				}
			}
		}
		if next == "" {
			return counts, nil
		}
		q.After = next
	}
}

// countedOf are the counted hints of a contact.
func countedOf(c *contact.Contact) []Hint {
	hints := make([]Hint, 0, len(c.Tags)+1)
	for _, id := range c.Tags {
		hints = append(hints, Hint{IndexTag, id})
	}
	if c.CompanyID != "" {
		hints = append(hints, Hint{IndexCompany, c.CompanyID})
	}
	return hints
}
