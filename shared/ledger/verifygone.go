package ledger

import (
	"context"
	"slices"
	"strings"

	"rubrica/shared/audit"
	"rubrica/shared/instant"
	"rubrica/shared/table"
	"rubrica/shared/ulid"
)

// checkFormers checks what is left of contacts that are gone.
func (v *verification) checkFormers(ctx context.Context, _ *trail, rows []table.Row) error {
	var gone, absorbed []table.Row
	for _, row := range rows {
		var f former
		switch {
		case !v.isFormer(row.Key):
			if err := v.checkRow(ctx, row, v.unknown); err != nil {
				return err
			}
		case f.decode(row) == nil && f.Into != "":
			absorbed = append(absorbed, row)
		default:
			gone = append(gone, row)
		}
	}
	if err := v.checkAbsorbed(ctx, absorbed); err != nil {
		return err
	}
	return v.checkSubjects(ctx, gone, v.judgeFormer)
}

func (v *verification) isFormer(k table.Key) bool {
	id := k.Partition().Parts()[1]
	return ulid.Valid(id) && k == formerKey(v.ws, id)
}

func (v *verification) judgeFormer(row table.Row) (*timeline, []defect) {
	id := row.Key.Partition().Parts()[1]
	var f former
	if d := v.decode(row, formerSchema, &f, id); d != nil {
		return nil, d
	}
	if f.Into != "" {
		return nil, nil // absorbed since
	}
	if f.Staged != 0 {
		d := v.finding(HintOrphaned, row.Key, id, "staged for a contact that was not created")
		d.pending = true
		d.mend = func(ctx context.Context) error { return v.ledger.unstage(ctx, v.own(), id) }
		return nil, []defect{d}
	}
	if f.Change.Subject != id || f.Change.Action != audit.ContactDeleted || f.Change.Version < 2 {
		return nil, []defect{v.finding(MisplacedRow, row.Key, id, "it holds another deletion, or none")}
	}
	t := &timeline{subject: id, version: f.Change.Version, since: since(id), until: f.Change.At, own: &row, ownVersion: f.Change.Version, purged: f.Purged != 0}
	switch {
	case !f.Deleted || row.Expires.IsZero() || f.Purged != 0 && len(f.Rest)+len(f.Freed) > 0:
		return t, []defect{v.finding(MalformedRow, row.Key, id, "not deleted, or purged in part, or it does not expire")}
	case f.Purged == 0:
		d := v.finding(NotPurged, row.Key, id, "deleted, and still to be purged")
		d.pending = true
		d.mend = func(ctx context.Context) error { return v.ledger.Purge(ctx, v.own(), id) }
		return t, []defect{d}
	}
	return t, nil
}

// checkHistories checks rows of histories: by themselves, and once for each
// subject, whether there is one. Those of a subject that is there are checked
// with it.
func (v *verification) checkHistories(ctx context.Context, t *trail, rows []table.Row) error {
	var subjects []string
	var beside []table.Row
	for _, row := range rows {
		subject := row.Key.Partition().Parts()[1]
		if ulid.Valid(subject) && (isAside(row.Key) || isItem(row.Key)) {
			beside = append(beside, row)
			continue
		}
		if _, ok := versionOf(row.Key); !ok || !isSubject(subject) {
			if err := v.checkRow(ctx, row, v.unknown); err != nil {
				return err
			}
			continue
		}
		subjects = t.follow(subjects, subject)
	}
	if err := v.checkBeside(ctx, beside); err != nil {
		return err
	}
	return v.checkGone(ctx, subjects, false)
}

// follow adds a subject unless the one before was the same.
func (t *trail) follow(subjects []string, subject string) []string {
	if subject == t.subject {
		return subjects
	}
	t.subject = strings.Clone(subject)
	return append(subjects, t.subject)
}

// isSubject tells whether changes can be of it.
func isSubject(s string) bool {
	kind, name, named := strings.Cut(s, ":")
	if named {
		return (kind == tokenKind || kind == tagKind || kind == companyKind || kind == jobKind) && ulid.Valid(name)
	}
	return s == workspaceSubject || s == fieldsSubject || s == accountsSubject || ulid.Valid(s)
}

// rowOf names the row that a subject is, while it is there.
func (v *verification) rowOf(subject string) table.Key {
	kind, id, _ := strings.Cut(subject, ":")
	switch kind {
	case workspaceSubject:
		return SettingsKey(v.ws)
	case tokenKind:
		return tokenKey(v, id)
	case tagKind:
		return tagKey(v.ws, id)
	case companyKind:
		return companyKey(v.ws, id)
	case jobKind:
		return jobKey(v.ws, id)
	case fieldsSubject:
		return fieldsKey(v.ws)
	case accountsSubject:
		return accountsKey(v.ws)
	}
	return ContactKey(v.ws, subject)
}

// checkGone checks the histories of those subjects that are there no more.
// fromLog says that they were come across in the audit log: those that have
// change records too are left to the walk over these.
func (v *verification) checkGone(ctx context.Context, subjects []string, fromLog bool) error {
	keys := make([]table.Key, 0, 2*len(subjects))
	for _, s := range subjects {
		keys = append(keys, v.rowOf(s), formerKey(v.ws, s))
	}
	there, err := v.get(ctx, keys...)
	if err != nil {
		return err
	}
	var gone []string
	for _, s := range subjects {
		if !there[v.rowOf(s)].Exists() && !there[formerKey(v.ws, s)].Exists() {
			gone = append(gone, s)
		}
	}
	for some := range slices.Chunk(gone, together) {
		found, err := v.judgeGone(ctx, some, fromLog)
		if err != nil {
			return err
		}
		for i, s := range some {
			err := v.confirm(ctx, found[i], v.rowOf(s), func(ctx context.Context) ([]defect, error) {
				there, err := v.get(ctx, v.rowOf(s), formerKey(v.ws, s))
				if err != nil || len(there) > 0 {
					return nil, err
				}
				found, err := v.judgeGone(ctx, []string{s}, fromLog)
				if err != nil {
					return nil, err
				}
				return found[0], nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *verification) judgeGone(ctx context.Context, subjects []string, fromLog bool) ([][]defect, error) {
	lines := make([]*timeline, len(subjects))
	for i, s := range subjects {
		lines[i] = &timeline{subject: s, gone: true, since: since(s)}
		if !ulid.Valid(s) {
			lines[i].keys = v.keysOf(s)
		}
	}
	found, err := v.checkTimelines(ctx, lines)
	if err != nil {
		return nil, err
	}
	for i, t := range lines {
		if t.recorded && fromLog {
			found[i] = nil
			continue
		}
		deleted := t.deleted || t.last.Action == audit.TokenDeleted || t.last.Action == audit.TagDeleted || t.last.Action == audit.CompanyDeleted || isJob(t.subject)
		if !deleted && v.stillIn(t.last.At, v.inLog) {
			found[i] = append(found[i], v.finding(Vanished, v.rowOf(t.subject), t.subject, "no change says that it was deleted"))
		}
		if t.recorded && ulid.Valid(t.subject) {
			found[i] = append(found[i], v.historyLeft(t, deleted))
		}
	}
	return found, nil
}

// since is when a subject that is named by its id began; 0 for others.
func since(subject string) instant.Instant {
	_, id, named := strings.Cut(subject, ":")
	if !named {
		id = subject
	}
	if !ulid.Valid(id) {
		return 0
	}
	return instant.Of(ulid.Time(id))
}

// historyLeft says that a contact that is gone has change records. They go only
// where the log has the deletion: else the contact was lost, and they may help
// to restore it.
func (v *verification) historyLeft(t *timeline, deleted bool) defect {
	d := v.finding(HistoryLeft, changeKey(v.ws, t.subject, 1), t.subject, "the contact is gone")
	if deleted {
		d.mend = func(ctx context.Context) error { return v.dropHistory(ctx, t.subject) }
	}
	return d
}
