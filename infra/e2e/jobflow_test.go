package e2e

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"rubrica/infra/local/server"
	"rubrica/shared/ledger"
	"rubrica/shared/table"
)

// small lets few contacts take every way that many do: selected in the background,
// in several chunks, read in several pages.
func small(o *server.Options) { o.Jobs = ledger.JobSizes{AtOnce: 20, Chunk: 7, Page: 10} }

// counted waits until a job that is held knows how many contacts it is for.
func (c *Client) counted(t *testing.T, id string) (j Object) {
	t.Helper()
	Eventually(t, func() error {
		j = c.Get(t, "/v1/jobs/"+id).Is(http.StatusOK).JSON()
		if j["total"] == nil {
			return fmt.Errorf("no total yet: %v", j)
		}
		return nil
	})
	return j
}

func TestALargeDeletionWaitsUntilItIsConfirmed(t *testing.T) {
	t.Parallel()
	ws := Serve(t, small).Workspace(t)
	c := ws.As(t, "owner")
	ids := created(t, c, 90)
	held := c.Post(t, "/v1/jobs", Object{"type": "delete", "select": Object{"all": true}, "confirm": 90}).Is(http.StatusAccepted)
	id := held.Has(Object{"status": "unconfirmed"}).ID()
	late := created(t, ws.As(t, "owner", Sub("late")), 1)[0]
	if got := c.counted(t, id); fmt.Sprint(got["status"], got["total"]) != "unconfirmed90" {
		t.Errorf("counted, the job is %v", got)
	}
	wrong := c.Post(t, "/v1/jobs/"+id+"/confirm", Object{"confirm": 91}).Refused(http.StatusConflict, "confirm_mismatch")
	if fmt.Sprint(wrong["total"]) != "90" {
		t.Errorf("refused with %v", wrong)
	}
	c.Post(t, "/v1/jobs/"+id+"/retry", nil).Refused(http.StatusConflict, "nothing_to_retry")
	c.Delete(t, "/v1/contacts/"+ids[4]).Is(http.StatusNoContent)
	c.Contact(t, ids[5])
	c.Post(t, "/v1/jobs/"+id+"/confirm", Object{"confirm": 90}).Is(http.StatusOK)
	c.Post(t, "/v1/jobs/"+id+"/confirm", Object{"confirm": 90})
	came(t, c.ended(t, id), "completed", 90, 89, 0, 1)
	c.Post(t, "/v1/jobs/"+id+"/confirm", Object{"confirm": 90}).Refused(http.StatusConflict, "job_finished")
	c.Post(t, "/v1/jobs/"+id+"/cancel", nil).Refused(http.StatusConflict, "job_finished")
	c.Post(t, "/v1/jobs/"+id+"/retry", nil).Refused(http.StatusConflict, "nothing_to_retry")
	if left := IDs(c.All(t, "/v1/contacts")); len(left) != 1 || left[0] != late {
		t.Errorf("left are %v, want %s, which was created later", left, late)
	}
	ws.Complete(t, ws.Versions(t, append(ids, late)...))
	ws.Verified(t)
}

func TestALargeJobThatDeletesNothingNeedsNoConfirmation(t *testing.T) {
	t.Parallel()
	ws := Serve(t, small).Workspace(t)
	c := ws.As(t, "owner")
	ids := created(t, c, 90)
	came(t, c.job(t, Object{"type": "tag", "tags": []string{"all"}, "select": Object{"all": true}}), "completed", 90, 90, 0, 0)
	if got := c.All(t, "/v1/contacts?tag=all&limit=100"); len(got) != 90 {
		t.Errorf("%d are tagged", len(got))
	}
	ws.Complete(t, ws.Versions(t, ids...))
	ws.Verified(t)
}

func TestAnUnconfirmedJobCanBeCancelled(t *testing.T) {
	t.Parallel()
	ws := Serve(t, small).Workspace(t)
	c := ws.As(t, "owner")
	created(t, c, 40)
	id := c.Post(t, "/v1/jobs", Object{"type": "delete", "select": Object{"all": true}}).Is(http.StatusAccepted).JSON().ID()
	c.Post(t, "/v1/jobs/"+id+"/cancel", nil).Is(http.StatusOK).Has(Object{"status": "cancelled"})
	c.Post(t, "/v1/jobs/"+id+"/cancel", nil).Is(http.StatusOK).Has(Object{"status": "cancelled"})
	c.Post(t, "/v1/jobs/"+id+"/confirm", Object{"confirm": 40}).Refused(http.StatusConflict, "job_finished")
	if got := c.All(t, "/v1/contacts"); len(got) != 40 {
		t.Errorf("%d contacts are left", len(got))
	}
	ws.Verified(t)
}

func TestAFilterSelectsTheContactsOfAJob(t *testing.T) {
	t.Parallel()
	for name, sizes := range map[string]func(*server.Options){"AtOnce": func(*server.Options) {}, "Planned": small} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ws := Serve(t, sizes).Workspace(t)
			c := ws.As(t, "owner")
			c.Post(t, "/v1/fields", Object{"key": "score", "type": "number"}).Is(http.StatusCreated)
			var ids []string
			want := 0
			for i := range 80 {
				city, tags := []string{"Roma", "Torino"}[i%2], []string{[]string{"lead", "client", "lost"}[i%3]}
				ids = append(ids, c.Create(t, Object{"city": city, "tags": tags, "fields": Object{"score": i}}).ID())
				if i%3 != 2 && (i%2 == 0 || i >= 70) {
					want++
				}
			}
			filter := Object{"and": []any{
				Object{"or": []any{Object{"field": "city", "op": "eq", "value": "ROMA"}, Object{"field": "fields.score", "op": "gte", "value": 70}}},
				Object{"not": Object{"field": "tag", "op": "eq", "value": "lost"}},
			}}
			body := Object{"type": "assign", "owner": "user_9", "select": Object{"filter": filter}}
			c.Post(t, "/v1/jobs?dryRun=true", body).Is(http.StatusOK).Has(Object{"total": want})
			came(t, c.job(t, body), "completed", want, want, 0, 0)
			for i, id := range ids {
				is := c.Contact(t, id).Text("owner") == "user_9"
				if is != (i%3 != 2 && (i%2 == 0 || i >= 70)) {
					t.Errorf("contact %d is assigned: %t", i, is)
				}
			}
			// By an index, and of those who are seen.
			c.Patch(t, "/v1/contacts/"+ids[1], Object{"followers": []string{"narrow"}}).Is(http.StatusOK)
			tagged := Object{"type": "status", "status": "inactive", "select": Object{"filter": Object{"field": "tag", "op": "eq", "value": "client"}}}
			came(t, ws.As(t, "manager", Sub("narrow"), Restricted("only-assigned")).job(t, tagged), "completed", 1, 1, 0, 0)
			came(t, c.job(t, tagged), "completed", 27, 27, 0, 0)
			nobody := Object{"type": "unblock", "select": Object{"filter": Object{"field": "tag", "op": "eq", "value": "none"}}}
			came(t, c.job(t, nobody), "completed", 0, 0, 0, 0)
			ws.Complete(t, ws.Versions(t, ids...))
			ws.Verified(t)
		})
	}
}

func TestWhoNoLongerMatchesIsSkipped(t *testing.T) {
	t.Parallel()
	l := &lanes{hold: make(chan struct{})}
	ws := Serve(t, l.around).Workspace(t)
	c := ws.As(t, "owner")
	var ids []string
	for range 5 {
		ids = append(ids, c.Create(t, Object{"city": "Roma"}).ID())
	}
	body := Object{"type": "delete", "confirm": 5, "select": Object{"filter": Object{"field": "city", "op": "eq", "value": "Roma"}}}
	id := c.Post(t, "/v1/jobs", body).Is(http.StatusAccepted).JSON().ID()
	c.Patch(t, "/v1/contacts/"+ids[2], Object{"city": "Torino"}).Is(http.StatusOK)
	c.Create(t, Object{"city": "Roma"})
	close(l.hold)
	came(t, c.ended(t, id), "completed", 5, 4, 0, 1)
	if left := c.All(t, "/v1/contacts"); len(left) != 2 {
		t.Errorf("left are %v", left)
	}
	ws.Verified(t)
}

// lanes is a table whose lanes can be held up, and on which writes of chosen rows
// fail.
type lanes struct {
	table.Driver

	mu     sync.Mutex
	broken string        // part of the partition key of rows that cannot be written
	left   int           // writes of lanes that may still be made, of those held
	hold   chan struct{} // closed lets all of them go on
}

// around puts it around the main table, which is wrapped first.
func (l *lanes) around(o *server.Options) {
	o.WrapTable = func(d table.Driver) table.Driver {
		if l.Driver != nil {
			return d
		}
		l.Driver = d
		return l
	}
}

func (l *lanes) Write(ctx context.Context, actions []table.Action) error {
	l.mu.Lock()
	held := l.hold
	for _, a := range actions {
		if l.broken != "" && strings.Contains(a.Row.Key.PK()+"/"+a.Row.Key.SK(), l.broken) && a.Verb != table.VerbCheck {
			l.mu.Unlock()
			return fmt.Errorf("the row %s is broken", a.Row.Key)
		}
	}
	if held != nil && actions[0].Row.Key.SK() == "lane" {
		if l.left > 0 {
			l.left--
			held = nil
		}
	} else {
		held = nil
	}
	l.mu.Unlock()
	if held != nil {
		<-held
	}
	return l.Driver.Write(ctx, actions)
}

func (l *lanes) set(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
}

func TestCancellingStopsWithinAChunk(t *testing.T) {
	t.Parallel()
	l := &lanes{hold: make(chan struct{}), left: 2}
	ws := Serve(t, func(o *server.Options) {
		o.Jobs = ledger.JobSizes{Chunk: 100}
		l.around(o)
	}).Workspace(t)
	c := ws.As(t, "owner")
	ids := created(t, c, 300)
	id := c.Post(t, "/v1/jobs", Object{"type": "delete", "select": Object{"all": true}, "confirm": 300}).Is(http.StatusAccepted).JSON().ID()
	Eventually(t, func() error {
		got := c.Get(t, "/v1/jobs/"+id).JSON()
		if fmt.Sprint(got["done"]) == "0" || got.Text("status") != "running" {
			return fmt.Errorf("nothing is done yet: %v", got)
		}
		return nil
	})
	c.Post(t, "/v1/jobs/"+id+"/cancel", nil).Is(http.StatusOK).Has(Object{"status": "cancelled"})
	close(l.hold)
	var done int
	Eventually(t, func() error {
		got := c.Get(t, "/v1/jobs/"+id).JSON()
		if _, err := fmt.Sscan(fmt.Sprint(got["done"]), &done); err != nil {
			return err
		}
		if left := len(c.All(t, "/v1/contacts?limit=100")); left+done != 300 {
			return fmt.Errorf("%d are left, %d done", left, done)
		}
		return nil
	})
	// Two transactions were let through, and four lanes had one on the way.
	if done == 0 || done > 6*24 {
		t.Errorf("%d of 300 were deleted", done)
	}
	c.Post(t, "/v1/jobs/"+id+"/retry", nil).Refused(http.StatusConflict, "job_finished")
	ws.Complete(t, ws.Versions(t, ids...))
	ws.Verified(t)
}

func TestAContactThatCannotBeWorkedOnFailsAlone(t *testing.T) {
	t.Parallel()
	l := &lanes{}
	ws := Serve(t, l.around).Workspace(t)
	c := ws.As(t, "owner")
	ids := created(t, c, 70)
	l.set(func() { l.broken = "former/" + ids[9] })
	j := c.job(t, Object{"type": "delete", "select": named(ids...), "confirm": 70})
	came(t, j, "completed", 70, 69, 1, 0)
	failures := c.All(t, "/v1/jobs/"+j.ID()+"/errors?limit=1")
	if len(failures) != 1 || failures[0].Text("contactId") != ids[9] || failures[0].Text("code") != "internal" {
		t.Errorf("errors %v", failures)
	}
	c.Contact(t, ids[9])
	l.set(func() { l.broken = "" })
	c.Post(t, "/v1/jobs/"+j.ID()+"/retry", nil).Is(http.StatusOK)
	came(t, c.ended(t, j.ID()), "completed", 70, 70, 0, 0)
	if failures := c.All(t, "/v1/jobs/"+j.ID()+"/errors"); len(failures) != 0 {
		t.Errorf("errors %v", failures)
	}
	c.Get(t, "/v1/contacts/"+ids[9]).Refused(http.StatusGone, "gone")
	ws.Complete(t, ws.Versions(t, ids...))
	ws.Verified(t)
}

func TestWhoMayDoWhatWithJobs(t *testing.T) {
	t.Parallel()
	ws := Serve(t).Workspace(t)
	owner := ws.As(t, "owner")
	agent := ws.As(t, "agent")
	kind := ws.As(t, "manager", Sub("kind"), Restricted("no-delete"))
	narrow := ws.As(t, "manager", Sub("narrow"), Restricted("only-assigned"))
	ids := created(t, owner, 3)
	owner.Patch(t, "/v1/contacts/"+ids[1], Object{"owner": "narrow"}).Is(http.StatusOK)
	all := Object{"all": true}
	tag := Object{"type": "tag", "tags": []string{"t"}, "select": all}
	agent.Post(t, "/v1/jobs", tag).Refused(http.StatusForbidden, "forbidden")
	agent.Get(t, "/v1/jobs").Refused(http.StatusForbidden, "forbidden")
	kind.Post(t, "/v1/jobs", Object{"type": "delete", "select": all, "confirm": 3}).Refused(http.StatusForbidden, "forbidden")
	kind.Post(t, "/v1/jobs?dryRun=true", Object{"type": "delete", "select": all}).Refused(http.StatusForbidden, "forbidden")
	kinds := kind.job(t, tag)
	came(t, kinds, "completed", 3, 3, 0, 0)

	own := narrow.job(t, Object{"type": "status", "status": "inactive", "select": all})
	came(t, own, "completed", 1, 1, 0, 0)
	came(t, narrow.job(t, Object{"type": "status", "status": "inactive", "select": named(ids...)}), "completed", 3, 1, 2, 0)
	for i, id := range ids {
		want := "active"
		if i == 1 {
			want = "inactive"
		}
		if got := owner.Contact(t, id).Text("status"); got != want {
			t.Errorf("contact %d is %s", i, got)
		}
	}
	narrow.Get(t, "/v1/jobs/"+kinds.ID()).Refused(http.StatusNotFound, "not_found")
	narrow.Post(t, "/v1/jobs/"+kinds.ID()+"/cancel", nil).Refused(http.StatusNotFound, "not_found")
	narrow.Get(t, "/v1/jobs/"+kinds.ID()+"/errors").Refused(http.StatusNotFound, "not_found")
	if got := len(narrow.All(t, "/v1/jobs?limit=1")); got != 2 {
		t.Errorf("sees %d jobs", got)
	}
	if got := IDs(owner.All(t, "/v1/jobs?limit=2")); len(got) != 3 || got[2] != kinds.ID() {
		t.Errorf("jobs %v", got)
	}
	owner.Get(t, "/v1/jobs/01JD3QZZZZZZZZZZZZZZZZZZZ1").Refused(http.StatusNotFound, "not_found")
	owner.Get(t, "/v1/jobs/nope").Refused(http.StatusNotFound, "not_found")
}

func TestWhatIsWrongWithAJob(t *testing.T) {
	t.Parallel()
	c := Owner(t)
	id := created(t, c, 1)[0]
	all := Object{"all": true}
	for name, step := range map[string]struct {
		body Object
		want []string
	}{
		"Nothing":    {Object{}, []string{"type", "select"}},
		"Type":       {Object{"type": "export", "select": all}, []string{"type"}},
		"TwoWays":    {Object{"type": "unblock", "select": Object{"all": true, "ids": []string{id}}}, []string{"select"}},
		"NoWay":      {Object{"type": "unblock", "select": Object{}}, []string{"select"}},
		"NotAll":     {Object{"type": "unblock", "select": Object{"all": false}}, []string{"select.all"}},
		"NoID":       {Object{"type": "unblock", "select": named("x")}, []string{"select.ids[0]"}},
		"Unknown":    {Object{"type": "unblock", "select": Object{"all": true, "some": 1}}, []string{"select.some"}},
		"NoTags":     {Object{"type": "tag", "select": all}, []string{"tags"}},
		"NoOwner":    {Object{"type": "assign", "select": all}, []string{"owner"}},
		"Me":         {Object{"type": "assign", "select": all, "owner": "me"}, []string{"owner"}},
		"NoStatus":   {Object{"type": "status", "select": all, "status": "x"}, []string{"status"}},
		"Others":     {Object{"type": "delete", "select": all, "tags": []string{"x"}}, []string{"tags"}},
		"Confirming": {Object{"type": "delete", "select": all, "confirm": "3"}, []string{"confirm"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			problem := c.Post(t, "/v1/jobs", step.body).Refused(http.StatusBadRequest, "validation")
			for _, e := range problem["errors"].([]any) {
				got = append(got, fmt.Sprint(Object(e.(map[string]any))["field"]))
			}
			if fmt.Sprint(got) != fmt.Sprint(step.want) {
				t.Errorf("refused are %v, want %v", got, step.want)
			}
		})
	}
	c.Post(t, "/v1/jobs", Object{"type": "untag", "tags": []string{"nobody"}, "select": all}).Refused(http.StatusNotFound, "not_found")
}
