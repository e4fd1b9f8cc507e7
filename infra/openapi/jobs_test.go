package openapi_test

import (
	"strings"
	"time"

	"rubrica/shared/caller/issuer"
)

// jobs does what can be done with bulk jobs.
func (d *desk) jobs() {
	d.t.Helper()
	one, two := d.contact(`{"firstName": "First of two"}`), d.contact(`{"firstName": "Second of two"}`)
	both := `{"ids": ["` + one + `", "` + two + `"]}`
	key := map[string]string{"Idempotency-Key": "a-job"}
	start := func(body string) string {
		return d.must(202, call{method: "POST", path: "/v1/jobs", body: body}).text(d.t, "id")
	}
	for _, body := range []string{
		`{"type": "tag", "select": ` + both + `, "tags": ["In bulk"]}`, `{"type": "untag", "select": ` + both + `, "tags": ["in bulk"], "confirm": null}`,
		`{"type": "assign", "select": {"all": true}, "owner": "user_9"}`, `{"type": "status", "select": ` + both + `, "status": "inactive"}`,
		`{"type": "block", "select": {"filter": {"not": {"field": "lastName", "op": "exists"}}}, "reason": "spam"}`, `{"type": "unblock", "select": ` + both + `, "reason": ""}`,
	} {
		d.ended(start(body))
	}
	d.must(200, call{method: "POST", path: "/v1/jobs", query: "dryRun=true", body: `{"type": "delete", "select": {"all": true, "ids": null, "filter": ""}}`})
	d.must(409, call{method: "POST", path: "/v1/jobs", body: `{"type": "delete", "select": ` + both + `, "confirm": 7}`})
	d.must(404, call{method: "POST", path: "/v1/jobs", body: `{"type": "untag", "select": {"all": true}, "tags": ["nobody has it"]}`})
	deletion := call{method: "POST", path: "/v1/jobs", header: key, body: `{"type": "delete", "confirm": 4, "select": {"ids": ["` +
		strings.Join([]string{one, two, unknownID, unknownID[:25] + "1"}, `", "`) + `"]}}`}
	id := d.must(202, deletion).text(d.t, "id")
	d.must(202, deletion) // replayed
	d.must(409, call{method: "POST", path: "/v1/jobs/" + id + "/confirm", body: `{"confirm": 5}`})
	d.ended(id)
	path := "/v1/jobs/" + id
	next := d.must(200, call{method: "GET", path: path + "/errors", query: "limit=1"}).text(d.t, "nextCursor")
	d.must(200, call{method: "GET", path: path + "/errors", query: "limit=1&cursor=" + next})
	d.must(409, call{method: "POST", path: path + "/cancel"})
	again := call{method: "POST", path: path + "/retry", header: map[string]string{"Idempotency-Key": "a-retry"}}
	d.must(200, again)
	d.must(200, again)
	d.ended(id)
	next = d.must(200, call{method: "GET", path: "/v1/jobs", query: "limit=1"}).text(d.t, "nextCursor")
	d.must(200, call{method: "GET", path: "/v1/jobs", query: "limit=1&cursor=" + next})
	all := "/v1/jobs/" + start(`{"type": "unblock", "select": {"all": true}}`)
	d.ended(strings.TrimPrefix(all, "/v1/jobs/"))
	held := "/v1/jobs/" + start(`{"type": "delete", "select": {"all": true}}`) // for more than this server selects at once
	for range 2 {
		d.must(200, call{method: "POST", path: held + "/cancel", header: map[string]string{"Idempotency-Key": "a-cancel"}})
	}
	d.must(409, call{method: "POST", path: held + "/retry"})
	d.confirmed()
}

// confirmed deletes, confirmed, the contacts of one who sees no others.
func (d *desk) confirmed() {
	d.t.Helper()
	for range 2 {
		d.contact(`{"owner": "of_two"}`)
	}
	all := d.token
	d.token = d.sign(issuer.Claims{Subject: "of_two", Role: "manager", Restrictions: []string{"only-assigned"}})
	id := d.must(202, call{method: "POST", path: "/v1/jobs", body: `{"type": "delete", "select": {"all": true}}`}).text(d.t, "id")
	confirm := call{method: "POST", path: "/v1/jobs/" + id + "/confirm", body: `{"confirm": 2}`, header: map[string]string{"Idempotency-Key": "a-confirmation"}}
	for deadline := time.Now().Add(30 * time.Second); d.do(confirm).status != 200; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			d.t.Fatalf("the job %s is still not counted", id)
		}
	}
	d.must(200, confirm) // replayed
	d.ended(id)
	d.token = all
}

// ended waits until a job is over.
func (d *desk) ended(id string) {
	d.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		switch status := d.must(200, call{method: "GET", path: "/v1/jobs/" + id}).text(d.t, "status"); {
		case status == "completed":
			return
		case time.Now().After(deadline):
			d.t.Fatalf("the job %s is still %s", id, status)
		}
	}
}
