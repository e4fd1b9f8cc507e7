package ledger_test

import (
	"context"
	"testing"

	"rubrica/shared/audit"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/table/fault"
	"rubrica/shared/workspace"
)

var admin = audit.Actor{Type: audit.System, ID: "admin"}

// isClosed checks that nothing but the tombstone is left of a workspace.
func (s *system) isClosed(t *testing.T) {
	t.Helper()
	rows := s.all(t, s.main)
	if len(rows) != 1 || rows[0].Key != ledger.SettingsKey(s.ws) {
		t.Errorf("%d rows left in the main table", len(rows))
	}
	if rows := s.all(t, s.audit); len(rows) != 0 {
		t.Errorf("%d rows left in the audit table", len(rows))
	}
	if r := s.mustVerify(t, ledger.Idle()); !r.Clean() {
		t.Errorf("%+v", r)
	}
	if _, err := s.Enter(s.ctx, s.ws, admin, ""); !problem.Is(err, problem.Unauthenticated) {
		t.Errorf("Enter: %v", err)
	}
	if err := s.CreateWorkspace(s.ctx, s.ws, admin); !problem.HasCode(err, "workspace_exists") {
		t.Errorf("the name can be used again: %v", err)
	}
}

func TestCloseWorkspaceDeletesAllThatItHolds(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	neighbour := &scene{system: s.inNewWorkspace(t)}
	kept := neighbour.create(t, `{"email":"maria@example.it"}`)
	before := len(s.all(t, s.main)) + len(s.all(t, s.audit))
	n, err := s.CloseWorkspace(context.Background(), s.ws, admin, "request", 0)
	if err != nil {
		t.Fatal(err)
	}
	if n != before { // without the settings, with the record of the closing
		t.Errorf("%d rows deleted, want %d", n, before)
	}
	s.isClosed(t)
	stone, err := s.main.GetOne(s.ctx, ledger.SettingsKey(s.ws))
	if err != nil {
		t.Fatal(err)
	}
	if len(stone.Doc) > 300 {
		t.Errorf("the tombstone has %d bytes: %s", len(stone.Doc), stone.Doc)
	}
	all, err := s.Workspaces(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	status := map[string]workspace.Settings{}
	for _, w := range all {
		status[w.ID] = w
	}
	if w := status[s.ws.String()]; w.Status != workspace.Closed || !w.Key.IsZero() {
		t.Errorf("listed as %+v", w)
	}
	if status[neighbour.ws.String()].Status != workspace.Active {
		t.Errorf("the other workspace is %s", status[neighbour.ws.String()].Status)
	}
	neighbour.change(t, kept, `{"city":"Roma"}`)
	if _, err := s.Repair(context.Background(), s.ws); !problem.Is(err, problem.NotFound) {
		t.Errorf("Repair: %v", err)
	}
}

func TestCloseWorkspaceOfNobody(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.remove(t, s.main, ledger.SettingsKey(s.ws))
	if _, err := s.CloseWorkspace(context.Background(), s.ws, admin, "", 0); !problem.Is(err, problem.NotFound) {
		t.Error(err)
	}
}

// What was written by a call that began before the closing is a finding, and
// goes when the workspace is closed again.
func TestCloseWorkspaceAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	row := s.contactRow(t)
	if _, err := s.CloseWorkspace(context.Background(), s.ws, admin, "", 0); err != nil {
		t.Fatal(err)
	}
	s.put(t, s.main, row)
	s.put(t, s.audit, table.Row{Key: table.In(s.ws, "log", "0").Row("x")})
	expectKinds(t, "Verify", s.mustVerify(t), kinds(ledger.LeftOver))
	if n, err := s.CloseWorkspace(context.Background(), s.ws, admin, "", 0); err != nil || n != 2 {
		t.Errorf("%d rows, %v", n, err)
	}
	s.isClosed(t)
}

// TestCloseWorkspaceGoesOnAfterACrash ends the process at each call of a closing.
func TestCloseWorkspaceGoesOnAfterACrash(t *testing.T) {
	t.Parallel()
	var faults *fault.Driver
	root := newSystem(t, func(d table.Driver) table.Driver {
		faults = fault.New(d)
		return faults
	})
	for call, failed := 1, true; failed; call++ {
		failed = false
		for _, f := range []fault.Fault{fault.Kill(nil), fault.KillAfter(nil), fault.FailHalfway()} {
			s := root.inNewWorkspace(t)
			s.create(t, everything(0))
			s.delete(t, s.create(t, `{"city":"Roma"}`))
			faults.Arm(fault.At(call, f))
			_, err := s.CloseWorkspace(context.Background(), s.ws, admin, "", 0)
			failed = failed || err != nil
			faults.Arm(nil)
			if _, err := s.CloseWorkspace(context.Background(), s.ws, admin, "", 0); err != nil {
				t.Fatalf("after call %d: %v", call, err)
			}
			s.isClosed(t)
		}
	}
}
