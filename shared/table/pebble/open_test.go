package pebble_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

// written is a data folder with some rows, closed.
func written(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	store, err := pebble.Open(dir, pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ws := workspace(t)
	ctx := tenant.Bind(t.Context(), ws)
	tbl := table.New(store.Table("main"))
	for i := 0; i < 2000; i += 50 {
		var rows []table.Row
		for j := range 50 {
			rows = append(rows, table.Row{Key: contact(ws, i+j), Doc: document(i + j), Out: "audit"})
		}
		if err := tbl.Batch(ctx, rows, nil); err != nil {
			t.Fatal(err)
		}
		if i == 1000 {
			if err := store.Compact(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// one is the only, or the last, file of the engine with a name like that.
func one(t *testing.T, dir, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "store", pattern))
	if err != nil || len(names) == 0 {
		t.Fatalf("no file %s: %v", pattern, err)
	}
	return names[len(names)-1]
}

// largest is the largest of the engine's files of rows: others may hold a single
// one, of the engine's own.
func largest(t *testing.T, dir string) (name string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "store", "*.sst"))
	if err != nil {
		t.Fatal(err)
	}
	var size int64
	for _, n := range names {
		info, err := os.Stat(n)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > size {
			name, size = n, info.Size()
		}
	}
	return name
}

func change(t *testing.T, name string, edit func([]byte) []byte) {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, edit(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func cut(content []byte) []byte { return content[:len(content)/2] }

func scramble(content []byte) []byte {
	for i := len(content) / 4; i < len(content)/2; i++ {
		content[i] ^= 0x55
	}
	return content
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(t *testing.T, dir string)
		want  error
	}{
		"ANewerFormat": {func(t *testing.T, dir string) {
			change(t, filepath.Join(dir, "format"), func([]byte) []byte { return []byte("99\n") })
		}, pebble.ErrNewer},
		"AFormatThatIsNoNumber": {func(t *testing.T, dir string) {
			change(t, filepath.Join(dir, "format"), func([]byte) []byte { return []byte("one\nand more\n") })
		}, pebble.ErrDamaged},
		"AnEmptyFormat": {func(t *testing.T, dir string) {
			change(t, filepath.Join(dir, "format"), func([]byte) []byte { return nil })
		}, pebble.ErrDamaged},
		"NoFormat": {func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "format")); err != nil {
				t.Fatal(err)
			}
		}, pebble.ErrDamaged},
		"NoStore": {func(t *testing.T, dir string) {
			if err := os.RemoveAll(filepath.Join(dir, "store")); err != nil {
				t.Fatal(err)
			}
		}, pebble.ErrDamaged},
		"NoTable": {func(t *testing.T, dir string) {
			if err := os.Remove(one(t, dir, "*.sst")); err != nil {
				t.Fatal(err)
			}
		}, pebble.ErrDamaged},
		"ACutTable":          {func(t *testing.T, dir string) { change(t, one(t, dir, "*.sst"), cut) }, pebble.ErrDamaged},
		"ACutManifest":       {func(t *testing.T, dir string) { change(t, one(t, dir, "MANIFEST-*"), cut) }, pebble.ErrDamaged},
		"AScrambledManifest": {func(t *testing.T, dir string) { change(t, one(t, dir, "MANIFEST-*"), scramble) }, pebble.ErrDamaged},
		"NoManifest": {func(t *testing.T, dir string) {
			if err := os.Remove(one(t, dir, "MANIFEST-*")); err != nil {
				t.Fatal(err)
			}
		}, pebble.ErrDamaged},
		"NoLog": {func(t *testing.T, dir string) {
			if err := os.Remove(one(t, dir, "*.log")); err != nil {
				t.Fatal(err)
			}
		}, pebble.ErrDamaged},
		"AScrambledLog": {func(t *testing.T, dir string) { change(t, one(t, dir, "*.log"), scramble) }, pebble.ErrDamaged},
		"AFileInPlaceOfTheStore": {func(t *testing.T, dir string) {
			if err := os.RemoveAll(filepath.Join(dir, "store")); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "store"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, pebble.ErrUnwritable},
		"AFolderThatIsOpen": {func(t *testing.T, dir string) { open(t, dir, pebble.Options{}) }, pebble.ErrInUse},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := written(t)
			c.spoil(t, dir)
			store, err := pebble.Open(dir, pebble.Options{})
			if err == nil {
				_ = store.Close()
			}
			sentence(t, err, dir, c.want)
		})
	}

	t.Run("AFolderThatCannotBeMade", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(file, "data")
		_, err := pebble.Open(dir, pebble.Options{})
		sentence(t, err, dir, pebble.ErrUnwritable)
	})

	t.Run("AFolderThatMustBeAStoreAndIsNone", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		_, err := pebble.Open(dir, pebble.Options{Existing: true})
		sentence(t, err, dir, pebble.ErrNoStore)
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("it holds %v now (%v)", left, err)
		}
		missing := filepath.Join(dir, "missing")
		_, err = pebble.Open(missing, pebble.Options{Existing: true})
		sentence(t, err, missing, pebble.ErrNoStore)
		if _, err := os.Stat(missing); err == nil {
			t.Error("it was made")
		}
		open(t, written(t), pebble.Options{Existing: true})
	})
}

// sentence demands one line that says which folder and what to do.
func sentence(t *testing.T, err error, dir string, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%v, want one that %v", err, want)
	}
	for _, other := range []error{pebble.ErrInUse, pebble.ErrNewer, pebble.ErrDamaged, pebble.ErrUnwritable, pebble.ErrNoStore} {
		if other != want && errors.Is(err, other) {
			t.Errorf("%v is also one that %v", err, other)
		}
	}
	t.Log(err)
	if s := err.Error(); strings.Contains(s, "\n") || !strings.Contains(s, dir) || !strings.Contains(s, want.Error()) {
		t.Errorf("%q is no sentence about %s", s, dir)
	}
}

func TestOpenAgain(t *testing.T) {
	t.Parallel()

	t.Run("AfterAnAttemptThatWasCutOff", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		store := open(t, dir, pebble.Options{})
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(dir, "format")); err != nil { // it comes last
			t.Fatal(err)
		}
		open(t, dir, pebble.Options{})
	})

	t.Run("AfterATornEndOfTheLog", func(t *testing.T) {
		t.Parallel()
		dir := written(t)
		change(t, one(t, dir, "*.log"), func(content []byte) []byte { return content[:len(content)*3/4] })
		store := open(t, dir, pebble.Options{})
		ws := workspace(t)
		row, err := table.New(store.Table("main")).GetOne(tenant.Bind(t.Context(), ws), contact(ws, 1000))
		if err != nil || !row.Exists() {
			t.Errorf("row %v, error %v", row, err)
		}
	})

	t.Run("InAFolderWithOtherFiles", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		other := filepath.Join(dir, "notes.txt")
		if err := os.WriteFile(other, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		open(t, dir, pebble.Options{})
		if content, err := os.ReadFile(other); err != nil || string(content) != "mine" {
			t.Errorf("%q, error %v", content, err)
		}
	})

	t.Run("AfterItWasRefused", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		store := open(t, dir, pebble.Options{})
		for range 3 {
			if _, err := pebble.Open(dir, pebble.Options{}); !errors.Is(err, pebble.ErrInUse) {
				t.Fatal(err)
			}
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		open(t, dir, pebble.Options{})
	})
}

func TestDamageIsToldByTheReadThatMeetsIt(t *testing.T) {
	t.Parallel()
	dir := written(t)
	change(t, largest(t, dir), func(content []byte) []byte {
		for i := len(content) / 2; i < len(content)*2/3; i++ { // among the rows
			content[i] ^= 0x55
		}
		return content
	})
	store := open(t, dir, pebble.Options{})
	ws := workspace(t)
	tbl := table.New(store.Table("main"))
	ctx := tenant.Bind(t.Context(), ws)
	var damaged []table.Key
	for i := range 2000 {
		if _, err := tbl.GetOne(ctx, contact(ws, i)); errors.Is(err, pebble.ErrDamaged) {
			damaged = append(damaged, contact(ws, i))
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if len(damaged) == 0 || len(damaged) == 2000 {
		t.Fatalf("%d of 2000 rows are damaged", len(damaged))
	}
	key := damaged[len(damaged)/2]
	if err := tbl.Write(ctx, table.Put(table.Row{Key: key}, table.Absent())); !errors.Is(err, pebble.ErrDamaged) {
		t.Errorf("write: %v", err)
	}
	err := tbl.All(ctx, table.Range{Of: key.Partition(), Limit: 100}, func(table.Row) error { return nil })
	if !errors.Is(err, pebble.ErrDamaged) {
		t.Errorf("query: %v", err)
	}
	if _, err := tbl.Scan(ctx, table.Segment{Of: 1, Limit: 2000}); !errors.Is(err, pebble.ErrDamaged) {
		t.Errorf("scan: %v", err)
	}
}

func ExampleOpenError() {
	_, err := pebble.Open("/dev/null/data", pebble.Options{})
	fmt.Println(err)
	// Output: the data folder /dev/null/data cannot be written to (mkdir /dev/null: not a directory)
}
