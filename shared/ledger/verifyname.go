package ledger

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"rubrica/shared/table"
	"rubrica/shared/ulid"
)

// name writes a key for a report. Addresses, numbers, external ids and users
// stand in keys; every part that is not known to be harmless is shown as a
// digest under the workspace's key, so that nobody can find it by trying.
func (v *verification) name(k table.Key) string {
	parts := k.Partition().Parts()
	shown := make([]string, 0, 1+len(parts))
	shown = append(shown, k.Workspace().String())
	for i, p := range parts {
		if i > 0 && parts[0] != "identity" && isIndex(parts[0]) && i != len(parts)-1 { // a user
			p = v.digest(p)
		}
		shown = append(shown, v.harmless(p))
	}
	sk := strings.Split(k.SK(), "/")
	for i := range sk {
		sk[i] = v.harmless(sk[i])
	}
	return strings.Join(shown, "/") + " · " + strings.Join(sk, "/")
}

// harmless returns a part of a key, or its digest.
func (v *verification) harmless(part string) string {
	switch {
	case ulid.Valid(part), isSubject(part), isNumber(part) && (len(part) <= 2 || len(part) == versionDigits), strings.HasPrefix(part, digestMark):
		return part
	}
	switch part {
	case alone, workspaceSubject, "settings", "contacts", "former", "merges", "suggestions", "of", "change", "identity", "idempotency", "tokens", "fields", "tags", "tagnames", "companies", "companynames", "note", "log", "event", accountsSubject, Messages.Name, MessagesApart.Name,
		"jobs", "job", "lane", "plan", "chunk", "error",
		string(IndexTag), string(IndexCompany), string(IndexEmail), string(IndexPhone), string(IndexExternal), string(IndexOwner), string(IndexFollower), string(IndexVIP), string(IndexBlocked):
		return part
	}
	return v.digest(part)
}

const digestMark = "#"

func (v *verification) digest(s string) string {
	h := hmac.New(sha256.New, v.scope.Settings.Key[:])
	h.Write([]byte(s))
	return digestMark + hex.EncodeToString(h.Sum(nil)[:8])
}

// versionDigits is how long a version is in a key, up to 10^12.
const versionDigits = 12

func isNumber(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

func isIndex(s string) bool {
	switch Index(s) {
	case IndexOwner, IndexFollower, IndexVIP, IndexBlocked:
		return true
	}
	return false
}

// finding begins a defect of a row.
func (v *verification) finding(kind FindingKind, key table.Key, contactID, detail string) defect {
	if !ulid.Valid(contactID) {
		contactID = ""
	}
	return defect{Finding: Finding{Kind: kind, Key: v.name(key), ContactID: contactID, Detail: detail}}
}
