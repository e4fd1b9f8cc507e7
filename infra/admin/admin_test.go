package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rubrica/shared/audit"
	"rubrica/shared/body"
	"rubrica/shared/caller"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
	"rubrica/shared/workspace"
)

// result is what one command line did.
type result struct {
	code       int
	out, notes string
}

// admin runs a command line over a data folder.
func admin(t *testing.T, dir string, args ...string) result {
	t.Helper()
	var out, notes bytes.Buffer
	code := run(t.Context(), append([]string{"-data", dir}, args...), &out, &notes)
	return result{code, out.String(), notes.String()}
}

// must runs a command line that has to succeed, and returns what it says.
func must(t *testing.T, dir string, args ...string) string {
	t.Helper()
	r := admin(t, dir, args...)
	if r.code != exitOK {
		t.Fatalf("admin %s: exit %d: %s%s", strings.Join(args, " "), r.code, r.out, r.notes)
	}
	return r.out
}

// newFolder makes a data folder as the server does when it first starts.
func newFolder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	s, err := pebble.Open(dir, pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// folder is a data folder as the server would open it.
type folder struct {
	*ledger.Ledger
	main, audit *table.Table
	ws          tenant.Workspace
	ctx         context.Context
	// back brings rows of another time back; nil if they are just put.
	back func([]table.Row)
}

// within opens a data folder, does something in the workspace acme, and closes it.
func within(t *testing.T, dir string, do func(*folder)) {
	t.Helper()
	s, err := pebble.Open(dir, pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	ws, err := tenant.Parse("acme")
	if err != nil {
		t.Fatal(err)
	}
	f := &folder{main: table.New(s.Table("main")), audit: table.New(s.Table("audit")), ws: ws, ctx: tenant.Bind(t.Context(), ws)}
	f.Ledger = ledger.New(f.main, audit.NewLog(f.audit), time.Now)
	do(f)
}

func (f *folder) enter(t *testing.T) *ledger.Scope {
	t.Helper()
	s, err := f.Enter(f.ctx, f.ws, audit.Actor{Type: audit.User, ID: "user_1"}, "")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// create makes a contact and returns its id.
func (f *folder) create(t *testing.T, doc string) string {
	t.Helper()
	form, err := body.Parse([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	a, err := f.Create(f.ctx, f.enter(t), ledger.Operation{
		Apply:  contact.ParsePatch(form).Apply,
		Answer: func(c *contact.Contact) ledger.Answer { return ledger.Answer{Location: c.ID} },
	})
	if err != nil {
		t.Fatal(err)
	}
	return a.Location
}

func TestTheLifeOfAWorkspace(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	must(t, dir, "create-workspace", "acme")
	must(t, dir, "create-workspace", "other")
	if r := admin(t, dir, "create-workspace", "acme"); r.code != exitFailed || r.notes != "admin: There is a workspace of this name already.\n" {
		t.Errorf("%+v", r)
	}
	within(t, dir, func(f *folder) { f.create(t, `{"email":"maria@example.it","city":"Roma"}`) })

	for _, step := range []struct {
		command string
		status  workspace.Status
		says    string
	}{
		{"suspend", workspace.Suspended, "workspace acme is suspended\n"},
		{"suspend", workspace.Suspended, "workspace acme is suspended already\n"},
		{"resume", workspace.Active, "workspace acme is active\n"},
		{"resume", workspace.Active, "workspace acme is active already\n"},
	} {
		if out := must(t, dir, step.command, "acme"); out != step.says {
			t.Errorf("%s says %q", step.command, out)
		}
		within(t, dir, func(f *folder) {
			if s := f.enter(t); s.Settings.Status != step.status {
				t.Errorf("after %s it is %s", step.command, s.Settings.Status)
			}
		})
	}
	must(t, dir, "shards", "acme", "8")
	must(t, dir, "repair", "acme")
	within(t, dir, func(f *folder) {
		log, err := f.WorkspaceLog(f.ctx, f.enter(t), audit.Filter{Actor: "admin"}, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		var actions []audit.Action
		for _, e := range log.Entries {
			actions = append(actions, e.Action)
		}
		want := []audit.Action{audit.WorkspaceUpdated, audit.WorkspaceResumed, audit.WorkspaceSuspended, audit.WorkspaceCreated}
		if strings.Join(texts(actions), " ") != strings.Join(texts(want), " ") {
			t.Errorf("the log has %v, want %v", actions, want)
		}
	})
	if out := must(t, dir, "workspaces"); !lineHas(out, "acme", "active", "8") || !lineHas(out, "other", "active", "4") {
		t.Errorf("workspaces:\n%s", out)
	}

	if out := must(t, dir, "close", "acme"); !strings.HasPrefix(out, "workspace acme is closed; ") {
		t.Errorf("close says %q", out)
	}
	must(t, dir, "close", "acme") // again: there is nothing left to do
	must(t, dir, "verify", "acme")
	if out := must(t, dir, "workspaces"); !lineHas(out, "acme", "closed") || !lineHas(out, "other", "active") {
		t.Errorf("workspaces:\n%s", out)
	}
	if found := filesWith(t, dir, "maria@example.it"); len(found) > 0 {
		t.Errorf("what was deleted is still in %v", found)
	}
	for _, command := range [][]string{{"suspend", "acme"}, {"token", "acme"}, {"shards", "acme", "9"}, {"repair", "acme"}, {"create-workspace", "acme"}} {
		if r := admin(t, dir, command...); r.code != exitFailed || strings.Count(r.notes, "\n") != 1 {
			t.Errorf("%v of a closed workspace: %+v", command, r)
		}
	}
}

func texts(actions []audit.Action) []string {
	all := make([]string, len(actions))
	for i, a := range actions {
		all[i] = string(a)
	}
	return all
}

// lineHas tells whether a line begins with these columns.
func lineHas(out string, columns ...string) bool {
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) >= len(columns) && strings.Join(fields[:len(columns)], " ") == strings.Join(columns, " ") {
			return true
		}
	}
	return false
}

// filesWith returns the files of a folder that contain a text.
func filesWith(t *testing.T, dir, text string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(text)) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// The token that is printed, and nothing else, is one that opens the workspace.
func TestATokenIsGood(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	must(t, dir, "create-workspace", "acme")
	out := must(t, dir, "token", "acme", "-role", "manager", "-restrictions", "no-delete,no-export", "-integration", "crm", "-expires", "1h", "-name", "first")
	text := strings.TrimSuffix(out, "\n")
	parsed, err := caller.ParseToken(text)
	if err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	within(t, dir, func(f *folder) {
		row, err := f.main.GetOne(f.ctx, parsed.Key())
		if err != nil {
			t.Fatal(err)
		}
		who, err := parsed.Check(row, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if who.Role != caller.Manager || who.Restrictions != caller.NoDelete|caller.NoExport || who.Integration != "crm" || who.Workspace != f.ws {
			t.Errorf("%+v", who)
		}
		if _, err := parsed.Check(row, time.Now().Add(2*time.Hour)); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("after it expired: %v", err)
		}
	})
	if found := filesWith(t, dir, text[strings.LastIndex(text, "_"):]); len(found) > 0 {
		t.Errorf("the secret is kept in %v", found)
	}
	must(t, dir, "repair", "acme")
	must(t, dir, "verify", "-idle", "acme")
}

func TestVerifyAndRepair(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	must(t, dir, "create-workspace", "acme")
	within(t, dir, func(f *folder) {
		id := f.create(t, `{"email":"maria@example.it"}`)
		if err := f.main.Batch(f.ctx, nil, []table.Key{table.In(f.ws, "identity", "email", "maria@example.it").Row(id)}); err != nil {
			t.Fatal(err)
		}
		if err := f.main.Write(f.ctx, table.Put(table.Row{Key: table.In(f.ws, "mystery").Row("x")})); err != nil {
			t.Fatal(err)
		}
	})
	r := admin(t, dir, "verify", "acme")
	if r.code != exitFindings || !lineHas(r.out, "hint-missing") || !lineHas(r.out, "unknown-row") || !lineHas(r.out, "1", "of", "hint-missing") {
		t.Errorf("verify: %+v", r)
	}
	if strings.Contains(r.out, "maria") || lineHas(r.out, "entry-missing") {
		t.Errorf("verify: %s", r.out)
	}
	if r := admin(t, dir, "verify", "acme", "-idle"); !lineHas(r.out, "entry-missing") {
		t.Errorf("verify -idle: %+v", r)
	}
	r = admin(t, dir, "repair", "acme")
	if r.code != exitFindings || !lineHas(r.out, "mended", "1", "of", "hint-missing") || !lineHas(r.out, "mended", "2", "of", "entry-missing") || !lineHas(r.out, "unknown-row") {
		t.Errorf("repair: %+v", r)
	}
	within(t, dir, func(f *folder) {
		if err := f.main.Batch(f.ctx, nil, []table.Key{table.In(f.ws, "mystery").Row("x")}); err != nil {
			t.Fatal(err)
		}
	})
	if out := must(t, dir, "rebuild-suggestions", "acme"); !lineHas(out, "0", "values") {
		t.Errorf("rebuild-suggestions says %q", out)
	}
	if out := must(t, dir, "repair", "acme"); !lineHas(out, "nothing", "to", "mend") {
		t.Errorf("repair again: %s", out)
	}
	if out := must(t, dir, "verify", "acme", "-idle"); !lineHas(out, "workspace", "acme", "is", "clean") {
		t.Errorf("verify again: %s", out)
	}
}

func TestShardsOnlyGrow(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	must(t, dir, "create-workspace", "acme")
	must(t, dir, "shards", "acme", "32")
	if r := admin(t, dir, "shards", "acme", "31"); r.code != exitFailed || !strings.Contains(r.notes, "cannot become fewer") {
		t.Errorf("%+v", r)
	}
	for _, n := range []string{"0", "-1", "33", "many"} {
		if r := admin(t, dir, "shards", "acme", "--", n); r.code != exitFailed || !strings.Contains(r.notes, "want 1 to 32") {
			t.Errorf("%s: %+v", n, r)
		}
	}
	within(t, dir, func(f *folder) {
		if s := f.enter(t); s.Settings.Shards != 32 {
			t.Errorf("%d shards", s.Settings.Shards)
		}
	})
}
