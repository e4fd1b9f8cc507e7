package pebble_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

// Rows written over and over, in layers, are all in the lowest afterwards, as they
// were written last.
func TestTidy(t *testing.T) {
	t.Parallel()
	dir, ws := t.TempDir(), workspace(t)
	ctx := tenant.Bind(t.Context(), ws)
	const rows, rounds = 3000, 3
	doc := func(i, round int) []byte {
		return fmt.Appendf(nil, `{"n":%d,"x":"%s"}`, i*round, bytes.Repeat([]byte("x"), 900))
	}
	key := func(i int) table.Key { return table.In(ws, "contacts", fmt.Sprint(i%4)).Row(fmt.Sprintf("%08d", i)) }
	last := map[int]int{}
	for round := range rounds {
		s := must(pebble.Open(dir, pebble.Options{}))(t) // which makes a file of the log
		var puts []table.Row
		for _, i := range rand.Perm(rows)[:rows-round*500] {
			puts = append(puts, table.Row{Key: key(i), Doc: doc(i, round)})
			last[i] = round
		}
		if err := table.New(s.Table("main")).Batch(ctx, puts, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, dir, pebble.Options{})
	if !s.Layered() {
		t.Fatalf("files by layer %v: there is nothing to do", s.Files())
	}
	if all, err := s.Tidy(t.Context()); err != nil || !all {
		t.Fatal(all, err)
	}
	if files := s.Files(); files[len(files)-1] == 0 || s.Layered() {
		t.Errorf("files by layer %v", files)
	}
	tbl := table.New(s.Table("main"))
	for i := range rows {
		row, err := tbl.GetOne(ctx, key(i))
		if err != nil || !bytes.Equal(row.Doc, doc(i, last[i])) {
			t.Fatal(i, row, err)
		}
	}
}
