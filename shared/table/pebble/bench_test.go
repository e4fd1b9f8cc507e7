package pebble_test

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"

	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

// benchmark is a table on disk and a workspace in it.
func benchmark(b *testing.B) (context.Context, *table.Table, tenant.Workspace) {
	b.Helper()
	s, err := pebble.Open(b.TempDir(), pebble.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	ws, err := tenant.Parse("acme")
	if err != nil {
		b.Fatal(err)
	}
	return tenant.Bind(b.Context(), ws), table.New(s.Table("main")), ws
}

// document is a contact of usual length.
func document(i int) []byte {
	return fmt.Appendf(nil, `{"firstName":"Ada %d","lastName":"Lovelace","phone":"+49151%08d","tags":["a","b"],"notes":"%s"}`,
		i, i, bytes.Repeat([]byte("lorem ipsum "), 25))
}

func fill(b *testing.B, ctx context.Context, t *table.Table, ws tenant.Workspace, contacts int) {
	b.Helper()
	for i := 0; i < contacts; {
		var rows []table.Row
		for ; len(rows) < 1000 && i < contacts; i++ {
			rows = append(rows, table.Row{Key: contact(ws, i), Doc: document(i)})
		}
		if err := t.Batch(ctx, rows, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func contact(ws tenant.Workspace, i int) table.Key {
	return table.In(ws, "contacts", strconv.Itoa(i%4)).Row(fmt.Sprintf("%026d", i))
}

func BenchmarkGet(b *testing.B) {
	ctx, t, ws := benchmark(b)
	const contacts = 100_000
	fill(b, ctx, t, ws, contacts)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i = (i + 7919) % contacts
		row, err := t.GetOne(ctx, contact(ws, i))
		if err != nil || !row.Exists() {
			b.Fatal(row, err)
		}
	}
}

func BenchmarkGetAbsent(b *testing.B) {
	ctx, t, ws := benchmark(b)
	fill(b, ctx, t, ws, 100_000)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		row, err := t.GetOne(ctx, table.In(ws, "former", strconv.Itoa(i)).Row("-"))
		if err != nil || row.Exists() {
			b.Fatal(row, err)
		}
	}
}

func BenchmarkQuery50(b *testing.B) {
	ctx, t, ws := benchmark(b)
	const contacts = 100_000
	fill(b, ctx, t, ws, contacts)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i = (i + 7919) % (contacts / 2)
		key := contact(ws, i)
		page, err := t.Query(ctx, table.Range{Of: key.Partition(), After: key.SK(), Limit: 50})
		if err != nil || len(page.Rows) != 50 {
			b.Fatal(len(page.Rows), err)
		}
	}
}

// BenchmarkWrite is the transaction of a new contact: two documents and two
// index rows, durable.
func BenchmarkWrite(b *testing.B) {
	for _, writers := range []int{1, 16} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			ctx, t, ws := benchmark(b)
			var next atomic.Int64
			write := func() {
				i := int(next.Add(1))
				id := fmt.Sprintf("%026d", i)
				err := t.Write(ctx,
					table.Put(table.Row{Key: contact(ws, i), Doc: document(i)}, table.Absent()),
					table.Put(table.Row{Key: table.In(ws, "of", id).Row("change/1"), Doc: document(i), Out: "audit"}),
					table.Put(table.Row{Key: table.In(ws, "identity", "email", id).Row(id)}),
					table.Put(table.Row{Key: table.In(ws, "tag", "vip", strconv.Itoa(i%4)).Row(id)}),
				)
				if err != nil {
					b.Error(err)
				}
			}
			b.ReportAllocs()
			if writers == 1 {
				for b.Loop() {
					write()
				}
				return
			}
			b.SetParallelism(writers / 2) // of two processors
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					write()
				}
			})
		})
	}
}
