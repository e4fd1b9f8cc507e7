package ledger

import (
	"context"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// ItemKind is a kind of things that are kept with a contact in its history, such
// as its notes: many, each with an id of its own, gone with the contact.
type ItemKind struct {
	// Name begins the sort keys, and names one of them in a sentence.
	Name string
	// Added, Edited and Deleted are what the log says.
	Added, Edited, Deleted audit.Action
}

// Notes are what people write down about a contact (R1).
var Notes = ItemKind{Name: "note", Added: audit.NoteAdded, Edited: audit.NoteEdited, Deleted: audit.NoteDeleted}

// Item is one of them. Doc is a JSON object that its kind's own package reads; it
// is kept sealed with the contact's key, and so is gone when that is.
type Item struct {
	ID        string
	Author    audit.Actor
	CreatedAt instant.Instant
	UpdatedAt instant.Instant
	Doc       jsontext.Value
}

// itemRow is what an item's row holds.
type itemRow struct {
	Author    audit.Actor     `json:"author"`
	CreatedAt instant.Instant `json:"createdAt"`
	UpdatedAt instant.Instant `json:"updatedAt"`
	Sealed    string          `json:"sealed"`
}

const itemSchema = 1

func itemKey(ws tenant.Workspace, contactID string, kind ItemKind, id string) table.Key {
	return historyOf(ws, contactID).Row(kind.Name + "/" + id)
}

// isItem tells whether a key is an item's, of any kind.
func isItem(k table.Key) bool {
	kind, id, _ := strings.Cut(k.SK(), "/")
	return (kind == Notes.Name || kind == Messages.Name || kind == MessagesApart.Name) && ulid.Valid(id)
}

func itemPurpose(k table.Key) string { return "item/" + k.Partition().Parts()[1] + "/" + k.SK() }

// openItem reads an item's row with its contact's key, or that of an absorbed one.
func openItem(row table.Row, c *stored) (Item, error) {
	var r itemRow
	if err := decode(row, itemSchema, &r); err != nil {
		return Item{}, err
	}
	key := c.keyOf(row.Key.Partition().Parts()[1])
	doc, err := key.Open(r.Sealed, itemPurpose(row.Key))
	_, id, _ := strings.Cut(row.Key.SK(), "/")
	return Item{ID: id, Author: r.Author, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Doc: doc}, err
}

// toRow makes the item's row in the history of the contact, or of an absorbed one.
func (i *Item) toRow(key table.Key, c *stored) table.Row {
	of := c.keyOf(key.Partition().Parts()[1])
	return table.Row{Key: key, Schema: itemSchema, Doc: encode(itemRow{
		Author: i.Author, CreatedAt: i.CreatedAt, UpdatedAt: i.UpdatedAt, Sealed: of.Seal(i.Doc, itemPurpose(key)),
	})}
}

// WantItems asks for a contact and a page of its items.
func WantItems(ws tenant.Workspace, ref contact.Ref, kind ItemKind, after string, limit int) Want {
	w := WantContact(ws, ref)
	if ref.ID != "" {
		w.Ranges = append(w.Ranges, itemRange(ws, ref.ID, kind, after, limit))
	}
	return w
}

// WantItem asks for a contact and one of its items.
func WantItem(ws tenant.Workspace, ref contact.Ref, kind ItemKind, id string) Want {
	w := WantContact(ws, ref)
	if ref.ID != "" && ulid.Valid(id) {
		w.Keys = append(w.Keys, itemKey(ws, ref.ID, kind, id))
	}
	return w
}

func itemRange(ws tenant.Workspace, contactID string, kind ItemKind, after string, limit int) table.Range {
	r := table.Range{Of: historyOf(ws, contactID), Prefix: kind.Name + "/", Limit: limit, Descending: true}
	if after != "" {
		r.After = kind.Name + "/" + after
	}
	return r
}

// Items returns a page of a contact's items behind the one with the id after,
// newest first, and the After of the next page, "" at the end. What absorbed
// contacts have is read beside: one query more for each.
func (l *Ledger) Items(ctx context.Context, s *Scope, ref contact.Ref, kind ItemKind, after string, limit int) (items []Item, next string, err error) {
	return l.readItems(ctx, s, ref, []ItemKind{kind}, after, limit)
}

// readItems is Items of several kinds together.
func (l *Ledger) readItems(ctx context.Context, s *Scope, ref contact.Ref, kinds []ItemKind, after string, limit int) (items []Item, next string, err error) {
	c, err := l.resolve(ctx, s, ref)
	if err != nil {
		return nil, "", err
	}
	var ranges []table.Range
	for _, id := range lineage(&c.Contact) {
		for _, kind := range kinds {
			ranges = append(ranges, itemRange(s.Workspace, id, kind, after, limit))
		}
	}
	pages, err := l.pages(ctx, s, ranges)
	if err != nil {
		return nil, "", err
	}
	var rows []table.Row
	for _, page := range pages {
		rows = append(rows, page.Rows...)
		if page.Next != "" {
			next = max(next, itemID(page.Next)) // behind it something was not read
		}
	}
	rows = slices.DeleteFunc(rows, func(row table.Row) bool { return itemID(row.Key.SK()) < next })
	slices.SortFunc(rows, func(a, b table.Row) int { return strings.Compare(itemID(b.Key.SK()), itemID(a.Key.SK())) })
	if len(rows) > limit {
		rows = rows[:limit]
		next = itemID(rows[limit-1].Key.SK())
	}
	for _, row := range rows {
		i, err := openItem(row, &c)
		if err != nil {
			return nil, "", err
		}
		items = append(items, i)
	}
	return items, next, nil
}

// itemID is the id in an item's sort key.
func itemID(sk string) string {
	_, id, _ := strings.Cut(sk, "/")
	return id
}

// AddItem keeps a new item with a contact. Six units; two round trips.
func (l *Ledger) AddItem(ctx context.Context, s *Scope, ref contact.Ref, match IfMatch, kind ItemKind, doc jsontext.Value, answer func(contactID string, i Item) Answer) (Answer, error) {
	return l.withItem(ctx, s, ref, match, func(c *stored) (Answer, []table.Action, audit.Action, string, error) {
		now := instant.Of(l.now())
		i := Item{ID: l.ids.New(), Author: s.Actor, CreatedAt: now, UpdatedAt: now, Doc: doc}
		return answer(c.ID, i), []table.Action{table.Put(i.toRow(itemKey(s.Workspace, c.ID, kind, i.ID), c), table.Absent())}, kind.Added, i.ID, nil
	})
}

// UpdateItem changes an item. apply is pure: it is given what is kept, and returns
// what shall be; its error is the caller's answer. Nothing is written where both
// are the same.
func (l *Ledger) UpdateItem(ctx context.Context, s *Scope, ref contact.Ref, match IfMatch, kind ItemKind, id string,
	apply func(Item) (jsontext.Value, error), answer func(contactID string, i Item) Answer,
) (Answer, error) {
	return l.withItem(ctx, s, ref, match, func(c *stored) (a Answer, actions []table.Action, action audit.Action, itemID string, err error) {
		before, row, err := l.item(ctx, s, c, kind, id)
		if err != nil {
			return a, nil, "", "", err
		}
		after := before
		if after.Doc, err = apply(before); err != nil {
			return a, nil, "", "", err
		}
		if string(after.Doc) == string(before.Doc) {
			return answer(c.ID, before), nil, "", "", nil
		}
		after.UpdatedAt = max(instant.Of(l.now()), before.UpdatedAt)
		return answer(c.ID, after), []table.Action{table.Put(after.toRow(row.Key, c), table.Unchanged(row))}, kind.Edited, id, nil
	})
}

// DeleteItem removes an item; may says whether the caller may.
func (l *Ledger) DeleteItem(ctx context.Context, s *Scope, ref contact.Ref, match IfMatch, kind ItemKind, id string, may func(Item) error, answer Answer) (Answer, error) {
	return l.withItem(ctx, s, ref, match, func(c *stored) (a Answer, actions []table.Action, action audit.Action, itemID string, err error) {
		i, row, err := l.item(ctx, s, c, kind, id)
		if err == nil {
			err = may(i)
		}
		return answer, []table.Action{table.Delete(row.Key, table.Unchanged(row))}, kind.Deleted, id, err
	})
}

// item reads one item of a contact.
func (l *Ledger) item(ctx context.Context, s *Scope, c *stored, kind ItemKind, id string) (Item, table.Row, error) {
	if !ulid.Valid(id) {
		return Item{}, table.Row{}, NoItem(kind)
	}
	var keys []table.Key
	for _, owner := range lineage(&c.Contact) {
		keys = append(keys, itemKey(s.Workspace, owner, kind, id))
	}
	rows, err := l.get(ctx, s, keys...)
	if err != nil {
		return Item{}, table.Row{}, err
	}
	for _, row := range rows {
		if row.Exists() {
			i, err := openItem(row, c)
			return i, row, err
		}
	}
	return Item{}, table.Row{}, NoItem(kind)
}

// NoItem is the refusal of an id that no item of the contact has.
func NoItem(kind ItemKind) error {
	return problem.New(problem.NotFound, "The contact has no %s with this id.", kind.Name)
}

// withItem finds the contact and commits what change makes of its items: only if
// the contact is still there, with a change record that raises no version.
func (l *Ledger) withItem(ctx context.Context, s *Scope, ref contact.Ref, match IfMatch,
	change func(*stored) (Answer, []table.Action, audit.Action, string, error),
) (Answer, error) {
	return l.retry(ctx, s, func() (Answer, error) {
		c, err := l.resolve(ctx, s, ref)
		if err != nil {
			return Answer{}, err
		}
		answer, actions, action, id, err := change(&c)
		if err != nil {
			return Answer{}, err
		}
		if !match.Allows(c.Version) {
			return Answer{}, stale()
		}
		if len(actions) == 0 {
			return l.keepOnly(ctx, s, answer, c.sealers())
		}
		record, err := l.aside(s, c.ID, c.Version, c.Key, action, map[string]any{"id": id})
		if err != nil {
			return Answer{}, err
		}
		w := newTransaction(s)
		w.add(table.Check(c.row.Key, table.Exists()))
		w.add(actions...)
		w.add(record)
		w.keep(answer, c.sealers(), l.now())
		return answer, l.write(ctx, w)
	})
}
