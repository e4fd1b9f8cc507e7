package tabletest

import (
	"context"
	"errors"
	"testing"

	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

func exerciseTenants(t *testing.T, open func(*testing.T) Opened) {
	shared := open(t)

	// calls touch the rows of a workspace in every way.
	calls := map[string]func(ctx context.Context, s *space) error{
		"Get": func(ctx context.Context, s *space) error { _, err := s.GetOne(ctx, s.key("a")); return err },
		"Put": func(ctx context.Context, s *space) error { return s.Write(ctx, table.Put(s.doc("a", `{}`))) },
		"Check": func(ctx context.Context, s *space) error {
			return s.Write(ctx, table.Check(s.key("a"), table.Exists()))
		},
		"Add": func(ctx context.Context, s *space) error { return s.Write(ctx, table.Add(s.key("n"), 1)) },
		"Delete": func(ctx context.Context, s *space) error {
			return s.Write(ctx, table.Delete(s.key("a")))
		},
		"BatchPut": func(ctx context.Context, s *space) error {
			return s.Batch(ctx, []table.Row{s.doc("a", `{}`)}, nil)
		},
		"BatchDelete": func(ctx context.Context, s *space) error { return s.Batch(ctx, nil, []table.Key{s.key("a")}) },
		"Query": func(ctx context.Context, s *space) error {
			_, err := s.Query(ctx, table.Range{Of: s.key("a").Partition(), Limit: 1})
			return err
		},
		"Mixed": func(ctx context.Context, s *space) error {
			bound, _ := tenant.Bound(ctx)
			return s.Write(ctx, table.Put(table.Row{Key: table.In(bound, "own").Row("a")}), table.Put(s.doc("a", `{}`)))
		},
	}
	for name, call := range calls {
		t.Run(name+"OfAnotherWorkspaceIsRefused", func(t *testing.T) {
			t.Parallel()
			s := newSpace(t, shared.Driver)
			s.mustWrite(t, table.Put(s.doc("a", `{"n":1}`)))
			was := s.mustGet(t, s.key("a"))
			other := newWorkspace(t)
			for _, ctx := range []context.Context{tenant.Bind(t.Context(), other), t.Context()} {
				if err := call(ctx, s); !errors.Is(err, table.ErrTenant) {
					t.Errorf("error %v, want one of the tenant", err)
				}
			}
			mustEqualRow(t, s.mustGet(t, s.key("a")), was)
			if row, err := s.GetOne(tenant.Bind(t.Context(), other), table.In(other, "own").Row("a")); err != nil || row.Exists() {
				t.Errorf("the other workspace has row %+v, error %v", row, err)
			}
		})
		if name == "Mixed" {
			continue // it needs a workspace of its own
		}
		t.Run(name+"OfAnyWorkspaceIsTheOperators", func(t *testing.T) {
			t.Parallel()
			s := newSpace(t, shared.Driver)
			s.mustWrite(t, table.Put(s.doc("a", `{"n":1}`)))
			if err := call(tenant.BindOperator(t.Context()), s); err != nil {
				t.Error(err)
			}
		})
	}

	t.Run("ScanWithoutAWorkspaceIsRefused", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		if _, err := s.Scan(t.Context(), table.Segment{Of: 1, Limit: 1}); !errors.Is(err, table.ErrTenant) {
			t.Errorf("error %v, want one of the tenant", err)
		}
	})

	t.Run("ChangesAreTheOperators", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		if _, err := s.Changes(s.ctx, "", 1); !errors.Is(err, table.ErrTenant) {
			t.Errorf("error %v, want one of the tenant", err)
		}
	})

	t.Run("TheSameKeyInTwoWorkspacesIsTwoRows", func(t *testing.T) {
		t.Parallel()
		a, b := newSpace(t, shared.Driver), newSpace(t, shared.Driver)
		a.mustWrite(t, table.Put(a.doc("x", `{"of":"a"}`), table.Absent()))
		b.mustWrite(t, table.Put(b.doc("x", `{"of":"b"}`), table.Absent()))
		mustEqualJSON(t, a.mustGet(t, a.key("x")).Doc, `{"of":"a"}`)
		a.mustWrite(t, table.Delete(a.key("x")))
		mustEqualJSON(t, b.mustGet(t, b.key("x")).Doc, `{"of":"b"}`)
	})
}
