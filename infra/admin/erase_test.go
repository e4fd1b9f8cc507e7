package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"rubrica/shared/audit"
	"rubrica/shared/body"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/table"
)

// rowsOf are all rows of a table.
func rowsOf(ctx context.Context, t *testing.T, of *table.Table) (rows []table.Row) {
	t.Helper()
	at := table.Segment{Of: 1, Limit: 100}
	for {
		page, err := of.Scan(ctx, at)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, page.Rows...)
		if at.After = page.Next; at.After == "" {
			return rows
		}
	}
}

// restore makes the main table what it was, as a restore from a point in time
// does, and leaves the audit table.
func (f *folder) restore(t *testing.T, rows []table.Row) {
	t.Helper()
	if f.back != nil {
		f.back(rows)
		return
	}
	var keys []table.Key
	for _, row := range rowsOf(f.ctx, t, f.main) {
		keys = append(keys, row.Key)
	}
	if err := f.main.Batch(f.ctx, nil, keys); err != nil {
		t.Fatal(err)
	}
	if err := f.main.Batch(f.ctx, rows, nil); err != nil {
		t.Fatal(err)
	}
}

func (f *folder) patch(t *testing.T, id, doc string) {
	t.Helper()
	form, err := body.Parse([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Update(f.ctx, f.enter(t), contact.Ref{ID: id}, ledger.Operation{
		Apply: contact.ParsePatch(form).Apply, Answer: func(*contact.Contact) ledger.Answer { return ledger.Answer{} },
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (f *folder) delete(t *testing.T, id string) {
	t.Helper()
	if _, err := f.Delete(f.ctx, f.enter(t), contact.Ref{ID: id}, ledger.IfMatch{}); err != nil {
		t.Fatal(err)
	}
}

// TestEraseReturned erases contacts, restores the main table to a time before,
// and has those who came back erased again.
func TestEraseReturned(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	must(t, dir, "create-workspace", "acme")
	testEraseReturned(t,
		func(args ...string) result { return admin(t, dir, args...) },
		func(do func(*folder)) { within(t, dir, do) })
	if found := filesWith(t, dir, "maria@example.it"); len(found) > 0 {
		t.Errorf("what was erased is still in %v", found)
	}
}

// testEraseReturned does it over whichever store admin and within work on. The
// workspace acme is new.
func testEraseReturned(t *testing.T, admin func(...string) result, within func(func(*folder))) {
	t.Helper()
	must := func(args ...string) string {
		t.Helper()
		r := admin(args...)
		if r.code != exitOK {
			t.Fatalf("%v: %+v", args, r)
		}
		return r.out
	}
	var maria, gone, stays string
	within(func(f *folder) {
		maria = f.create(t, `{"email":"maria@example.it","phone":"+393514117320","owner":"user_7"}`)
		gone = f.create(t, `{"firstName":"Gone"}`)
		stays = f.create(t, `{"firstName":"Stays"}`)
	})
	must("repair", "acme") // what the relay and the consumers do
	within(func(f *folder) {
		before := rowsOf(f.ctx, t, f.main)
		f.patch(t, maria, `{"city":"Roma"}`)
		f.delete(t, maria)
		f.delete(t, gone)
		_, err := f.Repair(f.ctx, f.ws)
		if err != nil {
			t.Fatal(err)
		}
		f.restore(t, before)
	})

	r := admin("verify", "acme")
	if r.code != exitFindings || !lineHas(r.out, "2", "of", "returned") {
		t.Errorf("verify after the restore: %+v", r)
	}
	if r := admin("repair", "acme"); r.code != exitFindings || strings.Contains(r.out, "mended") || !lineHas(r.out, "2", "of", "returned") {
		t.Errorf("repair alone must not erase: %+v", r)
	}
	if out := must("erase-returned", "acme", "-by", "user_9"); !lineHas(out, "mended", "2", "of", "returned") || !lineHas(out, "workspace", "acme", "is", "clean") {
		t.Errorf("erase-returned says\n%s", out)
	}
	if out := must("erase-returned", "acme"); !lineHas(out, "nothing", "to", "mend") {
		t.Errorf("again it says\n%s", out)
	}
	must("verify", "acme", "-idle")

	within(func(f *folder) {
		for _, id := range []string{maria, gone} {
			f.mustBeErased(t, id)
		}
		if _, err := f.Find(f.ctx, f.enter(t), contact.Ref{ID: stays}); err != nil {
			t.Errorf("who was never deleted: %v", err)
		}
		for _, row := range rowsOf(f.ctx, t, f.main) {
			if bytes.Contains(row.Doc, []byte("maria")) || strings.Contains(row.Key.String(), maria) && row.Key.Partition().Parts()[0] != "former" {
				t.Errorf("left of her: %s", row.Key)
			}
		}
		log, err := f.History(f.ctx, f.enter(t), contact.Ref{ID: maria}, nil, 10)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, e := range log.Entries {
			v := e.View(log.Keys)
			told = append(told, string(e.Action)+" by "+e.Actor.ID+" "+e.Actor.OnBehalfOf)
			if int64(len(log.Entries)-len(told)+1) != e.Version {
				t.Errorf("entry %d is of version %d", len(told), e.Version)
			}
			for _, c := range v.Changes {
				if !c.Erased && e.Action != audit.ContactDeleted {
					t.Errorf("%s of version %d can be read", c.Field, e.Version)
				}
			}
		}
		want := "contact.deleted by admin user_9, contact.deleted by user_1 , contact.updated by user_1 , contact.created by user_1 "
		if got := strings.Join(told, ", "); got != want {
			t.Errorf("the log says %q, want %q", got, want)
		}
	})
}

func (f *folder) mustBeErased(t *testing.T, id string) {
	t.Helper()
	if _, err := f.Find(f.ctx, f.enter(t), contact.Ref{ID: id}); !problem.Is(err, problem.Gone) {
		t.Errorf("%s: %v", id, err)
	}
}
