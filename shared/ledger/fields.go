package ledger

import (
	"context"
	"slices"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/field"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

const fieldsSchema = 1

// fieldsSubject is the subject of all changes of fields and folders.
const fieldsSubject = "fields"

// fieldsKey names the row of all fields and folders of a workspace.
func fieldsKey(ws tenant.Workspace) table.Key { return table.In(ws, "fields").Row(alone) }

// WantFields asks for the row of all fields and folders, of a request that is
// going to change them.
func WantFields(ws tenant.Workspace) Want { return Want{Keys: []table.Key{fieldsKey(ws)}} }

// Fields returns the workspace's fields and folders, at least as new as the
// settings of the scope and as the given contacts: somebody else may have made a
// field and given it a value between two reads. They are kept in the process by
// their version, so it costs a round trip only after they changed, and none
// where there never were any.
func (l *Ledger) Fields(ctx context.Context, s *Scope, of ...contact.Contact) (*field.Set, error) {
	known := func(set *field.Set) bool {
		return set.Version >= s.Settings.Fields && !slices.ContainsFunc(of, func(c contact.Contact) bool { return !c.KnownTo(set) })
	}
	if s.fields == nil {
		s.fields = &field.Set{}
	}
	if known(s.fields) {
		return s.fields, nil
	}
	if cached, ok := l.fieldSets.load(s.Workspace); ok && known(cached) {
		s.fields = cached
		return s.fields, nil
	}
	err := l.readFields(ctx, s)
	return s.fields, err
}

// readFields reads fields and their row into the scope.
func (l *Ledger) readFields(ctx context.Context, s *Scope) error {
	rows, err := l.get(ctx, s, fieldsKey(s.Workspace))
	if err != nil {
		return err
	}
	set := &field.Set{}
	if rows[0].Exists() {
		if err := decode(rows[0], fieldsSchema, set); err != nil {
			return err
		}
		l.fieldSets.store(s.Workspace, set)
	}
	s.fields, s.fieldsRow = set, &rows[0]
	return nil
}

// managed refuses changes of members that another integration manages (C6).
func managed(s *Scope, fields *field.Set, changes []contact.Change) error {
	for _, c := range changes {
		by := fields.ManagedBy(c.Field)
		if by != "" && by != s.Integration {
			return problem.Conflicting("field_managed", "%s is managed by %s and changed there.", c.Field, by).
				With("field", c.Field).With("managedBy", by).About(c.Field)
		}
	}
	return nil
}

// FieldsChange is what becomes of the fields and folders of a workspace.
type FieldsChange struct {
	Set     field.Set
	Action  audit.Action
	Changes []contact.Change
	// Detail says which field or folder it was.
	Detail map[string]any
	Answer Answer
}

// ChangeFields changes the workspace's fields or folders; apply is pure. The
// cost does not depend on how many contacts there are: contacts keep values under
// the ids of definitions, and one that is gone is shown nowhere. Where nothing
// differs nothing is written.
func (l *Ledger) ChangeFields(ctx context.Context, s *Scope, apply func(field.Set) (FieldsChange, error)) (Answer, error) {
	return l.perform(ctx, s, func() (Answer, error) {
		if s.fieldsRow == nil {
			if err := l.readFields(ctx, s); err != nil {
				return Answer{}, err
			}
		}
		row, set := *s.fieldsRow, s.fields
		s.fieldsRow = nil // another attempt reads afresh
		change, err := apply(*set)
		if err != nil {
			return Answer{}, err
		}
		if len(change.Changes) == 0 {
			return l.keepOnly(ctx, s, change.Answer, s.sealers())
		}
		change.Set.Version = max(set.Version, s.Settings.Fields) + 1
		settings := s.Settings
		settings.Fields = change.Set.Version
		a, err := l.commitSubject(ctx, s, subjectChange{
			subject: fieldsSubject, version: change.Set.Version, action: change.Action, changes: change.Changes, detail: change.Detail,
			actions: []table.Action{
				table.Put(table.Row{Key: fieldsKey(s.Workspace), Schema: fieldsSchema, Doc: encode(change.Set)}, table.Unchanged(row)),
				table.Put(settingsRow(s.Workspace, &settings), table.Unchanged(s.settingsRow)),
			},
			answer: change.Answer,
		})
		if err == nil {
			l.fieldSets.store(s.Workspace, &change.Set)
		}
		return a, err
	})
}
