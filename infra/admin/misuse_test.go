package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"rubrica/shared/table/pebble"
)

// TestMisuseIsOneLine gives the command what it cannot use.
func TestMisuseIsOneLine(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	must(t, dir, "create-workspace", "acme")
	missing := filepath.Join(t.TempDir(), "nothing")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "letter.txt"), []byte("Dear Ada"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		args, says string
	}{
		{"", "name a command"},
		{"destroy acme", `there is no command "destroy"`},
		{"-colour red workspaces", "flag provided but not defined: -colour"},
		{"verify", "verify takes NAME"},
		{"verify acme other", "verify takes NAME"},
		{"workspaces acme", "workspaces takes no arguments"},
		{"verify ACME -data " + dir, `workspace "ACME"`},
		{"create-workspace _system -data " + dir, `workspace "_system"`},
		{"verify nobody -data " + dir, "There is no workspace of this name."},
		{"repair nobody -data " + dir, "There is no workspace of this name."},
		{"close nobody -data " + dir, "There is no workspace of this name."},
		{"suspend nobody -data " + dir, "there is no workspace nobody"},
		{"token nobody -data " + dir, "there is no workspace nobody"},
		{"shards nobody 8 -data " + dir, "there is no workspace nobody"},
		{"token acme -role admin -data " + dir, `there is no role "admin"`},
		{"token acme -restrictions no-fun -data " + dir, "no such restriction"},
		{"token acme -expires yesterday -data " + dir, "invalid value"},
		{"token acme -expires -1h -data " + dir, "cannot have expired"},
		{"workspaces -data " + missing, missing + " holds no store: choose another folder, or start the server on it"},
		{"create-workspace acme -data " + missing, missing + " holds no store"},
		{"create-workspace acme -data " + other, other + " holds no store"},
		{"workspaces -data " + other, other + " holds no store"},
		{"workspaces -data " + file, "cannot be written to"},
		{"copy-rows -data " + dir, "name the table with -from"},
		{"copy-rows -from restored -data " + dir, "on one machine a backup is a copy of the folder"},
		{"erase-returned nobody -data " + dir, "There is no workspace of this name."},
		{"workspaces -data x -dynamodb http://127.0.0.1:1", "-data is a folder of its own"},
		{"workspaces -table main", "-table and -audit-table go together"},
		{"workspaces -prefix x", "-prefix goes with -dynamodb"},
		{"workspaces -dynamodb http://127.0.0.1:1", "does not answer"},
	} {
		t.Run(tc.args, func(t *testing.T) { // one after the other: they share a folder
			var out, notes bytes.Buffer
			code := run(t.Context(), strings.Fields(tc.args), &out, &notes)
			if code != exitFailed || out.Len() > 0 {
				t.Errorf("exit %d: %s", code, out.String())
			}
			line := notes.String()
			if !strings.HasPrefix(line, "admin: ") || strings.Count(line, "\n") != 1 || !strings.Contains(line, tc.says) {
				t.Errorf("says %q, want %q in it", line, tc.says)
			}
		})
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("a folder was made where there was none")
	}
	if left, err := os.ReadDir(other); err != nil || len(left) != 1 {
		t.Errorf("a folder that is no store has now %v (%v)", left, err)
	}
}

// A folder that a server is using is left alone.
func TestAFolderInUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := pebble.Open(dir, pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r := admin(t, dir, "create-workspace", "acme")
	if r.code != exitFailed || strings.Count(r.notes, "\n") != 1 || !strings.Contains(r.notes, "is in use by another process") {
		t.Errorf("%+v", r)
	}
}

// Not parallel: it sets the process's environment.
func TestADeploymentWithoutARegion(t *testing.T) {
	nothing := filepath.Join(t.TempDir(), "nothing")
	for name, value := range map[string]string{
		"AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_PROFILE": "", "AWS_CONFIG_FILE": nothing, "AWS_SHARED_CREDENTIALS_FILE": nothing,
	} {
		t.Setenv(name, value)
	}
	var out, notes bytes.Buffer
	code := run(t.Context(), []string{"workspaces", "-table", "main", "-audit-table", "audit"}, &out, &notes)
	if code != exitFailed || !strings.Contains(notes.String(), "no AWS region") || strings.Count(notes.String(), "\n") != 1 {
		t.Errorf("exit %d: %s", code, notes.String())
	}
}

func TestHelpListsAllCommands(t *testing.T) {
	t.Parallel()
	var out, notes bytes.Buffer
	if code := run(t.Context(), []string{"-help"}, &out, &notes); code != exitOK || notes.Len() > 0 {
		t.Errorf("exit %d: %s", code, notes.String())
	}
	for _, c := range commands() {
		if !lineHas(out.String(), append([]string{c.name}, c.args...)...) {
			t.Errorf("no %s in\n%s", c.name, out.String())
		}
	}
}

// TestTheHandbookNamesCommands: what it tells an operator to type is there.
func TestTheHandbookNamesCommands(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/operate.md")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, c := range commands() {
		there[c.name] = true
	}
	named := map[string]bool{}
	for _, m := range regexp.MustCompile("`admin ([a-z-]+)|-audit-table [a-z0-9-]+\\s+([a-z-]+)").FindAllStringSubmatch(string(text), -1) {
		named[m[1]+m[2]] = true
		if !there[m[1]+m[2]] {
			t.Errorf("there is no command %q", m[1]+m[2])
		}
	}
	for _, must := range []string{"create-workspace", "verify", "repair", "rebuild-suggestions", "copy-rows", "erase-returned"} {
		if !named[must] {
			t.Errorf("%s is not in the handbook", must)
		}
	}
}
