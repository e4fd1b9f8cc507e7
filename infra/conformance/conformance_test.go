package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestMain lets the test's own binary play the engines and the command.
func TestMain(m *testing.M) {
	play := map[string]func(args []string) int{"engine": playEngine, "broken": playBroken, "command": playCommand, "fetcher": playFetcher}
	if len(os.Args) > 1 && play[os.Args[1]] != nil {
		os.Exit(play[os.Args[1]](os.Args[2:]))
	}
	os.Exit(m.Run())
}

func playEngine(args []string) int {
	name, port := args[0], args[1]
	fmt.Println("serving", name)
	err := http.ListenAndServe("127.0.0.1:"+port, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest) // as ElasticMQ answers a GET
		fmt.Fprint(w, name)
	}))
	fmt.Println(err)
	return 1
}

func playBroken([]string) int {
	fmt.Println("out of electricity")
	return 1
}

// playCommand says which engine answers at which variable, and exits as told.
func playCommand(args []string) int {
	for _, variable := range args[1:] {
		response, err := http.Get(os.Getenv(variable))
		if err != nil {
			fmt.Println(err)
			return 99
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		fmt.Println(variable, string(body), os.Getenv(variable))
	}
	code, _ := strconv.Atoi(args[0])
	return code
}

func playFetcher(args []string) int {
	if err := os.WriteFile(filepath.Join(args[0], "fetched"), []byte("x"), 0o644); err != nil {
		fmt.Println(err)
		return 1
	}
	if len(args) > 1 {
		return 1
	}
	return 0
}

func self(t *testing.T, play string) engine {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return engine{
		name: play + "-1", variable: "RUBRICA_TEST_" + strings.ToUpper(play), needs: "go",
		fetch: func(folder string) ([]string, error) { return []string{binary, "fetcher", folder}, nil },
		serve: func(_ string, port int) []string { return []string{binary, play, play, strconv.Itoa(port)} },
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	first, second := self(t, "engine"), self(t, "engine")
	second.name, second.variable = "other-1", "RUBRICA_TEST_OTHER"
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []int{0, 7} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			var out, log bytes.Buffer
			args := []string{"-engines", t.TempDir(), "run", "--", binary, "command", strconv.Itoa(code), first.variable, second.variable}
			err := run(t.Context(), args, []engine{first, second}, &out, &log)
			got := 0
			if exit, ok := errors.AsType[*exec.ExitError](err); ok {
				got = exit.ExitCode()
			} else if err != nil {
				t.Fatal(err)
			}
			lines := strings.Fields(out.String())
			if got != code || len(lines) != 6 || lines[1] != "engine" || lines[4] != "engine" || lines[2] == lines[5] {
				t.Fatalf("exit %d, %q", got, out.String())
			}
			for _, url := range []string{lines[2], lines[5]} {
				if response, err := http.Get(url); err == nil {
					response.Body.Close()
					t.Errorf("%s answers still", url)
				}
			}
		})
	}
}

func TestEngineThatDoesNotStart(t *testing.T) {
	t.Parallel()
	err := run(t.Context(), []string{"-engines", t.TempDir(), "run", "--", "true"}, []engine{self(t, "engine"), self(t, "broken")}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "out of electricity") {
		t.Errorf("err = %v", err)
	}
}

func TestInterruptEndsAll(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var out bytes.Buffer
	stop := writer(func(p []byte) { out.Write(p); cancel() })
	err := run(ctx, []string{"-engines", t.TempDir(), "run", "--", "sh", "-c", "echo $RUBRICA_TEST_ENGINE; exec sleep 600"}, []engine{self(t, "engine")}, stop, io.Discard)
	if err == nil {
		t.Error("no error")
	}
	if response, err := http.Get(strings.TrimSpace(out.String())); err == nil {
		response.Body.Close()
		t.Error("the engine answers still")
	}
}

type writer func(p []byte)

func (w writer) Write(p []byte) (int, error) { w(p); return len(p), nil }

func TestFetch(t *testing.T) {
	t.Parallel()
	folder, e := t.TempDir(), self(t, "engine")
	fetches := 0
	command := e.fetch
	e.fetch = func(folder string) ([]string, error) { fetches++; return command(folder) }
	for range 2 {
		if err := run(t.Context(), []string{"-engines", folder, "fetch"}, []engine{e}, io.Discard, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, e.name, "fetched")); err != nil || fetches != 1 {
		t.Errorf("%d fetches, %v", fetches, err)
	}
}

func TestFetchThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	folder, e := t.TempDir(), self(t, "engine")
	command := e.fetch
	e.fetch = func(folder string) ([]string, error) {
		c, err := command(folder)
		return append(c, "fail"), err
	}
	if err := run(t.Context(), []string{"-engines", folder, "fetch"}, []engine{e}, io.Discard, io.Discard); err == nil {
		t.Error("no error")
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"run"}, {"run", "--"}, {"fetch", "more"}, {"start"}} {
		if err := run(t.Context(), append([]string{"-engines", t.TempDir()}, args...), nil, io.Discard, io.Discard); err == nil || !strings.HasPrefix(err.Error(), "usage:") {
			t.Errorf("%q: err = %v", args, err)
		}
	}
}
