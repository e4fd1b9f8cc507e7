package ledger

import (
	"strconv"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// Topics of Row.Out: what the relay turns into messages.
const (
	TopicAudit   = "audit"   // the row holds a change: copy it to the audit log
	TopicReindex = "reindex" // the contact has stale hints to remove
	TopicPurge   = "purge"   // the contact is gone: remove what is left of it
	TopicDetach  = "detach"  // what contacts carry is gone: take it from them
	TopicPlan    = "plan"    // a job's lane is to be planned
	TopicRun     = "run"     // a job's lane has a chunk to work on
	TopicSuggest = "suggest" // the contact may share other values than before
)

// alone is the sort key of a row that is alone in its partition, and of the
// head row of an identity: it sorts before every contact id.
const alone = "-"

// SettingsKey names a workspace's settings.
func SettingsKey(ws tenant.Workspace) table.Key { return table.In(ws, "settings").Row(alone) }

// workspaceKey names the operator's entry of a workspace.
func workspaceKey(ws tenant.Workspace) table.Key {
	return table.In(tenant.System(), "workspaces").Row(ws.String())
}

// ListsWorkspace tells whether a key is the operator's entry of a workspace.
func ListsWorkspace(k table.Key) bool {
	return k.Partition() == workspaceKey(tenant.System()).Partition()
}

// ContactKey names a contact's row. The id must be ulid.Valid.
func ContactKey(ws tenant.Workspace, id string) table.Key {
	return contactsIn(ws, ulid.ShardOf(id)).Row(id)
}

func contactsIn(ws tenant.Workspace, shard int) table.Partition {
	return table.In(ws, "contacts", strconv.Itoa(shard))
}

// formerKey names what is left of a contact that was deleted or absorbed.
func formerKey(ws tenant.Workspace, id string) table.Key {
	return table.In(ws, "former", id).Row(alone)
}

// mergeKey names what is kept of a merge. Merges are listed by their ids, newest
// first.
func mergeKey(ws tenant.Workspace, id string) table.Key { return mergesIn(ws).Row(id) }

func mergesIn(ws tenant.Workspace) table.Partition { return table.In(ws, "merges") }

// historyOf is the partition of everything that happened to a subject: a
// contact, or what is none (subject.go).
func historyOf(ws tenant.Workspace, subject string) table.Partition {
	return table.In(ws, "of", subject)
}

// changePrefix begins the sort keys of change records, oldest first.
const changePrefix = "change/"

func changeKey(ws tenant.Workspace, subject string, version int64) table.Key {
	return historyOf(ws, subject).Row(changePrefix + audit.VersionText(version))
}

// identityIn is the partition of all who hold an identity, and of its head: an
// empty row that whoever relies on nobody else holding it puts on the revision
// that it read.
func identityIn(ws tenant.Workspace, id contact.Identity) table.Partition {
	return table.In(ws, "identity", string(id.Kind), id.Value)
}

func headKey(ws tenant.Workspace, id contact.Identity) table.Key {
	return identityIn(ws, id).Row(alone)
}

// keptKey names the answer kept for an idempotency key, by the digest of caller
// and key: no partition is hot, and nothing of the caller is in it.
func keptKey(ws tenant.Workspace, digest string) table.Key {
	return table.In(ws, "idempotency", digest).Row(alone)
}

// ContactOf returns the id of the contact whose row, or former row, a key names.
func ContactOf(k table.Key) (id string, ok bool) {
	switch parts := k.Partition().Parts(); {
	case len(parts) == 2 && parts[0] == "contacts":
		id = k.SK()
	case len(parts) == 2 && parts[0] == "former":
		id = parts[1]
	}
	return id, ulid.Valid(id)
}
