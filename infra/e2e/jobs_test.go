package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
)

// created makes n contacts with e-mail and phone, and returns their ids.
func created(t *testing.T, c *Client, n int) []string {
	t.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = c.Create(t, map[string]any{
			"firstName": fmt.Sprint("P", i), "email": fmt.Sprintf("p%d@example.it", i), "phone": fmt.Sprintf("+3935141%05d", i),
		}).ID()
	}
	return ids
}

// job starts a job and returns it as it is when it is over.
func (c *Client) job(t *testing.T, body any) Object {
	t.Helper()
	started := c.Post(t, "/v1/jobs", body).Is(http.StatusAccepted)
	id := started.JSON().ID()
	started.HasHeader("Location", "/v1/jobs/"+id)
	return c.ended(t, id)
}

// ended waits until a job is over.
func (c *Client) ended(t *testing.T, id string) (last Object) {
	t.Helper()
	Eventually(t, func() error {
		last = c.Get(t, "/v1/jobs/"+id).Is(http.StatusOK).JSON()
		switch last.Text("status") {
		case "completed", "cancelled", "failed":
			return nil
		}
		return fmt.Errorf("the job is %v", last)
	})
	return last
}

// came holds what came of a job.
func came(t *testing.T, j Object, status string, total, done, failed, skipped int) {
	t.Helper()
	want := fmt.Sprint(status, total, done, failed, skipped)
	if got := fmt.Sprint(j["status"], j["total"], j["done"], j["failed"], j["skipped"]); got != want {
		t.Errorf("the job is %v\nwant %s", j, want)
	}
}

func named(ids ...string) Object { return Object{"ids": ids} }

func TestAJobDeletesTheContactsThatItNames(t *testing.T) {
	t.Parallel()
	ws := Serve(t).Workspace(t)
	c := ws.As(t, "owner")
	ids := created(t, c, 60)
	kept := created(t, ws.As(t, "owner", Sub("user_2")), 1)
	c.Delete(t, "/v1/contacts/"+ids[0]).Is(http.StatusNoContent)
	unknown := "01JD3QZZZZZZZZZZZZZZZZZZZ1"
	body := Object{"type": "delete", "select": named(append(slices.Clone(ids), unknown, ids[5])...), "confirm": 61}
	j := c.job(t, body)
	came(t, j, "completed", 61, 59, 1, 1)
	for _, id := range ids {
		c.Get(t, "/v1/contacts/"+id).Refused(http.StatusGone, "gone")
	}
	c.Contact(t, kept[0])
	failures := c.All(t, "/v1/jobs/"+j.ID()+"/errors")
	if len(failures) != 1 || failures[0].Text("contactId") != unknown || failures[0].Text("code") != "not_found" {
		t.Errorf("errors %v", failures)
	}
	entry := c.Page(t, "/v1/contacts/"+ids[3]+"/audit?limit=1").Items[0]
	if got := fmt.Sprint(entry["action"], entry["actor"]); got != fmt.Sprint("contact.deleted", map[string]any{"type": "job", "id": j.ID(), "onBehalfOf": "user_1"}) {
		t.Errorf("the log says %v", entry)
	}
	versions := ws.Versions(t, append(slices.Clone(ids), kept...)...)
	ws.Complete(t, versions)
	ws.Verified(t)
}

func TestADeletionIsConfirmedWithItsNumber(t *testing.T) {
	t.Parallel()
	c := Owner(t)
	ids := created(t, c, 3)
	for _, confirm := range []any{nil, 2, 4} {
		body := Object{"type": "delete", "select": named(ids...), "confirm": confirm}
		refused := c.Post(t, "/v1/jobs", body).Refused(http.StatusConflict, "confirm_mismatch")
		if fmt.Sprint(refused["total"]) != "3" {
			t.Errorf("confirmed with %v: %v", confirm, refused)
		}
	}
	c.Post(t, "/v1/jobs?dryRun=true", Object{"type": "delete", "select": Object{"all": true}}).Is(http.StatusOK).Has(Object{"total": 3})
	if got := c.All(t, "/v1/jobs"); len(got) != 0 {
		t.Errorf("jobs %v", got)
	}
	came(t, c.job(t, Object{"type": "delete", "select": Object{"all": true}, "confirm": 3}), "completed", 3, 3, 0, 0)
	if got := c.All(t, "/v1/contacts"); len(got) != 0 {
		t.Errorf("contacts are left: %v", got)
	}
}

// TestATriedJobIsKept: a dry run with an Idempotency-Key is replayed whatever was
// done meanwhile, and its key is no other request's. Without one each is new.
func TestATriedJobIsKept(t *testing.T) {
	t.Parallel()
	ws := Serve(t).Workspace(t)
	c := ws.As(t, "owner")
	ids := created(t, c, 3)
	const path, key = "/v1/jobs?dryRun=true", "Idempotency-Key"
	everybody := Object{"type": "unblock", "select": Object{"all": true}}
	first := c.Post(t, path, everybody, key, "all").Is(http.StatusOK).HasHeader("Idempotency-Replayed", "")
	first.Has(Object{"total": 3})
	two := c.Post(t, path, Object{"type": "unblock", "select": named(ids[:2]...)}, key, "two").Is(http.StatusOK)
	c.Delete(t, "/v1/contacts/"+ids[0]).Is(http.StatusNoContent)
	same(t, first, c.Post(t, path, everybody, key, "all"))
	same(t, first, c.Post(t, path, everybody, key, "all"))
	same(t, two, c.Post(t, path, Object{"type": "unblock", "select": named(ids[:2]...)}, key, "two"))
	c.Post(t, path, everybody).Is(http.StatusOK).HasHeader("Idempotency-Replayed", "").Has(Object{"total": 2})
	c.Post(t, path, everybody, key, "later").Is(http.StatusOK).Has(Object{"total": 2})
	ws.As(t, "owner", Sub("user_2")).Post(t, path, everybody, key, "all").Is(http.StatusOK).Has(Object{"total": 2})

	c.Post(t, path, Object{"type": "block", "select": Object{"all": true}}, key, "all").Refused(http.StatusUnprocessableEntity, "")
	c.Post(t, "/v1/jobs", everybody, key, "all").Refused(http.StatusUnprocessableEntity, "")
	c.Post(t, "/v1/contacts", Object{}, key, "all").Refused(http.StatusUnprocessableEntity, "")
	started := c.Post(t, "/v1/jobs", everybody, key, "start").Is(http.StatusAccepted)
	c.Post(t, path, everybody, key, "start").Refused(http.StatusUnprocessableEntity, "")
	c.ended(t, started.JSON().ID())
	if got := c.All(t, "/v1/jobs"); len(got) != 1 {
		t.Errorf("jobs %v", got)
	}

	// After an error the key is free again.
	taken := Object{"type": "untag", "tags": []string{"new"}, "select": Object{"all": true}}
	c.Post(t, path, taken, key, "free").Refused(http.StatusNotFound, "not_found")
	c.Post(t, "/v1/tags", Object{"name": "new"}).Is(http.StatusCreated)
	same(t, c.Post(t, path, taken, key, "free").Is(http.StatusOK), c.Post(t, path, taken, key, "free"))
	ws.Verified(t)
}

// TestATriedJobIsRefusedAsTheJobIs: what takes a tag that nobody has made.
func TestATriedJobIsRefusedAsTheJobIs(t *testing.T) {
	t.Parallel()
	c := Owner(t)
	ids := created(t, c, 2)
	c.Post(t, "/v1/tags", Object{"name": "lead"}).Is(http.StatusCreated)
	for _, selected := range []Object{{"all": true}, named(ids...), {"filter": Object{"field": "vip", "op": "eq", "value": false}}} {
		for _, tags := range [][]string{{"nobody's"}, {"lead", "nobody's"}, {"01JD3QZZZZZZZZZZZZZZZZZZZ9"}} {
			body := Object{"type": "untag", "tags": tags, "select": selected}
			c.Post(t, "/v1/jobs?dryRun=true", body).Refused(http.StatusNotFound, "not_found")
			c.Post(t, "/v1/jobs", body).Refused(http.StatusNotFound, "not_found")
		}
		c.Post(t, "/v1/jobs?dryRun=true", Object{"type": "untag", "tags": []string{"LEAD"}, "select": selected}).Is(http.StatusOK).Has(Object{"total": 2})
		// A tag that is given would be made, and is not yet.
		c.Post(t, "/v1/jobs?dryRun=true", Object{"type": "tag", "tags": []string{"nobody's"}, "select": selected}).Is(http.StatusOK).Has(Object{"total": 2})
	}
	if got := c.All(t, "/v1/tags"); len(got) != 1 {
		t.Errorf("tags %v", got)
	}
}

func TestAJobChangesContacts(t *testing.T) {
	t.Parallel()
	ws := Serve(t).Workspace(t)
	c := ws.As(t, "manager")
	ids := created(t, c, 40)
	all := Object{"all": true}
	for _, step := range []struct {
		body   Object
		action string
		then   Object
	}{
		{Object{"type": "tag", "tags": []string{"vip", "Roma"}}, "contact.tagged", Object{"tags": []string{"Roma", "vip"}}},
		{Object{"type": "untag", "tags": []string{"ROMA"}}, "contact.untagged", Object{"tags": []string{"vip"}}},
		{Object{"type": "assign", "owner": "user_9"}, "contact.assigned", Object{"owner": "user_9"}},
		{Object{"type": "status", "status": "inactive"}, "contact.updated", Object{"status": "inactive"}},
		{Object{"type": "block", "reason": "spam"}, "contact.blocked", Object{"blocked": true}},
		{Object{"type": "unblock"}, "contact.unblocked", Object{"blocked": false}},
	} {
		step.body["select"] = all
		came(t, c.job(t, step.body), "completed", 40, 40, 0, 0)
		version := 0
		for _, id := range ids {
			got := c.Get(t, "/v1/contacts/"+id).Is(http.StatusOK)
			got.Has(step.then)
			version = got.JSON().Version()
		}
		entry := c.Page(t, "/v1/contacts/"+ids[7]+"/audit?limit=1").Items[0]
		if entry.Text("action") != step.action || entry.Version() != version {
			t.Errorf("after %v the log says %v", step.body, entry)
		}
		// Once more it changes nothing, and is done all the same.
		came(t, c.job(t, step.body), "completed", 40, 40, 0, 0)
		if got := c.Contact(t, ids[7]).Version(); got != version {
			t.Errorf("a repeat of %v made version %d of %d", step.body, got, version)
		}
	}
	if tags := c.All(t, "/v1/tags?prefix=vip"); len(tags) != 1 || fmt.Sprint(tags[0]["contacts"]) != "40" {
		t.Errorf("tags %v", tags)
	}
	ws.Complete(t, ws.Versions(t, ids...))
	ws.Verified(t)
}
