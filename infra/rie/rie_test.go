package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rubrica/events"
	"rubrica/shared/api"
)

// script writes a program of the shell's.
func script(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestFind(t *testing.T) {
	t.Parallel()
	wheel := t.TempDir()
	rapid := filepath.Join(wheel, "local", "rapid")
	if err := os.MkdirAll(rapid, 0o755); err != nil {
		t.Fatal(err)
	}
	python := script(t, "python", "#!/bin/sh\necho "+wheel+"\n")
	sam := script(t, "sam", "#!"+python+"\n")
	if _, err := find(t.Context(), sam); err == nil {
		t.Error("found what is not there")
	}
	for _, m := range machines {
		if err := os.WriteFile(filepath.Join(rapid, "aws-lambda-rie-"+m.emulator), []byte("emulator"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found, err := find(t.Context(), sam)
	if err != nil || filepath.Dir(found) != rapid {
		t.Fatalf("found %q, %v", found, err)
	}
	copied, err := executable(found, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(copied); err != nil || info.Mode()&0o100 == 0 {
		t.Errorf("the copy cannot be run: %v, %v", info, err)
	}
	for name, sam := range map[string]string{
		"not installed": filepath.Join(wheel, "sam"),
		"no script":     script(t, "sam", "ELF"),
		"no wheel":      script(t, "sam", "#!/bin/false\n"),
	} {
		if _, err := find(t.Context(), sam); err == nil {
			t.Errorf("%s: found something", name)
		}
	}
}

func TestLogicalIDsAreTheTemplates(t *testing.T) {
	t.Parallel()
	template, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, function := range events.Functions() {
		if !strings.Contains(string(template), "\n  "+logicalID(function)+":\n    Type: AWS::Serverless::Function\n") {
			t.Errorf("the template has no %s", logicalID(function))
		}
	}
}

func TestRunsHere(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := runsHere(self); err != nil {
		t.Error(err)
	}
	if err := runsHere(script(t, "bootstrap", "#!/bin/sh\n")); err == nil {
		t.Error("a script passes for a bootstrap")
	}
}

func TestRefusesToStart(t *testing.T) {
	t.Parallel()
	for text, refuses := range map[string]bool{
		`echo '{"error":"set in the environment: RUBRICA_TABLE"}'; exit 1`:    true,
		`echo '{"error":"set in the environment: RUBRICA_TABLE"}'; exit 2`:    false,
		`echo '{"error":"set in the environment: RUBRICA_TABLE"}'`:            false,
		`echo "panic:"; echo "set in the environment: RUBRICA_TABLE"; exit 1`: false,
		`echo "something is missing"; exit 1`:                                 false,
	} {
		err := refusesToStart(t.Context(), script(t, "bootstrap", "#!/bin/sh\n"+text+"\n"), "get-contact")
		if (err == nil) != refuses {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// answering is an emulator that answers with what status says of a path.
func answering(t *testing.T, status func(path string) int) *emulator {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, rest, _ := strings.Cut(string(body), `"rawPath":"`)
		path, _, _ := strings.Cut(rest, `"`)
		if path == "" {
			fmt.Fprint(w, `{"errorMessage":"broken","errorType":"x"}`)
			return
		}
		fmt.Fprintf(w, `{"statusCode":%d}`, status(path))
	}))
	t.Cleanup(server.Close)
	return &emulator{url: server.URL, log: new(buffer)}
}

func TestInvokeTellsAFunctionsError(t *testing.T) {
	t.Parallel()
	e := answering(t, func(string) int { return 200 })
	if _, err := e.invoke(t.Context(), []byte(`{}`)); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("err = %v", err)
	}
}

func TestCheckRoutes(t *testing.T) {
	t.Parallel()
	own := map[string]bool{}
	for _, e := range api.All(nil, nil) {
		if e.Function == "manage-workspace" {
			own[strings.NewReplacer("{", "", "}", "").Replace(e.Pattern)] = true
		}
	}
	right := func(path string) int {
		if own[path] {
			return 401
		}
		return 404
	}
	n, err := answering(t, right).checkRoutes(t.Context(), "manage-workspace")
	if err != nil || n < len(own) {
		t.Errorf("%d routes, %v", n, err)
	}
	for name, wrong := range map[string]func(string) int{
		"one lacks": func(path string) int {
			if path == "/v1/me" {
				return 404
			}
			return right(path)
		},
		"one too many": func(path string) int {
			if path == "/v1/health" {
				return 200
			}
			return right(path)
		},
	} {
		if _, err := answering(t, wrong).checkRoutes(t.Context(), "manage-workspace"); err == nil {
			t.Errorf("%s: nobody noticed", name)
		}
	}
	if n, err := answering(t, right).checkRoutes(t.Context(), "write-audit"); n != 0 || err != nil {
		t.Errorf("a consumer has %d routes, %v", n, err)
	}
}

func TestEnginesAreNeeded(t *testing.T) {
	t.Setenv("RUBRICA_DYNAMODB", "")
	if _, err := newWorld(context.Background()); err == nil || !strings.Contains(err.Error(), "infra/conformance") {
		t.Errorf("err = %v", err)
	}
}
