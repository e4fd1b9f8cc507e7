package ledger

import (
	"slices"

	"rubrica/shared/contact"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/workspace"
)

// Want is what a request is known to read from its path and body alone. Reading
// it together with the caller's token and the settings saves a round trip.
type Want struct {
	Keys   []table.Key
	Ranges []table.Range
}

// WantContact asks for a contact's row, or for who holds an identity.
func WantContact(ws tenant.Workspace, ref contact.Ref) Want {
	if ref.ID != "" {
		return Want{Keys: []table.Key{ContactKey(ws, ref.ID)}}
	}
	return WantIdentities(ws, ref.Identity)
}

// WantIdentities asks for who holds identities, and for their heads.
func WantIdentities(ws tenant.Workspace, ids ...contact.Identity) Want {
	var w Want
	seen := map[contact.Identity]bool{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			w.Ranges = append(w.Ranges, holdersRange(ws, id))
		}
	}
	return w
}

// WantUnique asks for the holders of those identities that nobody else may have,
// as far as the workspace is known from its last request: a wrong guess costs a
// round trip or a query, never a result.
func (l *Ledger) WantUnique(ws tenant.Workspace, ids ...contact.Identity) Want {
	rejects := l.Guess(ws).Duplicates == workspace.Reject
	unique := slices.DeleteFunc(slices.Clone(ids), func(id contact.Identity) bool {
		return !rejects && id.Kind != contact.ByExternal
	})
	return WantIdentities(ws, unique...)
}

// Plus wants both, nothing twice.
func (w Want) Plus(o Want) Want {
	for _, k := range o.Keys {
		w.Keys = appendNew(w.Keys, k)
	}
	for _, r := range o.Ranges {
		if !slices.Contains(w.Ranges, r) {
			w.Ranges = append(w.Ranges, r)
		}
	}
	return w
}

// ahead is what has been read before it was asked for. Each piece is handed out
// once: a second attempt reads afresh.
type ahead struct {
	rows  map[table.Key]table.Row
	pages map[table.Range]table.Page
}

func appendNew(keys []table.Key, k table.Key) []table.Key {
	for _, x := range keys {
		if x == k {
			return keys
		}
	}
	return append(keys, k)
}
