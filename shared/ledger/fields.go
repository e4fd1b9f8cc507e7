package ledger

import (
	"context"

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

// Fields returns the workspace's fields and folders, at least as new as the
// settings of the scope. They are kept in the process by their version, so it
// costs a round trip only after they changed, and none where there never were
// any.
func (l *Ledger) Fields(ctx context.Context, s *Scope) (*field.Set, error) {
	if s.fields != nil {
		return s.fields, nil
	}
	if s.Settings.Fields == 0 {
		s.fields = &field.Set{}
		return s.fields, nil
	}
	if cached, ok := l.fieldSets.Load(s.Workspace); ok && cached.(*field.Set).Version >= s.Settings.Fields {
		s.fields = cached.(*field.Set)
		return s.fields, nil
	}
	_, set, err := l.readFields(ctx, s)
	return set, err
}

func (l *Ledger) readFields(ctx context.Context, s *Scope) (table.Row, *field.Set, error) {
	row, err := l.table.GetOne(ctx, fieldsKey(s.Workspace))
	if err != nil {
		return row, nil, unavailable("reading fields", err)
	}
	set := &field.Set{}
	if row.Exists() {
		if err := decode(row, fieldsSchema, set); err != nil {
			return row, nil, err
		}
		l.fieldSets.Store(s.Workspace, set)
	}
	s.fields = set
	return row, set, nil
}

// managed refuses changes of members that another integration manages (C6).
func managed(s *Scope, fields *field.Set, changes []contact.Change) error {
	for _, c := range changes {
		by := fields.ManagedBy(c.Field)
		if by != "" && by != s.Integration {
			return problem.Conflicting("field_managed", "%s is managed by %s and changed there.", c.Field, by).
				With("field", c.Field).With("managedBy", by)
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
	first := true
	return l.retry(ctx, s, func() (Answer, error) {
		if !first {
			if err := l.refresh(ctx, s); err != nil {
				return Answer{}, err
			}
		}
		first = false
		row, set, err := l.readFields(ctx, s)
		if err != nil {
			return Answer{}, err
		}
		change, err := apply(*set)
		if err != nil {
			return Answer{}, err
		}
		if len(change.Changes) == 0 {
			return l.keepOnly(ctx, s, change.Answer, "", s.Settings.Key)
		}
		change.Set.Version = max(set.Version, s.Settings.Fields) + 1
		settings := s.Settings
		settings.Fields = change.Set.Version
		return l.commitSubject(ctx, s, subjectChange{
			subject: fieldsSubject, version: change.Set.Version, action: change.Action, changes: change.Changes, detail: change.Detail,
			actions: []table.Action{
				table.Put(table.Row{Key: fieldsKey(s.Workspace), Schema: fieldsSchema, Doc: encode(change.Set)}, table.Unchanged(row)),
				table.Put(settingsRow(s.Workspace, &settings), table.Unchanged(s.settingsRow)),
			},
			answer: change.Answer,
		})
	})
}

// refresh reads the settings of a scope again, after a race.
func (l *Ledger) refresh(ctx context.Context, s *Scope) error {
	fresh, _, err := l.Begin(ctx, s.Workspace, Want{})
	if err != nil {
		return err
	}
	s.Settings, s.settingsRow, s.fields = fresh.Settings, fresh.settingsRow, nil
	return nil
}
