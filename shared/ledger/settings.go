package ledger

import (
	"context"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/workspace"
)

const settingsSchema = 1

// workspaceSubject is the subject of changes to a workspace's settings.
const workspaceSubject = "workspace"

func settingsRow(ws tenant.Workspace, s *workspace.Settings) table.Row {
	return table.Row{Key: SettingsKey(ws), Schema: settingsSchema, Doc: encode(s)}
}

// CreateWorkspace makes a workspace that does not exist yet; one that does is a
// problem.Conflict. For the operator. Closed workspaces are not brought back.
func (l *Ledger) CreateWorkspace(ctx context.Context, ws tenant.Workspace, actor audit.Actor) error {
	now := l.now()
	settings := workspace.New(ws.String(), instant.Of(now))
	s := &Scope{Workspace: ws, Settings: settings, Actor: actor}
	w := newTransaction(s)
	w.add(table.Put(settingsRow(ws, &settings), table.Absent()))
	if err := l.addEntry(w, workspaceSubject, 1, audit.WorkspaceCreated, audit.Values{Changes: workspace.Compare(workspace.Settings{}, settings)}); err != nil {
		return err
	}
	// The operator's list is another tenant's row, so it cannot be in the same
	// transaction; written first, and a name without a workspace is left out.
	if err := l.table.Batch(tenant.Bind(ctx, tenant.System()), []table.Row{{Key: workspaceKey(ws)}}, nil); err != nil {
		return unavailable("listing a workspace", err)
	}
	if err := l.write(ctx, w); err == errRaced { //nolint:errorlint // write returns the sentinel itself
		return problem.Conflicting("workspace_exists", "There is a workspace of this name already.")
	} else if err != nil {
		return err
	}
	return nil
}

// Workspaces lists all workspaces, for the operator.
func (l *Ledger) Workspaces(ctx context.Context) ([]workspace.Settings, error) {
	var all []workspace.Settings
	of := table.Range{Of: workspaceKey(tenant.System()).Partition(), Limit: 100}
	err := l.table.All(tenant.Bind(ctx, tenant.System()), of, func(row table.Row) error {
		ws, err := tenant.Parse(row.Key.SK())
		if err != nil {
			return err
		}
		settings, err := l.table.GetOne(tenant.Bind(ctx, ws), SettingsKey(ws))
		if err != nil || !settings.Exists() {
			return err
		}
		var s workspace.Settings
		if err := decode(settings, settingsSchema, &s); err != nil {
			return err
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		return nil, unavailable("listing workspaces", err)
	}
	return all, nil
}

// ChangeSettings changes the workspace's settings; apply is pure. Nothing is
// written where nothing differs.
func (l *Ledger) ChangeSettings(ctx context.Context, s *Scope, action audit.Action, match IfMatch,
	apply func(workspace.Settings) (workspace.Settings, error), answer func(*workspace.Settings) Answer,
) (Answer, error) {
	return l.perform(ctx, s, func() (Answer, error) {
		if !match.Allows(s.Settings.Version) {
			return Answer{}, problem.New(problem.Stale, "The settings are not at the version that If-Match names; read them again.")
		}
		after, err := apply(s.Settings)
		if err != nil {
			return Answer{}, err
		}
		changes := workspace.Compare(s.Settings, after)
		if len(changes) == 0 {
			return l.keepOnly(ctx, s, answer(&s.Settings), s.sealers())
		}
		after.Version++
		return l.commitSubject(ctx, s, subjectChange{
			subject: workspaceSubject, version: after.Version, action: action, changes: changes,
			actions: []table.Action{table.Put(settingsRow(s.Workspace, &after), table.Unchanged(s.settingsRow))},
			answer:  answer(&after),
		})
	})
}

// subjectChange is the change of something that is no contact: its rows, and
// what the log says of it.
type subjectChange struct {
	subject string
	version int64
	action  audit.Action
	changes []contact.Change
	detail  map[string]any
	actions []table.Action
	answer  Answer
	// out is further work that the change causes, a topic; "" is none.
	out string
}

// commitSubject writes a subject's rows with its change record and the kept
// answer, in one transaction: the same promise as a contact's.
func (l *Ledger) commitSubject(ctx context.Context, s *Scope, c subjectChange) (Answer, error) {
	w := newTransaction(s)
	w.add(c.actions...)
	if err := l.addEntry(w, c.subject, c.version, c.action, audit.Values{Changes: c.changes, Detail: c.detail}); err != nil {
		return Answer{}, err
	}
	if c.out != "" {
		w.actions[len(w.actions)-1].Row.Out += "," + c.out
	}
	w.keep(c.answer, s.sealers(), l.now())
	return c.answer, l.write(ctx, w)
}

// addEntry adds the change record of a subject, sealed with the workspace's key.
func (l *Ledger) addEntry(w *transaction, subject string, version int64, action audit.Action, v audit.Values) error {
	e := l.entry(w.scope, subject, version, instant.Of(l.now()))
	e.Action = action
	if err := e.Seal(v, w.scope.Settings.Key); err != nil {
		return err
	}
	w.add(table.Put(changeRow(w.scope.Workspace, &e), table.Absent()))
	return nil
}
