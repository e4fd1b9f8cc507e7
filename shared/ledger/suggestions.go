package ledger

import (
	"cmp"
	"context"
	"slices"

	"rubrica/shared/contact"
	"rubrica/shared/suggest"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// sharing is a value, who holds it as far as suggestions go, and its row.
type sharing struct {
	suggest.Held
	digest string
	doc    suggestionRow
	row    table.Row
}

// sharings reads who holds values, in two round trips however many there are.
func (l *Ledger) sharings(ctx context.Context, s *Scope, values []contact.Identity) ([]sharing, error) {
	if len(values) == 0 {
		return nil, nil
	}
	all := make([]sharing, len(values))
	keys := make([]table.Key, len(values))
	for i, v := range values {
		all[i].Value, all[i].digest = v, digestOf(s, v)
		keys[i] = suggestionKey(s.Workspace, all[i].digest)
	}
	rows, err := l.readBeside(ctx, s, keys, WantIdentities(s.Workspace, values...).Ranges)
	if err != nil {
		return nil, err
	}
	held, err := l.holders(ctx, s, values...)
	if err != nil {
		return nil, err
	}
	for i := range all {
		x := &all[i]
		by := held[x.Value].by
		for j := range by {
			if c := &by[j].Contact; !c.IsBlocked() && s.sees(c) {
				x.By = append(x.By, c)
			}
		}
		if x.row = rows[i]; x.row.Exists() {
			if x.doc, _, err = readSuggestion(s, x.row); err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(all, func(a, b sharing) int { return cmp.Compare(a.digest, b.digest) })
	return all, nil
}

// readBeside reads rows, and ahead of whoever asks for them pages of ranges, in one
// round trip unless the rows are more than a read takes.
func (l *Ledger) readBeside(ctx context.Context, s *Scope, keys []table.Key, ranges []table.Range) ([]table.Row, error) {
	first := keys[:min(len(keys), table.MaxGet)]
	rows, pages, err := l.table.Read(ctx, first, ranges)
	if err != nil {
		return nil, unavailable("reading who shares values", err)
	}
	if s.ahead.pages == nil {
		s.ahead.pages = make(map[table.Range]table.Page, len(ranges))
	}
	for i, r := range ranges {
		s.ahead.pages[r] = pages[i]
	}
	if len(keys) == len(first) {
		return rows, nil
	}
	more, err := l.read(ctx, keys[len(first):]...)
	return append(rows, more...), err
}

// Suggestion are contacts that may be one person, as a caller sees them.
type Suggestion struct {
	suggest.Suggestion
	// ID is that of the oldest contact and the first value's digest: it stays while
	// these two do, and leads to the suggestion whatever is stored.
	ID    string
	parts []sharing // of its values, in their order
}

// group makes suggestions of who holds what, dismissed ones included, in the order
// of the digests of their first values.
func group(all []sharing) []Suggestion {
	held := make([]suggest.Held, len(all))
	at := make(map[contact.Identity]int, len(all))
	for i := range all {
		held[i], at[all[i].Value] = all[i].Held, i
	}
	var found []Suggestion
	for _, g := range suggest.Group(held) {
		made := Suggestion{Suggestion: g}
		for _, v := range g.Values {
			made.parts = append(made.parts, all[at[v]])
		}
		made.ID = g.By[0].ID + "-" + made.first()
		found = append(found, made)
	}
	return found
}

// first is the digest of the suggestion's first value.
func (g *Suggestion) first() string { return g.parts[0].digest }

// dismissed tells whether there is nothing new since it was dismissed.
func (g *Suggestion) dismissed() bool {
	ids := g.IDs()
	return !slices.ContainsFunc(g.parts, func(p sharing) bool { return !p.doc.Dismissed.Covers(ids) })
}

// about tells whether the suggestion is of a contact.
func (g *Suggestion) about(id string) bool { return slices.Contains(g.IDs(), id) }

// suggestionsOf finds the suggestions of a contact that are not dismissed.
func (l *Ledger) suggestionsOf(ctx context.Context, s *Scope, c *contact.Contact) ([]Suggestion, error) {
	all, err := l.sharings(ctx, s, suggest.Values(c))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(group(all), func(g Suggestion) bool { return !g.about(c.ID) || g.dismissed() }), nil
}

// ContactSuggestions returns a page of the suggestions of a contact, behind the
// one with the mark after, and the mark of the next page, "" at the end. Strongly
// consistent. Two round trips more than finding the contact.
func (l *Ledger) ContactSuggestions(ctx context.Context, s *Scope, ref contact.Ref, after string, limit int) (page []Suggestion, next string, err error) {
	c, err := l.Find(ctx, s, ref)
	if err != nil {
		return nil, "", err
	}
	all, err := l.suggestionsOf(ctx, s, c)
	if err != nil {
		return nil, "", err
	}
	all = slices.DeleteFunc(all, func(g Suggestion) bool { return g.first() <= after })
	if len(all) > limit {
		return all[:limit], all[limit-1].first(), nil
	}
	return all, "", nil
}

// WantSuggestions asks for a page of the workspace's suggestions.
func WantSuggestions(ws tenant.Workspace, after string, limit int) Want {
	return Want{Ranges: []table.Range{suggestionsRange(ws, after, limit)}}
}

func suggestionsRange(ws tenant.Workspace, after string, limit int) table.Range {
	return table.Range{Of: suggestionsIn(ws), After: after, Limit: limit}
}

// maxShared is how many values one call looks at before it returns what it has.
const maxShared = 300

// Suggestions returns a page of the workspace's suggestions, in an order that says
// nothing and stays, and the After of the next page, "" at the end. What is listed
// is true; what came about in the last seconds may be missing. Five round trips,
// and more only where most are dismissed, or of contacts that the caller does not
// see: then a page may be short as well.
func (l *Ledger) Suggestions(ctx context.Context, s *Scope, after string, limit int) (page []Suggestion, next string, err error) {
	for examined := 0; ; {
		pages, err := l.pages(ctx, s, []table.Range{suggestionsRange(s.Workspace, after, limit-len(page))})
		if err != nil {
			return nil, "", err
		}
		found, err := l.suggestionsAt(ctx, s, pages[0].Rows)
		if err != nil {
			return nil, "", err
		}
		page = append(page, found...)
		examined += len(pages[0].Rows)
		if after = pages[0].Next; after == "" || len(page) == limit || examined >= maxShared {
			return page, after, nil
		}
	}
}

// suggestionsAt finds the suggestions of which rows hold the first value: each
// stands at one row alone.
func (l *Ledger) suggestionsAt(ctx context.Context, s *Scope, rows []table.Row) (found []Suggestion, err error) {
	values := make([]contact.Identity, len(rows))
	for i, row := range rows {
		if _, values[i], err = readSuggestion(s, row); err != nil {
			return nil, err
		}
	}
	here, err := l.sharings(ctx, s, values)
	if err != nil {
		return nil, err
	}
	// What else do they share? Whoever holds all of it, any of them will do.
	known := make(map[contact.Identity]sharing, len(here))
	for _, x := range here {
		known[x.Value] = x
	}
	var others []contact.Identity
	for _, x := range here {
		if len(x.By) < 2 {
			continue
		}
		for _, v := range suggest.Values(x.By[0]) {
			if _, ok := known[v]; !ok {
				known[v] = sharing{}
				others = append(others, v)
			}
		}
	}
	more, err := l.sharings(ctx, s, others)
	if err != nil {
		return nil, err
	}
	for _, x := range more {
		known[x.Value] = x
	}
	for _, x := range here {
		if len(x.By) < 2 {
			continue
		}
		var all []sharing
		for _, v := range suggest.Values(x.By[0]) {
			all = append(all, known[v])
		}
		slices.SortFunc(all, func(a, b sharing) int { return cmp.Compare(a.digest, b.digest) })
		for _, g := range group(all) {
			if g.first() == x.digest && !g.dismissed() {
				found = append(found, g)
			}
		}
	}
	return found, nil
}
