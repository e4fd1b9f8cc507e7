package tabletest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

func exerciseLimits(t *testing.T, open func(*testing.T) Opened) {
	shared := open(t)

	// refused demands that a call breaks a limit.
	refused := func(t *testing.T, err error) {
		t.Helper()
		if !errors.Is(err, table.ErrLimit) {
			t.Errorf("error %v, want one of a limit", err)
		}
	}

	t.Run("ARowOfTheGreatestSize", func(t *testing.T) {
		t.Parallel()
		lacking(t, "rows, pages and writes as long as the limits allow", shared.Lacks.Sizes)
		s := newSpace(t, shared.Driver)
		row := sized(t, s.key("a"), table.MaxRowSize)
		s.mustWrite(t, table.Put(row, table.Absent()))
		mustEqualJSON(t, s.mustGet(t, row.Key).Doc, string(row.Doc))
		s.mustWrite(t, table.Put(row), table.Put(s.doc("b", `{}`)))
		s.mustBatch(t, []table.Row{row})
		longer := sized(t, s.key("c"), table.MaxRowSize+1)
		refused(t, s.Write(s.ctx, table.Put(longer)))
		refused(t, s.Batch(s.ctx, []table.Row{s.doc("d", `{}`), longer}, nil))
		if s.mustGet(t, longer.Key).Exists() || s.mustGet(t, s.key("d")).Exists() {
			t.Error("something was written all the same")
		}
	})

	t.Run("AWriteOfTheGreatestSize", func(t *testing.T) {
		t.Parallel()
		lacking(t, "rows, pages and writes as long as the limits allow", shared.Lacks.Sizes)
		s := newSpace(t, shared.Driver)
		var actions []table.Action
		for i := range table.MaxWriteSize / table.MaxRowSize {
			actions = append(actions, table.Put(sized(t, s.key(fmt.Sprint("r", i)), table.MaxRowSize)))
		}
		rest := table.MaxWriteSize % table.MaxRowSize
		refused(t, s.Write(s.ctx, append(actions, table.Put(sized(t, s.key("rest"), rest+1)))...))
		actions = append(actions, table.Put(sized(t, s.key("rest"), rest)))
		s.mustWrite(t, actions...)
		for i := range actions {
			if !s.mustGet(t, actions[i].Row.Key).Exists() {
				t.Errorf("row %d is missing", i)
			}
		}
	})

	t.Run("KeysOfTheGreatestLength", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		part := strings.Repeat("p", table.MaxPK-len(s.ws.String())-1)
		sk := strings.Repeat("é", table.MaxSK/2)
		key := table.In(s.ws, part).Row(sk)
		row := table.Row{Key: key, Doc: []byte(`{}`)}
		s.mustWrite(t, table.Put(row))
		s.mustBatch(t, []table.Row{row})
		if got := s.mustGet(t, key); got.Key != key {
			t.Errorf("the row has another key")
		}
		page, err := s.Query(s.ctx, table.Range{Of: key.Partition(), Prefix: sk, Limit: 2})
		if err != nil || len(page.Rows) != 1 || page.Rows[0].Key != key {
			t.Errorf("query: %d rows, error %v", len(page.Rows), err)
		}
		for _, key := range []table.Key{table.In(s.ws, part+"p").Row("a"), s.key(sk + "a"), s.key("")} {
			refused(t, s.Write(s.ctx, table.Delete(key)))
			refused(t, s.Batch(s.ctx, nil, []table.Key{key}))
			_, err := s.GetOne(s.ctx, key)
			refused(t, err)
		}
	})

	t.Run("KeysAreTextWithoutNUL", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		for _, key := range []table.Key{s.key("a\x00b"), s.key("a\xff"), table.In(s.ws, "a\x00b").Row("a"), table.In(s.ws, "\xc3").Row("a")} {
			refused(t, s.Write(s.ctx, table.Put(table.Row{Key: key})))
			_, err := s.GetOne(s.ctx, key)
			refused(t, err)
		}
		_, err := s.Query(s.ctx, table.Range{Of: s.key("a").Partition(), Prefix: "\x00", Limit: 1})
		refused(t, err)
	})

	t.Run("AsManyActionsAndKeysAsAllowed", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		var actions []table.Action
		var keys []table.Key
		for i := range table.MaxActions + 1 {
			sk := fmt.Sprintf("%03d", i)
			actions = append(actions, table.Put(s.doc(sk, `{}`)))
			keys = append(keys, s.key(sk))
		}
		refused(t, s.Write(s.ctx, actions...))
		refused(t, s.Write(s.ctx))
		_, err := s.Get(s.ctx, keys...)
		refused(t, err)
		s.mustWrite(t, actions[:table.MaxActions]...)
		if rows, err := s.Get(s.ctx, keys[:table.MaxGet]...); err != nil || !rows[table.MaxGet-1].Exists() {
			t.Errorf("error %v", err)
		}
	})

	t.Run("NoRowTwice", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		a := s.doc("a", `{}`)
		refused(t, s.Write(s.ctx, table.Put(a), table.Delete(a.Key)))
		refused(t, s.Write(s.ctx, table.Check(a.Key, table.Absent()), table.Put(a)))
		refused(t, s.Batch(s.ctx, []table.Row{a, a}, nil))
		refused(t, s.Batch(s.ctx, []table.Row{a}, []table.Key{a.Key}))
		_, err := s.Get(s.ctx, a.Key, a.Key)
		refused(t, err)
		if s.mustGet(t, a.Key).Exists() {
			t.Error("something was written all the same")
		}
	})

	t.Run("CallsThatMeanNothing", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		of := s.key("a").Partition()
		refused(t, s.Write(s.ctx, table.Check(s.key("a"), table.Condition{})))
		refused(t, s.Write(s.ctx, table.Action{Row: s.doc("a", `{}`)}))
		for _, doc := range []string{`[]`, `1`, `{`, `{"a":1`, `{"a":1}{}`, `{"_rev":1}`, `{"pk":1}`, `{"sk":1}`, `{"_x":1}`, `null`} {
			if err := s.Write(s.ctx, table.Put(s.doc("a", doc))); !errors.Is(err, table.ErrLimit) {
				t.Errorf("document %s: error %v, want one of a limit", doc, err)
			}
		}
		row := s.doc("a", `{}`)
		row.Expires = time.Unix(-1, 0)
		refused(t, s.Write(s.ctx, table.Put(row)))
		for _, r := range []table.Range{{Of: of}, {Of: of, Limit: -1}, {Of: of, Limit: 1, Prefix: "a", From: "a"}, {Of: of, Limit: 1, Prefix: "a", To: "b"}} {
			_, err := s.Query(s.ctx, r)
			refused(t, err)
		}
		for _, seg := range []table.Segment{{Limit: 1}, {Of: 1}, {Of: 2, Index: 2, Limit: 1}, {Of: 2, Index: -1, Limit: 1}} {
			_, err := s.Scan(s.ctx, seg)
			refused(t, err)
		}
		_, err := s.Changes(tenant.BindOperator(t.Context()), "", 0)
		refused(t, err)
		if s.mustGet(t, row.Key).Exists() {
			t.Error("something was written all the same")
		}
		if err := s.Batch(s.ctx, nil, nil); err != nil {
			t.Errorf("an empty batch: %v", err)
		}
	})
}

// sized is a row of exactly size bytes, as table.Size counts them.
func sized(t *testing.T, key table.Key, size int) table.Row {
	t.Helper()
	row := table.Row{Key: key, Doc: []byte(`{"s":""}`)}
	base, err := table.Size(row)
	if err != nil {
		t.Fatal(err)
	}
	row.Doc = []byte(`{"s":"` + strings.Repeat("x", size-base) + `"}`)
	if n, err := table.Size(row); err != nil || n != size {
		t.Fatalf("a row of %d bytes, want %d, error %v", n, size, err)
	}
	return row
}
