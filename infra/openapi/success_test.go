package openapi_test

import (
	"fmt"
	"strings"
	"time"

	"rubrica/shared/caller/issuer"
)

// full is a body with every member that a contact can be given.
const full = `{"firstName": "Maria", "lastName": "Rossi", "email": "Maria@example.it", "phone": "+393514117320",
	"otherEmails": ["m.rossi@example.com"], "otherPhones": ["+39061234567"], "externalIds": {"sap": "K-17"},
	"dateOfBirth": "1990-04-01", "source": "web form", "type": "lead", "businessName": "Rossi srl",
	"streetAddress": "Via Po 1\nscala B", "city": "Torino", "state": "TO", "postalCode": "10124", "country": "IT",
	"website": "https://rossi.example", "timezone": "Europe/Rome", "language": "it", "department": "Acquisti",
	"description": "first\nsecond", "owner": "user_7", "followers": ["user_9"], "status": "inactive", "vip": true}`

// empty clears all that full sets.
const empty = `{"firstName": null, "lastName": "", "email": null, "phone": "", "otherEmails": null, "otherPhones": "",
	"externalIds": {"sap": null}, "dateOfBirth": "", "source": null, "type": "", "businessName": null,
	"streetAddress": "", "city": null, "state": "", "postalCode": null, "country": "", "website": null, "timezone": "",
	"language": null, "department": "", "description": null, "owner": "", "followers": null, "status": null, "vip": "", "fields": null}`

// succeed does everything that can be done, each in every documented way.
func succeed(d *desk) {
	d.t.Helper()
	get := func(path, query string) reply { return d.must(200, call{method: "GET", path: path, query: query}) }
	key := map[string]string{"Idempotency-Key": "a-key"}

	created := d.must(201, call{method: "POST", path: "/v1/contacts", body: full, header: key})
	d.must(201, call{method: "POST", path: "/v1/contacts", body: full, header: key}) // replayed
	id := created.text(d.t, "id")
	path := "/v1/contacts/" + id
	for _, ref := range []string{id, "id:" + id, "email:maria@example.it", "phone:+393514117320", "phone:%2B39061234567", "ext:sap:K-17"} {
		get("/v1/contacts/"+ref, "")
	}
	merge := map[string]string{"Content-Type": "application/merge-patch+json", "If-Match": created.header.Get("ETag")}
	d.must(200, call{method: "PATCH", path: path, body: `{"city": "Milano", "externalIds": {"crm": "7", "erp": null}}`, header: merge})
	d.must(200, call{method: "PATCH", path: path, body: `{"city": "Milano"}`, header: map[string]string{"If-Match": "*", "Content-Type": ""}})
	d.must(200, call{method: "PUT", path: "/v1/contacts/ext:sap:K-17", body: `{"lastName": "Bianchi"}`, header: map[string]string{"If-Match": `W/"1", "2"`}})
	d.must(201, call{method: "PUT", path: "/v1/contacts/phone:+33612345678", body: `{"phone": "+33612345678"}`})
	for _, sub := range []string{"/followers/user_4", "/identities/email:new@example.com", "/identities/phone:+33612345679"} {
		d.must(200, call{method: "PUT", path: path + sub})
		d.must(200, call{method: "DELETE", path: path + sub})
	}
	d.must(200, call{method: "PATCH", path: path, body: empty})
	d.must(200, call{method: "PATCH", path: path, body: full})

	for _, query := range []string{
		"", "limit=1", "limit=100&sort=createdAt", "sort=-createdAt&owner=me", "owner=none", "owner=user_7", "follower=user_9", "follower=me",
		"status=inactive&vip=true", "vip=false", "email=Maria%40example.it", "phone=%2B393514117320",
	} {
		get("/v1/contacts", query)
	}
	d.must(200, call{method: "PATCH", path: path, body: `{"email": "a@b.c"}`}) // the shortest
	get("/v1/contacts", "limit=1&cursor="+get("/v1/contacts", "limit=1").text(d.t, "nextCursor"))
	get(path+"/audit", "limit=1&cursor="+get(path+"/audit", "limit=1").text(d.t, "nextCursor"))
	d.duplicate(id)
	d.fields(path)
	d.tags(path)
	d.companies(path)
	d.notes(path)
	d.integrations()
	d.neighbors()
	d.search()
	d.consent()
	d.suggestions()
	d.channels()
	d.merges()
	d.jobs()
	d.workspace()
	d.tokens()
	d.must(204, call{method: "DELETE", path: path, header: key2()})
	d.must(204, call{method: "DELETE", path: path, header: key2()})
	get(path+"/audit", "")
	d.log()
}

func key2() map[string]string { return map[string]string{"Idempotency-Key": "another-key"} }

// duplicate provokes a conflict that names the other contact.
func (d *desk) duplicate(id string) {
	d.t.Helper()
	r := d.must(409, call{method: "POST", path: "/v1/contacts", body: `{"externalIds": {"sap": "K-17"}}`})
	if named := r.text(d.t, "contactId"); named != id {
		d.t.Errorf("the conflict names %s, want %s", named, id)
	}
}

func (d *desk) workspace() {
	d.t.Helper()
	d.must(200, call{method: "GET", path: "/v1/workspace"})
	for _, body := range []string{
		`{"duplicates": "reject", "timezone": "Europe/Rome", "auditRetentionDays": 3.0e1}`, `{}`,
		`{"duplicates": null, "timezone": null, "auditRetentionDays": null}`,
		`{"duplicates": "", "timezone": "", "auditRetentionDays": ""}`,
	} {
		d.must(200, call{method: "PATCH", path: "/v1/workspace", body: body, header: map[string]string{"If-Match": "*"}})
	}
	owner := d.token
	d.token = d.sign(issuer.Claims{Role: "agent", Restrictions: []string{"no-delete", "only-assigned"}, Integration: "sap-sync"})
	d.must(200, call{method: "GET", path: "/v1/me"})
	d.token = owner
	d.must(200, call{method: "GET", path: "/v1/health", header: map[string]string{"Authorization": ""}})
	d.must(200, call{method: "GET", path: "/v1/openapi.json", header: map[string]string{"Authorization": ""}})
}

func (d *desk) tokens() {
	d.t.Helper()
	d.must(201, call{method: "POST", path: "/v1/tokens", body: `{"name": "bare", "role": "agent", "restrictions": null, "integration": "", "expiresAt": ""}`})
	made := d.must(201, call{method: "POST", path: "/v1/tokens",
		body: `{"name": "import", "role": "owner", "restrictions": ["no-delete", "no-export"], "integration": "sap-sync", "expiresAt": "2099-01-01T00:00:00+02:00"}`})
	owner := d.token
	d.token = made.text(d.t, "token")
	d.must(200, call{method: "GET", path: "/v1/me"})
	page := d.must(200, call{method: "GET", path: "/v1/tokens", query: "limit=1"})
	page = d.must(200, call{method: "GET", path: "/v1/tokens", query: "limit=100&cursor=" + page.text(d.t, "nextCursor")})
	if !strings.Contains(string(page.body), "lastUsedAt") {
		d.t.Errorf("%s does not say when the token was used", page.body)
	}
	d.token = owner
	d.must(204, call{method: "DELETE", path: "/v1/tokens/" + made.text(d.t, "id"), header: map[string]string{"Idempotency-Key": "revoke"}})
	d.must(204, call{method: "DELETE", path: "/v1/tokens/" + made.text(d.t, "id"), header: map[string]string{"Idempotency-Key": "revoke"}})
}

// pages are the bodies of all pages of a list. One may be empty and not the last:
// what a filter leaves out has been read for it all the same.
func (d *desk) pages(path, query string) string {
	d.t.Helper()
	var all strings.Builder
	for cursor := ""; ; {
		r := d.must(200, call{method: "GET", path: path, query: query + cursor})
		all.Write(r.body)
		if !strings.Contains(string(r.body), `"nextCursor"`) {
			return all.String()
		}
		cursor = "&cursor=" + r.text(d.t, "nextCursor")
	}
}

// log reads the workspace's log, once what was done before has reached it.
func (d *desk) log() {
	d.t.Helper()
	for action, part := range map[string]string{
		"contact.deleted": `"erased":true`, "token.deleted": `"detail":{"token":"`, "tag.deleted": `"detail":{"tag":"`, "company.deleted": `"detail":{"company":"`,
		"contact.validated": `"field":"validation.state"`, "contact.locked": `"campaign":"spring sale"`, "contact.lock_removed": `"reason":"Called off"`,
		"contact.blocked": `"reason":"Spam"`, "contact.unblocked": `"field":"blocked","from":true,"to":false`, "contact.dnd_changed": `"field":"dnd.messages"`,
		"contact.merged": `"origin":{`, "contact.unmerged": `"kept":["email"]`,
		"contact.note_added": `"action":"contact.note_added"`, "contact.note_edited": `"changes":[]`, "contact.note_deleted": `"changes":[]`,
	} {
		for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
			text := d.pages("/v1/audit", "action="+action)
			if strings.Contains(text, part) {
				break
			}
			if time.Since(began) > 30*time.Second {
				d.t.Fatalf("the log of %s is %s, want %s in it", action, text, part)
			}
		}
	}
	today := time.Now().UTC()
	for _, query := range []string{
		"", "limit=1", "actor=user_1&action=token.created", "from=" + today.Format(time.DateOnly) + "&to=2099-01-01",
		fmt.Sprintf("from=%s&to=2099-01-01T00:00:00%%2B01:00", today.Add(-time.Hour).Format(time.RFC3339)),
	} {
		d.must(200, call{method: "GET", path: "/v1/audit", query: query})
	}
}
