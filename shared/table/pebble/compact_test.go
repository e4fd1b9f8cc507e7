package pebble_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

// secret is in every key and document that is erased.
const secret = "erased-person"

// holders are the files of a folder in which the secret is.
func holders(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // just removed
		}
		if bytes.Contains(content, []byte(secret)) {
			names = append(names, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestCompactLeavesNothingOfWhatWasDeleted(t *testing.T) {
	t.Parallel()
	var c clock
	dir := t.TempDir()
	store := open(t, dir, pebble.Options{Now: c.Now})
	tbl := table.New(store.Table("main"))
	ws := workspace(t)
	ctx := tenant.Bind(t.Context(), ws)
	operator := tenant.BindOperator(t.Context())

	key := func(kind string, i int) table.Key {
		return table.In(ws, kind, secret).Row(fmt.Sprintf("%s-%d", secret, i))
	}
	var keys []table.Key
	for i := range 500 {
		doc := fmt.Appendf(nil, `{"name":"%s %d","n":"%d"}`, secret, i, i*7919)
		kept := table.Row{Key: table.In(ws, "kept").Row(fmt.Sprint(i)), Doc: fmt.Appendf(nil, `{"n":"%d"}`, i*7907)}
		expiring := table.Row{Key: key("expiring", i), Doc: doc, Expires: c.Now().Add(time.Hour)}
		rows := []table.Row{kept, expiring, {Key: key("plain", i), Doc: doc, Out: secret}}
		keys = append(keys, rows[1].Key, rows[2].Key)
		if i%2 == 0 {
			if err := tbl.Batch(ctx, rows, nil); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := tbl.Write(ctx, table.Put(rows[0]), table.Put(rows[1], table.Absent()), table.Put(rows[2])); err != nil {
			t.Fatal(err)
		}
		if i == 201 { // so that there are older files, and keys in their list
			if err := store.Compact(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(holders(t, dir)) == 0 {
		t.Fatal("the secret is in no file to begin with: this test could not fail")
	}

	// The relay is done with the changes, and every row goes, one way or other.
	for after := ""; ; {
		page, err := tbl.Changes(operator, after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if after = page.Next; len(page.Items) == 0 {
			break
		}
	}
	if err := tbl.Batch(ctx, nil, keys[:500]); err != nil {
		t.Fatal(err)
	}
	for _, k := range keys[500:] {
		if err := tbl.Write(ctx, table.Delete(k, table.Exists())); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Compact(ctx); err != nil {
		t.Fatal(err)
	}
	if names := holders(t, dir); len(names) > 0 {
		t.Errorf("the secret is still in %v", names)
	}
	page, err := tbl.Query(ctx, table.Range{Of: table.In(ws, "kept"), Limit: 1000})
	if err != nil || len(page.Rows) != 500 {
		t.Errorf("%d rows were kept, want 500, error %v", len(page.Rows), err)
	}
}

func workspace(t testing.TB) tenant.Workspace {
	t.Helper()
	ws, err := tenant.Parse("acme")
	if err != nil {
		t.Fatal(err)
	}
	return ws
}
