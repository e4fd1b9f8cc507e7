package pebble_test

import (
	"errors"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

// fullDisk is a file system in memory that takes nothing more once it is full.
type fullDisk struct {
	vfs.FS
	full atomic.Bool
}

func (d *fullDisk) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := d.FS.Create(name, c)
	return fullFile{f, d}, err
}

type fullFile struct {
	vfs.File
	disk *fullDisk
}

func (f fullFile) err() error {
	if f.disk.full.Load() {
		return syscall.ENOSPC
	}
	return nil
}

func (f fullFile) Write(b []byte) (int, error) {
	if err := f.err(); err != nil {
		return 0, err
	}
	return f.File.Write(b)
}
func (f fullFile) Sync() error     { return errors.Join(f.err(), f.File.Sync()) }
func (f fullFile) SyncData() error { return errors.Join(f.err(), f.File.SyncData()) }

// A write that is not on the disk is never confirmed, nor shown to anybody, and
// nothing is answered from then on: memory and disk differ.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	disk := &fullDisk{FS: vfs.NewMem()}
	var fatal atomic.Int64
	store, err := pebble.OpenFiles(disk, pebble.Options{Fatal: func(err error) {
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("fatal: %v", err)
		}
		fatal.Add(1)
	}})
	if err != nil {
		t.Fatal(err)
	}
	tbl := table.New(store.Table("main"))
	ws := workspace(t)
	ctx := tenant.Bind(t.Context(), ws)
	row := func(sk string) table.Row { return table.Row{Key: table.In(ws, "things").Row(sk), Out: "audit"} }
	if err := tbl.Write(ctx, table.Put(row("before"))); err != nil {
		t.Fatal(err)
	}

	disk.full.Store(true)
	write := tbl.Write(ctx, table.Put(row("lost")))
	_, get := tbl.GetOne(ctx, row("before").Key)
	_, query := tbl.Query(ctx, table.Range{Of: row("").Key.Partition(), Limit: 10})
	_, changes := tbl.Changes(tenant.BindOperator(ctx), "", 10)
	for name, err := range map[string]error{"write": write, "get": get, "query": query, "changes": changes,
		"another write": tbl.Write(ctx, table.Put(row("other")))} {
		if !errors.Is(err, table.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if fatal.Load() != 1 {
		t.Errorf("told %d times", fatal.Load())
	}
	disk.full.Store(false)
	_ = store.Close() // whether it can is not ours to say

	store, err = pebble.OpenFiles(disk, pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	tbl = table.New(store.Table("main"))
	if got, err := tbl.GetOne(ctx, row("before").Key); err != nil || !got.Exists() {
		t.Errorf("what was confirmed before is %v, error %v", got, err)
	}
}
