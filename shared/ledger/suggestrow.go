package ledger

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"rubrica/shared/contact"
	"rubrica/shared/suggest"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
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
