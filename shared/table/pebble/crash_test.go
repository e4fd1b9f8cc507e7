package pebble_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

// slowSync makes the time between visible and durable long enough to be hit.
type slowSync struct{ *vfs.MemFS }

func (s slowSync) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := s.MemFS.Create(name, c)
	return slowFile{f}, err
}

type slowFile struct{ vfs.File }

func (f slowFile) Sync() error     { nap(); return f.File.Sync() }
func (f slowFile) SyncData() error { nap(); return f.File.SyncData() }

func nap() { time.Sleep(time.Duration(rand.IntN(300)) * time.Microsecond) }

// witness remembers what was answered: the greatest count of every counter row
// that somebody was told, and the changes that were handed out.
type witness struct {
	mu      sync.Mutex
	told    map[table.Key]int
	changes map[table.Key]map[string]bool
	after   string
}

func (w *witness) tell(key table.Key, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told[key] = max(w.told[key], n)
}

func (w *witness) hand(page table.Changes) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.after = page.Next
	for _, c := range page.Items {
		if w.changes[c.Key] == nil {
			w.changes[c.Key] = map[string]bool{}
		}
		w.changes[c.Key][c.Out] = true
	}
}

// The machine stops at any moment, and any part of what was not synced is lost.
// Whatever anybody was told before must be there.
func TestNothingThatWasToldIsLostInACrash(t *testing.T) {
	t.Parallel()
	for round := range 12 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			files := vfs.NewCrashableMem()
			told := &witness{told: map[table.Key]int{}, changes: map[table.Key]map[string]bool{}}
			crashed := runUntilCrash(t, files, told, seed)
			inspect(t, crashed, told)
		})
	}
}

// runUntilCrash lets writers, readers and the relay work, and returns what is
// left of the files after a crash, and of the witness what came before it.
func runUntilCrash(t *testing.T, files *vfs.MemFS, told *witness, seed uint64) *vfs.MemFS {
	t.Helper()
	store, err := pebble.OpenFiles(slowSync{files}, pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	tbl := table.New(store.Table("main"))
	ws := workspace(t)
	ctx, stop := context.WithCancel(tenant.Bind(t.Context(), ws))
	operator := tenant.BindOperator(t.Context())
	key := func(i int) table.Key { return table.In(ws, "counters", strconv.Itoa(i%2)).Row(strconv.Itoa(i)) }

	var all sync.WaitGroup
	for w := range 6 {
		random := rand.New(rand.NewPCG(seed, uint64(w)))
		all.Go(func() {
			for ctx.Err() == nil {
				if err := count(ctx, tbl, key(random.IntN(8)), told); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	all.Go(func() { // a reader of many rows at once
		for ctx.Err() == nil {
			rows, err := tbl.Get(ctx, key(0), key(1), key(2), key(3), key(4), key(5), key(6), key(7))
			if err != nil && ctx.Err() == nil {
				t.Error(err)
			}
			for i, row := range rows {
				told.tell(key(i), row.Schema)
			}
		}
	})
	all.Go(func() { // a reader of ranges
		for ctx.Err() == nil {
			page, err := tbl.Query(ctx, table.Range{Of: key(0).Partition(), Limit: 3})
			if err != nil && ctx.Err() == nil {
				t.Error(err)
			}
			for _, row := range page.Rows {
				told.tell(row.Key, row.Schema)
			}
		}
	})
	all.Go(func() { // the relay
		for after := ""; ctx.Err() == nil; {
			page, err := tbl.Changes(operator, after, 100)
			if err != nil {
				t.Error(err)
				return
			}
			told.hand(page)
			after = page.Next
		}
	})

	random := rand.New(rand.NewPCG(seed, 99))
	time.Sleep(time.Duration(random.IntN(40)) * time.Millisecond)
	told.mu.Lock() // what is told from here on is not held against the clone
	crashed := files.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: []int{0, 0, 50, 100}[random.IntN(4)], RNG: random})
	before := witness{told: told.told, changes: told.changes, after: told.after}
	told.told, told.changes = map[table.Key]int{}, map[table.Key]map[string]bool{}
	told.mu.Unlock()
	stop()
	all.Wait()
	told.told, told.changes, told.after = before.told, before.changes, before.after
	return crashed
}

// count raises a row's number by one, as a change with the number as its work.
func count(ctx context.Context, tbl *table.Table, key table.Key, told *witness) error {
	row, err := tbl.GetOne(ctx, key)
	if err != nil {
		return err
	}
	n := row.Schema
	told.tell(key, n)
	err = tbl.Write(ctx,
		table.Put(table.Row{Key: key, Schema: n + 1, Out: strconv.Itoa(n + 1)}, table.Unchanged(row)),
		table.Add(table.In(key.Workspace(), "all").Row("n"), 1))
	if failed, ok := errors.AsType[*table.ConditionError](err); ok {
		told.tell(key, failed.Failed[0].Row.Schema)
		return nil
	}
	if err == nil {
		told.tell(key, n+1)
	}
	return err
}

// inspect opens what the crash left and holds it against what was told.
func inspect(t *testing.T, crashed *vfs.MemFS, told *witness) {
	t.Helper()
	store, err := pebble.OpenFiles(crashed, pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	tbl := table.New(store.Table("main"))
	ctx := tenant.BindOperator(t.Context())
	rows := map[table.Key]table.Row{}
	for _, part := range []string{"0", "1"} {
		err := tbl.All(ctx, table.Range{Of: table.In(workspace(t), "counters", part), Limit: 100}, func(row table.Row) error {
			rows[row.Key] = row
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for key, n := range told.told {
		if rows[key].Schema < n {
			t.Errorf("%s is %d, but somebody was told %d", key, rows[key].Schema, n)
		}
	}

	// The relay goes on where it was; it must have been told of every number.
	for after := told.after; ; {
		page, err := tbl.Changes(ctx, after, 100)
		if err != nil {
			t.Fatal(err)
		}
		if told.hand(page); len(page.Items) == 0 {
			break
		}
		after = page.Next
	}
	total := 0
	for key, row := range rows {
		total += row.Schema
		for n := 1; n <= row.Schema; n++ {
			if !told.changes[key][strconv.Itoa(n)] {
				t.Errorf("the relay was never told that %s became %d", key, n)
			}
		}
	}
	sum, err := tbl.GetOne(ctx, table.In(workspace(t), "all").Row("n"))
	if err != nil || int(sum.Count) != total {
		t.Errorf("the sum is %d, the rows have %d: a write was torn; error %v", sum.Count, total, err)
	}
}
