package pebble_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

// childFolder is the environment variable that makes the test's binary the
// child that is killed; it names the data folder.
const childFolder = "RUBRICA_TEST_KILL_FOLDER"

// child is how many writers the child has; each counts up in a row of its own.
const childWriters = 8

func childKey(ws tenant.Workspace, writer int) table.Key {
	return table.In(ws, "writers").Row(strconv.Itoa(writer))
}

// writeUntilKilled goes on counting where it is, and prints "writer number" for
// every write that was answered.
func writeUntilKilled(dir string) error {
	store, err := pebble.Open(dir, pebble.Options{})
	if err != nil {
		return err
	}
	tbl := table.New(store.Table("main"))
	ws, err := tenant.Parse("acme")
	if err != nil {
		return err
	}
	ctx := tenant.Bind(context.Background(), ws)
	failed := make(chan error)
	for w := range childWriters {
		go func() {
			for {
				row, err := tbl.GetOne(ctx, childKey(ws, w))
				if err != nil {
					failed <- err
					return
				}
				n := row.Schema + 1
				id := fmt.Sprintf("%d-%06d", w, n)
				err = tbl.Write(ctx,
					table.Put(table.Row{Key: childKey(ws, w), Schema: n, Out: "audit"}, table.Unchanged(row)),
					table.Put(table.Row{Key: table.In(ws, "log").Row(id), Doc: document(n)}, table.Absent()))
				if err != nil {
					failed <- err
					return
				}
				// One write to the pipe: a line comes whole or not at all.
				if _, err := fmt.Printf("%d %d\n", w, n); err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	return <-failed
}

// A process is killed in the middle of writing, again and again on one folder.
// Whatever it had answered is there, and no write is there in part.
func TestKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	told := map[int]int{} // by writer
	for _, answers := range []int{1, 300, 2000, 50} {
		killAfter(t, dir, answers, told)
		store, err := pebble.Open(dir, pebble.Options{})
		if err != nil {
			t.Fatal(err)
		}
		compare(t, store, told)
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killAfter runs a child on the folder until it gave some answers.
func killAfter(t *testing.T, dir string, answers int, told map[int]int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childFolder+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var reaped sync.Once
	kill := func() {
		reaped.Do(func() {
			_ = cmd.Process.Signal(syscall.SIGKILL)
			_ = cmd.Wait()
		})
	}
	defer kill()
	lines := bufio.NewReader(out)
	for n := 0; ; n++ {
		line, err := lines.ReadString('\n')
		if err != nil {
			if n < answers || !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) {
				t.Fatalf("the child ended by itself: %s%v", line, err)
			}
			break
		}
		writer, number, ok := strings.Cut(strings.TrimSpace(line), " ")
		w, err1 := strconv.Atoi(writer)
		k, err2 := strconv.Atoi(number)
		if !ok || err1 != nil || err2 != nil {
			t.Fatalf("the child says %q", line)
		}
		told[w] = max(told[w], k)
		switch n {
		case 0:
			// Meanwhile the folder is the child's alone.
			if _, err := pebble.Open(dir, pebble.Options{}); !errors.Is(err, pebble.ErrInUse) {
				t.Errorf("opened while another process has it: %v", err)
			}
		case answers:
			// What is in the pipe already is read to its end: it was answered.
			if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func compare(t *testing.T, store *pebble.Store, told map[int]int) {
	t.Helper()
	tbl := table.New(store.Table("main"))
	ws := workspace(t)
	ctx := tenant.Bind(t.Context(), ws)
	for w := range childWriters {
		row, err := tbl.GetOne(ctx, childKey(ws, w))
		if err != nil {
			t.Fatal(err)
		}
		if row.Schema < told[w] {
			t.Errorf("writer %d was told %d, there is %d", w, told[w], row.Schema)
		}
		n := 0
		err = tbl.All(ctx, table.Range{Of: table.In(ws, "log"), Prefix: fmt.Sprint(w, "-"), Limit: 1000}, func(row table.Row) error {
			if n++; row.Key.SK() != fmt.Sprintf("%d-%06d", w, n) {
				return fmt.Errorf("row %s in place of number %d", row.Key.SK(), n)
			}
			mustBe(t, row.Doc, document(n))
			return nil
		})
		if err != nil || n != row.Schema {
			t.Errorf("writer %d: counter %d, log %d, error %v", w, row.Schema, n, err)
		}
	}
}

func mustBe(t *testing.T, got, want []byte) {
	t.Helper()
	if string(got) != string(want) {
		t.Errorf("%s, want %s", got, want)
	}
}
