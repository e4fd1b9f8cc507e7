//go:build unix

package pebble_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

// BenchmarkGetMany reads 50 contacts that lie apart, in the order of their ids
// among far more than the cache holds: what a list by an index does.
func BenchmarkGetMany(b *testing.B) {
	ctx, t, ws := benchmark(b)
	const contacts = 400_000
	fill(b, ctx, t, ws, contacts)
	b.ReportAllocs()
	for b.Loop() {
		first := rand.IntN(contacts - 50*50)
		keys := make([]table.Key, 50)
		for i := range keys {
			keys[i] = contact(ws, first+50*(49-i))
		}
		rows, err := t.Get(ctx, keys...)
		if err != nil || !rows[0].Exists() || !rows[49].Exists() {
			b.Fatal(err)
		}
	}
}

// BenchmarkWriteMany is a transaction of a bulk job: contacts that lie apart are
// changed as they were read, each with a new row beside it.
func BenchmarkWriteMany(b *testing.B) {
	ctx, t, ws := benchmark(b)
	const contacts, some = 400_000, 48
	fill(b, ctx, t, ws, contacts)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		first := rand.IntN(contacts - 50*some)
		keys := make([]table.Key, some)
		for i := range keys {
			keys[i] = contact(ws, first+50*i)
		}
		rows, err := t.Get(ctx, keys...)
		if err != nil {
			b.Fatal(err)
		}
		var actions []table.Action
		for i, row := range rows {
			beside := table.Row{Key: table.In(ws, "of", row.Key.SK()).Row(strconv.Itoa(n)), Doc: document(i)}
			actions = append(actions, table.Put(row, table.Unchanged(row)), table.Put(beside, table.Absent()))
		}
		b.StartTimer()
		if err := t.Write(ctx, actions...); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpenAfterKill opens what a killed process leaves behind: a million
// rows, and as much in the log as there can be.
func BenchmarkOpenAfterKill(b *testing.B) {
	live := b.TempDir()
	s, err := pebble.Open(live, pebble.Options{})
	if err != nil {
		b.Fatal(err)
	}
	ws, err := tenant.Parse("acme")
	if err != nil {
		b.Fatal(err)
	}
	fill(b, tenant.Bind(b.Context(), ws), table.New(s.Table("main")), ws, 1_000_000)
	killed := filepath.Join(b.TempDir(), "killed")
	if err := os.CopyFS(killed, os.DirFS(live)); err != nil { // as a kill would leave it
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		dir := filepath.Join(b.TempDir(), "data")
		if err := os.CopyFS(dir, os.DirFS(killed)); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		s, err := pebble.Open(dir, pebble.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkRewrite puts rows anew, here and there among a million: what it costs
// is mostly the engine's work behind it, so the whole process is counted.
func BenchmarkRewrite(b *testing.B) {
	ctx, t, ws := benchmark(b)
	const contacts = 1_000_000
	fill(b, ctx, t, ws, contacts)
	for range 4 { // the engine comes to rest
		time.Sleep(500 * time.Millisecond)
	}
	before := processorTime(b)
	rows := 0
	for b.Loop() {
		batch := make([]table.Row, 0, 100)
		seen := map[int]bool{}
		for len(batch) < cap(batch) {
			i := rand.IntN(contacts)
			if !seen[i] {
				seen[i] = true
				batch = append(batch, table.Row{Key: contact(ws, i), Doc: document(i)})
			}
		}
		if err := t.Batch(ctx, batch, nil); err != nil {
			b.Fatal(err)
		}
		rows += len(batch)
	}
	b.ReportMetric(float64((processorTime(b)-before).Microseconds())/float64(rows), "µs-cpu/row")
}

// processorTime is what the process has used so far, in both modes.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
