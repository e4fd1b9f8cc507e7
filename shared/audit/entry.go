// Package audit is the log of changes: what an entry is, how its values are kept
// so that erasing a person erases them here too, and the append-only table it is
// kept in.
//
// Entries are not made here: the ledger derives one from every difference that
// it commits, as a change record in the same transaction; consume copies it
// into the Log, where it stays unaltered.
package audit

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/object"
	"rubrica/shared/seal"
)

// Action says what kind of change it is (api.md, "Audit entry").
type Action string

// The actions of contacts, workspaces and tokens.
const (
	ContactCreated  Action = "contact.created"
	ContactUpdated  Action = "contact.updated"
	ContactDeleted  Action = "contact.deleted"
	ContactAssigned Action = "contact.assigned"
	ContactTagged   Action = "contact.tagged"
	ContactUntagged Action = "contact.untagged"

	TagCreated Action = "tag.created"
	TagUpdated Action = "tag.updated"
	TagDeleted Action = "tag.deleted"

	CompanyCreated Action = "company.created"
	CompanyUpdated Action = "company.updated"
	CompanyDeleted Action = "company.deleted"

	ContactMerged         Action = "contact.merged"
	ContactUnmerged       Action = "contact.unmerged"
	ContactBlocked        Action = "contact.blocked"
	ContactUnblocked      Action = "contact.unblocked"
	ContactDNDChanged     Action = "contact.dnd_changed"
	ContactValidated      Action = "contact.validated"
	ContactLocked         Action = "contact.locked"
	ContactLockRemoved    Action = "contact.lock_removed"
	ContactChannelRemoved Action = "contact.channel_removed"
	NoteAdded             Action = "contact.note_added"
	NoteEdited            Action = "contact.note_edited"
	NoteDeleted           Action = "contact.note_deleted"

	WorkspaceCreated   Action = "workspace.created"
	WorkspaceUpdated   Action = "workspace.updated"
	WorkspaceSuspended Action = "workspace.suspended"
	WorkspaceResumed   Action = "workspace.resumed"
	WorkspaceClosed    Action = "workspace.closed"
	TokenCreated       Action = "token.created"
	TokenDeleted       Action = "token.deleted"

	ChannelCreated Action = "channel.created"
	ChannelUpdated Action = "channel.updated"
	ChannelDeleted Action = "channel.deleted"
	JobStarted     Action = "job.started"
	JobConfirmed   Action = "job.confirmed"
	JobCancelled   Action = "job.cancelled"
	JobRetried     Action = "job.retried"
	JobFinished    Action = "job.finished"
	JobFailed      Action = "job.failed"

	FieldCreated  Action = "field.created"
	FieldUpdated  Action = "field.updated"
	FieldDeleted  Action = "field.deleted"
	FolderCreated Action = "folder.created"
	FolderUpdated Action = "folder.updated"
	FolderDeleted Action = "folder.deleted"
)

// Known tells whether it is an action that entries can have.
func (a Action) Known() bool {
	switch a {
	case ContactCreated, ContactUpdated, ContactDeleted, ContactAssigned, ContactTagged, ContactUntagged,
		ContactMerged, ContactUnmerged,
		ContactBlocked, ContactUnblocked, ContactDNDChanged,
		ContactValidated, ContactLocked, ContactLockRemoved, ContactChannelRemoved, NoteAdded, NoteEdited, NoteDeleted,
		TagCreated, TagUpdated, TagDeleted, CompanyCreated, CompanyUpdated, CompanyDeleted,
		WorkspaceCreated, WorkspaceUpdated, WorkspaceSuspended, WorkspaceResumed, WorkspaceClosed, TokenCreated, TokenDeleted,
		ChannelCreated, ChannelUpdated, ChannelDeleted,
		FieldCreated, FieldUpdated, FieldDeleted, FolderCreated, FolderUpdated, FolderDeleted,
		JobStarted, JobConfirmed, JobCancelled, JobRetried, JobFinished, JobFailed:
		return true
	}
	return false
}

// Actor is who did it.
type Actor struct {
	Type       ActorType `json:"type"`
	ID         string    `json:"id"`
	OnBehalfOf string    `json:"onBehalfOf,omitzero"`
}

// ActorType is what an Actor is.
type ActorType string

// The types of actors.
const (
	User        ActorType = "user"
	Integration ActorType = "integration"
	Job         ActorType = "job"
	System      ActorType = "system"
)

// Entry is one operation's effect on one subject. The change record and the
// log's entry are the same Entry; it is written once and never changed.
type Entry struct {
	// ID is a ULID of its own; the workspace's log is in its order.
	ID string `json:"id"`
	// Subject is the contact's id, or what is no contact: "workspace", "token:…".
	Subject string `json:"subject"`
	// Version is the subject's after the change; a gap proves a loss.
	Version int64 `json:"version"`
	// Aside says that the change raised no version, such as a note: Version is the
	// one beside which it stands, and not shown.
	Aside     bool            `json:"aside,omitzero"`
	Action    Action          `json:"action"`
	Actor     Actor           `json:"actor"`
	At        instant.Instant `json:"at"`
	RequestID string          `json:"requestId"`
	// Members are the names of what changed; they outlive the values.
	Members []string `json:"members,omitempty"`
	// Sealed has the Values, under the key of the contact (of the workspace,
	// where the subject is none), and is erased with it. "" if there are none.
	Sealed string `json:"sealed,omitempty"`
}

// Values are what an Entry keeps sealed.
type Values struct {
	Changes []contact.Change `json:"changes,omitempty"`
	Detail  map[string]any   `json:"detail,omitempty"`
}

// purpose binds sealed values to the entry they are of, and to the members whose
// names stand beside them.
func (e *Entry) purpose() string {
	return "change/" + e.Subject + "/" + e.ID + "/" + strings.Join(e.Members, ",")
}

// packed are Values as they come out again. A change is what it changed to, and
// from where there was something, in the order of the entry's Members: their
// names a second time would take a usual contact's creation beyond the kilobyte
// that one write unit pays for.
type packed struct {
	Changes [][]jsontext.Value `json:"c,omitempty"`
	Detail  jsontext.Value     `json:"d,omitempty"`
}

// Seal puts the values in and notes the names of their members. It fails only
// on a Detail that is not JSON.
func (e *Entry) Seal(v Values, key seal.Key) error {
	e.Members = make([]string, 0, len(v.Changes))
	if len(v.Changes) == 0 && len(v.Detail) == 0 {
		return nil
	}
	for _, c := range v.Changes {
		e.Members = append(e.Members, c.Field)
	}
	plain, err := v.pack(make([]byte, 0, 256))
	if err != nil {
		return err
	}
	e.Sealed = key.Seal(plain, e.purpose())
	return nil
}

// pack appends what packed reads.
func (v *Values) pack(b []byte) (_ []byte, err error) {
	w := object.Writer{Bytes: b}
	w.Open()
	if len(v.Changes) > 0 {
		w.Name("c")
		w.Bytes = append(w.Bytes, '[')
		for i, c := range v.Changes {
			if i > 0 {
				w.Bytes = append(w.Bytes, ',')
			}
			if w.Bytes, err = appendValue(append(w.Bytes, '['), c.To); err != nil {
				return nil, err
			}
			if c.From != nil {
				if w.Bytes, err = appendValue(append(w.Bytes, ','), c.From); err != nil {
					return nil, err
				}
			}
			w.Bytes = append(w.Bytes, ']')
		}
		w.Bytes = append(w.Bytes, ']')
	}
	if len(v.Detail) > 0 {
		w.Name("d")
		if w.Bytes, err = appendValue(w.Bytes, v.Detail); err != nil {
			return nil, err
		}
	}
	w.Close()
	return w.Bytes, nil
}

// appendValue appends a value as JSON; nearly all are strings.
func appendValue(b []byte, value any) ([]byte, error) {
	if s, ok := value.(string); ok {
		return object.AppendText(b, s), nil
	}
	encoded, err := json.Marshal(value)
	return append(b, encoded...), err
}

// opened are Values as they come out again: what was sealed stays JSON.
type opened struct {
	Changes []openedChange
	Detail  jsontext.Value
}

type openedChange struct {
	Field    string
	From, To jsontext.Value // nil if there was none
}

// open returns the values; ok is false once they are erased: the key is zero,
// or another.
func (e *Entry) open(key seal.Key) (v opened, ok bool) {
	if e.Sealed == "" {
		return v, len(e.Members) == 0
	}
	plain, err := key.Open(e.Sealed, e.purpose())
	if err != nil {
		return opened{}, false
	}
	var p packed
	if json.Unmarshal(plain, &p) != nil || len(p.Changes) != len(e.Members) {
		return opened{}, false
	}
	v.Detail, v.Changes = p.Detail, make([]openedChange, len(p.Changes))
	for i, change := range p.Changes {
		v.Changes[i] = openedChange{Field: e.Members[i], To: at(change, 0), From: at(change, 1)}
	}
	return v, true
}

// at is the i-th value, nil if there is none.
func at(values []jsontext.Value, i int) jsontext.Value {
	if i >= len(values) || values[i].Kind() == 'n' {
		return nil
	}
	return values[i]
}
