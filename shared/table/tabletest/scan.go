package tabletest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

func exerciseScan(t *testing.T, open func(*testing.T) Opened) {
	shared := open(t)

	// scanned counts how often each row comes up.
	scanned := func(t *testing.T, ctx context.Context, tbl *table.Table, of, limit int) map[table.Key]int {
		t.Helper()
		var mu sync.Mutex
		seen := map[table.Key]int{}
		var all sync.WaitGroup
		for i := range of {
			all.Go(func() {
				s := table.Segment{Index: i, Of: of, Limit: limit}
				for {
					page, err := tbl.Scan(ctx, s)
					if err != nil {
						t.Error(err)
						return
					}
					if len(page.Rows) > limit {
						t.Errorf("a page of %d rows, limit %d", len(page.Rows), limit)
					}
					mu.Lock()
					for _, row := range page.Rows {
						seen[row.Key]++
					}
					mu.Unlock()
					if s.After = page.Next; page.Next == "" {
						return
					}
				}
			})
		}
		all.Wait()
		return seen
	}

	t.Run("EveryRowComesUpOnce", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		want := map[table.Key]int{}
		var rows []table.Row
		for i := range 120 {
			part := table.In(s.ws, "p", fmt.Sprint(i%11))
			if i%10 == 0 {
				part = table.In(s.ws)
			}
			key := part.Row(fmt.Sprintf("%03d", i))
			want[key] = 1
			rows = append(rows, table.Row{Key: key, Doc: []byte(`{}`)})
		}
		s.mustBatch(t, append(rows, s.expired("x")))
		operator := tenant.BindOperator(t.Context())
		for _, of := range []int{1, 3, 8} {
			for name, ctx := range map[string]context.Context{"workspace": s.ctx, "operator": operator} {
				seen := scanned(t, ctx, s.Table, of, 25)
				for key := range seen {
					if want[key] == 0 && (name == "workspace" || key.Workspace() == s.ws) {
						t.Errorf("%s, %d segments: row %s came up", name, of, key)
					}
				}
				for key := range want {
					if seen[key] != 1 {
						t.Errorf("%s, %d segments: row %s came up %d times", name, of, key, seen[key])
					}
				}
			}
		}
	})

	t.Run("AWorkspaceSeesItsOwnRowsAlone", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		ops := tenant.BindOperator(t.Context())
		var keys []table.Key
		for _, name := range []string{"", "-", "-a", "0", "a"} {
			ws, err := tenant.Parse(s.ws.String() + name)
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, table.In(ws, "a").Row("1"), table.In(ws).Row("2"))
		}
		var rows []table.Row
		for _, key := range keys {
			rows = append(rows, table.Row{Key: key, Doc: []byte(`{}`)})
		}
		if err := s.Batch(ops, rows, nil); err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(keys); i += 2 {
			seen := scanned(t, tenant.Bind(t.Context(), keys[i].Workspace()), s.Table, 2, 10)
			if len(seen) != 2 || seen[keys[i]] != 1 || seen[keys[i+1]] != 1 {
				t.Errorf("workspace %s sees %v", keys[i].Workspace(), seen)
			}
		}
	})

	t.Run("RowsComeWhole", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		row := s.doc("a", `{"a":{"b":[1,2]}}`)
		row.Schema, row.Out = 2, "audit"
		s.mustWrite(t, table.Put(row))
		page, err := s.Scan(s.ctx, table.Segment{Of: 1, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for page.Next != "" && len(page.Rows) == 0 {
			if page, err = s.Scan(s.ctx, table.Segment{Of: 1, Limit: 1000, After: page.Next}); err != nil {
				t.Fatal(err)
			}
		}
		if len(page.Rows) != 1 {
			t.Fatalf("%d rows", len(page.Rows))
		}
		mustEqualRow(t, page.Rows[0], s.mustGet(t, row.Key))
	})
}
