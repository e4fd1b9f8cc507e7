package ledger

import (
	"context"
	"math"
	"slices"

	"rubrica/shared/contact"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// Listing says which contacts, in order of creation.
type Listing struct {
	// Hints are indexes to list from, united; none is all contacts.
	Hints []Hint
	// Match keeps contacts; nil keeps all.
	Match func(*contact.Contact) bool
	// MatchIn keeps contacts by what the workspace's terms call what they carry; nil
	// keeps all. Names that the process has not met cost a round trip.
	MatchIn func(*contact.Contact, *contact.Terms) bool
	// After is the id to go on behind, exclusive; "" begins at the end that the
	// direction starts from.
	After      string
	Descending bool
	Limit      int
}

// maxExamined is how many contacts one call looks at before it returns what it
// has: a filter that keeps little answers with short pages, never late.
const maxExamined = 1000

// List returns a page of contacts and the After of the next one, "" at the end.
// Strongly consistent per contact; a contact that exists throughout is listed
// exactly once. One round trip for all contacts, two by hints, and more only
// where Match leaves many of them out: six rounds or so for a thousand of whom it
// keeps nobody.
func (l *Ledger) List(ctx context.Context, s *Scope, q Listing) (found []contact.Contact, next string, err error) {
	found = make([]contact.Contact, 0, q.Limit) // contacts are large; growing copies them
	var c stored
	for examined := 0; ; {
		need := lookAt(q.Limit-len(found), len(found), examined)
		ids, rows, frontier, err := l.merged(ctx, s, q, need)
		if err != nil {
			return nil, "", err
		}
		if len(q.Hints) > 0 {
			if len(ids) > need { // no more than can be shown
				ids, frontier = ids[:need], ids[need-1]
			}
			if rows, err = l.hinted(ctx, s, ids); err != nil {
				return nil, "", err
			}
		}
		match, err := l.matcher(ctx, s, &q, rows)
		if err != nil {
			return nil, "", err
		}
		for i, id := range ids {
			if len(found) == q.Limit {
				return found, ids[i-1], nil
			}
			examined++
			if !rows[i].Exists() {
				continue
			}
			if err := c.decode(*rows[i]); err != nil {
				return nil, "", err
			}
			if q.carries(&c.Contact) && s.sees(&c.Contact) && match(&c.Contact) {
				found = append(found, c.Contact)
			}
			q.After = id
		}
		switch {
		case frontier == "":
			return found, "", nil
		case len(found) == q.Limit || examined >= maxExamined:
			return found, frontier, nil
		}
		q.After = frontier
	}
}

// lookAt is how many contacts to look at next, to find as many as are missing: at
// the rate at which others were kept before, or if none was, many more each time,
// for rounds take longer than rows.
func lookAt(missing, kept, examined int) int {
	const least = 50
	var n int
	switch {
	case examined == 0:
		return missing
	case kept == 0:
		n = max(least, 2*examined)
	default:
		n = missing*examined/kept + 1
	}
	return max(missing, min(n, maxExamined-examined))
}

// matcher tells which of the rows' contacts the listing keeps, besides its hints.
func (l *Ledger) matcher(ctx context.Context, s *Scope, q *Listing, rows []*table.Row) (func(*contact.Contact) bool, error) {
	match := func(c *contact.Contact) bool { return q.Match == nil || q.Match(c) }
	if q.MatchIn == nil {
		return match, nil
	}
	all := make([]contact.Contact, 0, len(rows))
	var c stored
	for _, row := range rows {
		if !row.Exists() {
			continue
		}
		if err := c.decode(*row); err != nil {
			return nil, err
		}
		all = append(all, c.Contact)
	}
	terms, err := l.Terms(ctx, s, all...)
	return func(c *contact.Contact) bool { return match(c) && q.MatchIn(c, terms) }, err
}

// carries tells whether one of the listing's hints is still true of a contact.
func (q *Listing) carries(c *contact.Contact) bool {
	if len(q.Hints) == 0 {
		return true
	}
	rows := Rows(c)
	return slices.ContainsFunc(q.Hints, func(h Hint) bool { return contains(rows, h) })
}

// ranges are the queries that a page of the listing is merged from: one for each
// partition that has some of it.
func (q *Listing) ranges(ws tenant.Workspace, shards, need int) []table.Range {
	var of []table.Partition
	for _, h := range q.Hints {
		if id, ok := h.identity(); ok {
			of = append(of, identityIn(ws, id))
			continue
		}
		for shard := range shards {
			of = append(of, h.partition(ws, shard))
		}
	}
	if len(q.Hints) == 0 {
		for shard := range shards {
			of = append(of, contactsIn(ws, shard))
		}
	}
	ranges := make([]table.Range, len(of))
	limit := share(need+1, len(of))
	for i := range of {
		ranges[i] = table.Range{Of: of[i], After: q.After, Limit: limit, Descending: q.Descending}
		if q.After == "" || q.Descending {
			ranges[i].From = "0" // past the head of an identity
		}
	}
	return ranges
}

// WantList asks for the first round of a listing, as far as the workspace is
// known from its last request: a wrong guess costs a round trip, never a result.
func (l *Ledger) WantList(ws tenant.Workspace, q Listing) Want {
	return Want{Ranges: q.ranges(ws, l.Guess(ws).Shards, q.Limit)}
}

// merged reads one page of each partition, side by side, and merges them in
// order of ids. Beyond the frontier, "" if there is nothing more, some partition
// has not been read; what lies there is left for the next call.
func (l *Ledger) merged(ctx context.Context, s *Scope, q Listing, need int) (ids []string, rows []*table.Row, frontier string, err error) {
	pages, err := l.pages(ctx, s, q.ranges(s.Workspace, s.Settings.Shards, need))
	if err != nil {
		return nil, nil, "", err
	}
	for _, p := range pages {
		if p.Next != "" && (frontier == "" || q.before(p.Next, frontier)) {
			frontier = p.Next
		}
	}
	at := make([]int, len(pages))
	for {
		first := -1
		for i := range pages {
			if at[i] == len(pages[i].Rows) {
				continue
			}
			id := pages[i].Rows[at[i]].Key.SK()
			if len(ids) > 0 && id == ids[len(ids)-1] { // under two hints
				at[i]++
				if at[i] == len(pages[i].Rows) {
					continue
				}
				id = pages[i].Rows[at[i]].Key.SK()
			}
			if first < 0 || q.before(id, pages[first].Rows[at[first]].Key.SK()) {
				first = i
			}
		}
		if first < 0 {
			return ids, rows, frontier, nil
		}
		row := &pages[first].Rows[at[first]]
		if frontier != "" && q.before(frontier, row.Key.SK()) {
			return ids, rows, frontier, nil
		}
		ids, rows = append(ids, row.Key.SK()), append(rows, row)
		at[first]++
	}
}

// before tells whether a comes before b in the listing's direction.
func (q *Listing) before(a, b string) bool { return a != b && (a < b) != q.Descending }

// share is how many rows to read of each of n sources over which contacts are
// spread by chance, so that together they nearly always have need: the mean and
// more than five standard deviations.
func share(need, n int) int {
	if n == 1 {
		return need
	}
	mean := float64(need) / float64(n)
	return min(need, int(math.Ceil(mean+5*math.Sqrt(mean)))+2)
}

// hinted reads the contacts of ids in their order; absent ones are zero rows.
func (l *Ledger) hinted(ctx context.Context, s *Scope, ids []string) ([]*table.Row, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = ContactKey(s.Workspace, id)
	}
	got, err := l.get(ctx, s, keys...)
	rows := make([]*table.Row, len(got))
	for i := range got {
		rows[i] = &got[i]
	}
	return rows, err
}
