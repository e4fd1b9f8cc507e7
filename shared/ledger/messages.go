package ledger

import (
	"context"

	"rubrica/shared/contact"
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
	return l.readItems(ctx, s, ref, messageKinds(apart), after, limit)
}
