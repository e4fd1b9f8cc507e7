package ledger

import (
	"rubrica/shared/audit"
	"rubrica/shared/instant"
	"rubrica/shared/seal"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// Some changes that concern a contact raise no version: its notes, its locks.
// Their change records stand beside the one of the version that the contact was
// at, in the order of their ids, and go the same way into the audit log.

// asideKey names the change record of an entry that raised no version.
func asideKey(ws tenant.Workspace, e *audit.Entry) table.Key {
	return historyOf(ws, e.Subject).Row(changePrefix + audit.VersionText(e.Version) + "/" + e.ID)
}

// isAside tells whether a key is such a record's.
func isAside(k table.Key) bool {
	sk := k.SK()
	return isChange(k) && len(sk) == len(changePrefix)+versionDigits+1+ulid.Len && ulid.Valid(sk[len(sk)-ulid.Len:])
}

// aside makes the change record of something that is done beside a contact, as it
// was at the given version. Detail is sealed with the contact's key.
func (l *Ledger) aside(s *Scope, id string, version int64, key seal.Key, action audit.Action, detail map[string]any) (table.Action, error) {
	e := l.entry(s, id, version, instant.Of(l.now()))
	e.Action, e.Aside = action, true
	if err := e.Seal(audit.Values{Detail: detail}, key); err != nil {
		return table.Action{}, err
	}
	row := changeRow(s.Workspace, &e)
	row.Key = asideKey(s.Workspace, &e)
	return table.Put(row, table.Absent()), nil
}
