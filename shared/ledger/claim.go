package ledger

import (
	"context"
	"maps"

	"rubrica/shared/contact"
	"rubrica/shared/table"
	"rubrica/shared/workspace"
)

// claim returns the head rows to put for identities that the contact gets and
// that nobody else may have: every external id, every identity under the policy
// reject, and those that an upsert claims. It refuses one that another has.
func (l *Ledger) claim(ctx context.Context, s *Scope, self string, added []Hint, u uniqueness) ([]table.Row, error) {
	var heads []contact.Identity // to put
	var unique []contact.Identity
	for _, h := range added {
		id, ok := h.identity()
		if !ok {
			continue
		}
		exclusive := id.Kind == contact.ByExternal || s.Settings.Duplicates == workspace.Reject
		if exclusive {
			unique = append(unique, id)
		}
		if exclusive || containsIdentity(u.claim, id) {
			heads = append(heads, id)
		}
	}
	var unknown []contact.Identity
	for _, id := range heads {
		if _, ok := u.known[id]; !ok {
			unknown = append(unknown, id)
		}
	}
	held := u.known
	if len(unknown) > 0 {
		more, err := l.holders(ctx, s, unknown...)
		if err != nil {
			return nil, err
		}
		held = maps.Clone(u.known)
		if held == nil {
			held = more
		}
		maps.Copy(held, more)
	}
	for _, id := range unique {
		for i := range held[id].by {
			if other := &held[id].by[i].Contact; other.ID != self {
				return nil, duplicate(s, other).About(id.Member())
			}
		}
	}
	rows := make([]table.Row, len(heads))
	for i, id := range heads {
		rows[i] = held[id].head
		rows[i].Key = headKey(s.Workspace, id)
	}
	return rows, nil
}

func containsIdentity(ids []contact.Identity, id contact.Identity) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}
