package audit

import (
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/instant"
	"rubrica/shared/ulid"
)

// View is an entry as the wire shows it.
type View struct {
	ID        string          `json:"id"`
	ContactID string          `json:"contactId,omitzero"`
	Version   int64           `json:"version,omitzero"`
	Action    Action          `json:"action"`
	Actor     Actor           `json:"actor"`
	At        instant.Instant `json:"at"`
	RequestID string          `json:"requestId,omitzero"`
	Changes   []ChangeView    `json:"changes"`
	Detail    jsontext.Value  `json:"detail,omitempty"`
}

// ChangeView is one member of an entry; from and to are absent when unset, and
// both when erased.
type ChangeView struct {
	Field  string         `json:"field"`
	From   jsontext.Value `json:"from,omitempty"`
	To     jsontext.Value `json:"to,omitempty"`
	Erased bool           `json:"erased,omitzero"`
}

// View shows the entry with the values that the keys open, and of the others only
// the names of the members.
func (e *Entry) View(keys Keys) View {
	v := View{ID: e.ID, Version: e.Version, Action: e.Action, Actor: e.Actor, At: e.At, RequestID: e.RequestID}
	if e.Aside {
		v.Version = 0
	}
	if e.OfContact() {
		v.ContactID = e.Subject
	}
	v.Changes, v.Detail, _ = e.open(keys)
	return v
}

// OfContact tells whether the entry's subject is a contact.
func (e *Entry) OfContact() bool { return ulid.Valid(e.Subject) }
