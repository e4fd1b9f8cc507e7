// Package audit is the log of changes: what an entry is, how its values are kept
// so that erasing a person erases them here too, and the append-only table it is
// kept in.
//
// Entries are not made here: the ledger derives one from every difference that
// it commits, as a change record in the same transaction; consume copies it
// into the Log, where it stays unaltered.
package audit

import "rubrica/shared/instant"

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
	// Shared has those of the changes in which values of other contacts may be: of
	// Others, which were one with the subject. It is under the key of the subject and
	// all of theirs together, in this order, and erased with any of them.
	Shared string   `json:"shared,omitempty"`
	Others []string `json:"others,omitempty"`
}
