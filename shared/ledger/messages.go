package ledger

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"rubrica/shared/contact"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// Messages are what was written with a contact, MessagesApart what it wrote while
// it was blocked. Nothing is logged of them, and none is ever changed.
var (
	Messages      = ItemKind{Name: "message"}
	MessagesApart = ItemKind{Name: "message-apart"}
)

// messageKinds are those to read; apart says that all of them.
func messageKinds(apart bool) []ItemKind {
	if apart {
		return []ItemKind{Messages, MessagesApart}
	}
	return []ItemKind{Messages}
}

// WantMessages asks for a contact and a page of its messages.
func WantMessages(ws tenant.Workspace, ref contact.Ref, apart bool, after string, limit int) Want {
	w := WantContact(ws, ref)
	if ref.ID != "" {
		for _, kind := range messageKinds(apart) {
			w.Ranges = append(w.Ranges, itemRange(ws, ref.ID, kind, after, limit))
		}
	}
	return w
}

// Messages returns a page of a contact's messages behind the one with the id after,
// newest first, and the After of the next page, "" at the end. apart includes those
// that came while it was blocked: one more query, in the same round trip.
func (l *Ledger) Messages(ctx context.Context, s *Scope, ref contact.Ref, apart bool, after string, limit int) (items []Item, next string, err error) {
	c, err := l.resolve(ctx, s, ref)
	if err != nil {
		return nil, "", err
	}
	var ranges []table.Range
	for _, kind := range messageKinds(apart) {
		ranges = append(ranges, itemRange(s.Workspace, c.ID, kind, after, limit))
	}
	pages, err := l.pages(ctx, s, ranges)
	if err != nil {
		return nil, "", err
	}
	more := false
	frontier := "" // behind it some range was not read
	for _, page := range pages {
		for _, row := range page.Rows {
			i, err := openItem(row, &c)
			if err != nil {
				return nil, "", err
			}
			items = append(items, i)
		}
		if page.Next != "" {
			_, id, _ := strings.Cut(page.Next, "/")
			more, frontier = true, max(frontier, id)
		}
	}
	slices.SortFunc(items, func(a, b Item) int { return cmp.Compare(b.ID, a.ID) })
	items = slices.DeleteFunc(items, func(i Item) bool { return i.ID < frontier })
	if len(items) > limit {
		items, more = items[:limit], true
	}
	if more && len(items) > 0 {
		return items, items[len(items)-1].ID, nil
	}
	if more {
		return items, frontier, nil
	}
	return items, "", nil
}
