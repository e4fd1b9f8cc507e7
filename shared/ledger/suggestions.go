package ledger

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"rubrica/shared/contact"
	"rubrica/shared/problem"
	"rubrica/shared/suggest"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// A value that two contacts hold has a row, so that those of a workspace can be
// listed: under a digest of it, with the value itself sealed by the workspace's
// key. The row is a hint, kept by refreshes (suggestrefresh.go); who holds the
// value is read from the contacts whenever it matters. It says besides for which
// contacts the value was dismissed.
type suggestionRow struct {
	// Sealed is the kind and the canonical value.
	Sealed    string            `json:"sealed"`
	Dismissed suggest.Dismissed `json:"dismissed,omitempty"`
}

const suggestionSchema = 1

func suggestionsIn(ws tenant.Workspace) table.Partition { return table.In(ws, "suggestions") }

func suggestionKey(ws tenant.Workspace, digest string) table.Key {
	return suggestionsIn(ws).Row(digest)
}

// digestOf names a value without telling it: nobody finds it by trying who has not
// the workspace's key.
func digestOf(s *Scope, value contact.Identity) string {
	h := hmac.New(sha256.New, s.Settings.Key[:])
	h.Write([]byte("suggestion/" + string(value.Kind) + ":" + value.Value))
	return hex.EncodeToString(h.Sum(nil)[:digestBytes])
}

const digestBytes = 16

func suggestionPurpose(digest string) string { return "suggestion/" + digest }

// toRow makes the row of a value.
func (d *suggestionRow) toRow(s *Scope, value contact.Identity) table.Row {
	digest := digestOf(s, value)
	d.Sealed = s.Settings.Key.Seal([]byte(string(value.Kind)+":"+value.Value), suggestionPurpose(digest))
	return table.Row{Key: suggestionKey(s.Workspace, digest), Schema: suggestionSchema, Doc: encode(d)}
}

// readSuggestion reads the row of a value; value is the zero Identity if there is
// no row.
func readSuggestion(s *Scope, row table.Row) (d suggestionRow, value contact.Identity, err error) {
	if !row.Exists() {
		return d, value, nil
	}
	if err := decode(row, suggestionSchema, &d); err != nil {
		return d, value, err
	}
	plain, err := s.Settings.Key.Open(d.Sealed, suggestionPurpose(row.Key.SK()))
	if err != nil {
		return d, value, err
	}
	kind, text, _ := strings.Cut(string(plain), ":")
	return d, contact.Identity{Kind: contact.IdentityKind(kind), Value: text}, nil
}

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

// WantSuggestion asks for what leads to a suggestion.
func WantSuggestion(ws tenant.Workspace, id string) (w Want) {
	if contactID, _, ok := suggestionID(id); ok {
		w.Keys = append(w.Keys, ContactKey(ws, contactID))
	}
	return w
}

func suggestionID(id string) (contactID, digest string, ok bool) {
	contactID, digest, _ = strings.Cut(id, "-")
	return contactID, digest, ulid.Valid(contactID) && len(digest) == hex.EncodedLen(digestBytes)
}

func noSuggestion() error { return problem.New(problem.NotFound, "There is no such suggestion.") }

// DismissSuggestion takes a suggestion out of all lists, until another contact, or
// another value, makes a new one of it: what is kept is for which contacts each
// value was dismissed. Four round trips; two units for each value and two besides,
// for up to 200 contacts. problem.NotFound if the contact that it is named by does
// not hold the value any more, or nobody else does, or it was dismissed before.
func (l *Ledger) DismissSuggestion(ctx context.Context, s *Scope, id string, match IfMatch, answer Answer) (Answer, error) {
	contactID, digest, ok := suggestionID(id)
	if !ok {
		return Answer{}, noSuggestion()
	}
	return l.retry(ctx, s, func() (Answer, error) {
		c, err := l.resolve(ctx, s, contact.ByID(contactID))
		if problem.Is(err, problem.NotFound) || problem.Is(err, problem.Gone) {
			err = noSuggestion()
		}
		if err != nil {
			return Answer{}, err
		}
		all, err := l.suggestionsOf(ctx, s, &c.Contact)
		if err != nil {
			return Answer{}, err
		}
		i := slices.IndexFunc(all, func(g Suggestion) bool {
			return slices.ContainsFunc(g.parts, func(p sharing) bool { return p.digest == digest })
		})
		switch {
		case i < 0:
			return Answer{}, noSuggestion()
		case !match.Allows(0): // it has no versions: only * is meant
			return Answer{}, problem.New(problem.Stale, "A suggestion has no versions; leave If-Match out, or send *.")
		}
		w := newTransaction(s)
		w.keep(answer, "", s.Settings.Key, l.now())
		// While this contact holds the values, somebody comes by to remove their
		// rows when nobody does.
		w.add(table.Check(c.row.Key, table.Unchanged(c.row)))
		ids := all[i].IDs()
		for _, p := range all[i].parts {
			p.doc.Dismissed = p.doc.Dismissed.With(ids)
			w.add(table.Put(p.doc.toRow(s, p.Value), table.Unchanged(p.row)))
		}
		return answer, l.write(ctx, w)
	})
}
