package openapi_test

import (
	"fmt"
	"strings"

	"rubrica/shared/caller/issuer"
)

// mergeBody asks for a merge.
func mergeBody(survivor string, others ...string) string {
	return fmt.Sprintf(`{"survivor": %q, "contacts": ["%s"]}`, survivor, strings.Join(others, `", "`))
}

// merge merges contacts and returns the merge's id.
func (d *desk) merge(survivor string, others ...string) string {
	d.t.Helper()
	return d.must(201, call{method: "POST", path: "/v1/merges", body: mergeBody(survivor, others...)}).text(d.t, "id")
}

// twins are the contacts of which the examples make one.
func (d *desk) twins() (maria, other string) {
	d.t.Helper()
	maria = d.contact(`{"firstName": "Maria", "email": "maria@example.it"}`)
	return maria, d.contact(`{"email": "m.rossi@example.com", "phone": "+393514117320"}`)
}

// exampleMerge is the example's body, with the ids of contacts that there are.
func (d *desk) exampleMerge(survivor, other string) string {
	d.t.Helper()
	return strings.NewReplacer("01JD3Q6V5T8X0N2K4M6P8R0S2A", survivor, "01JD3Q6V5T9X1N3K5M7P9R1S3A", other).Replace(example(d.t, "NewMerge"))
}

// tooManyMerged asks for a merge of contacts that have 21 followers together.
func (d *desk) tooManyMerged() reply {
	d.t.Helper()
	var followers []string
	for i := range 20 {
		followers = append(followers, fmt.Sprintf(`"user_%d"`, i))
	}
	ids := []string{d.contact(`{"followers": [` + strings.Join(followers, ",") + `]}`), d.contact(`{"followers": ["user_20"]}`)}
	return d.must(409, call{method: "POST", path: "/v1/merges", body: mergeBody(ids[0], ids[1])})
}

// merges makes one contact of several and takes that back, in every way.
func (d *desk) merges() {
	d.t.Helper()
	key := func(word string) map[string]string {
		return map[string]string{"Idempotency-Key": word, "If-Match": "*"}
	}
	d.must(201, call{method: "POST", path: "/v1/fields", body: `{"key": "merged_score", "type": "number"}`})
	maria, other := d.twins()
	third := d.contact(`{"lastName": "Rossi", "tags": ["lead"], "fields": {"merged_score": 7}}`)
	d.must(201, call{method: "POST", path: "/v1/contacts/" + third + "/notes", body: `{"text": "Likes cats"}`})

	whole := fmt.Sprintf(`{"survivor": %[1]q, "contacts": [%[2]q, %[3]q], "choose": {"email": %[2]q, "fields.merged_score": %[3]q, "vip": %[1]q, "status": %[2]q, "phone": null, "city": ""}}`, maria, other, third)
	for range 2 { // the second time replayed
		d.must(200, call{method: "POST", path: "/v1/merges", query: "dryRun=true", body: whole, header: key("try")})
	}
	d.must(201, call{method: "POST", path: "/v1/merges", query: "dryRun=false", body: whole, header: key("merge")})
	id := d.must(201, call{method: "POST", path: "/v1/merges", query: "dryRun=false", body: whole, header: key("merge")}).text(d.t, "id")
	for _, sub := range []string{"", "/notes", "/audit", "/dnd", "/card", "/neighbors"} {
		for _, of := range []string{maria, third} {
			d.must(200, call{method: "GET", path: "/v1/contacts/" + of + sub})
		}
	}
	d.must(200, call{method: "PATCH", path: "/v1/contacts/" + third, body: `{"email": "info@example.it"}`})

	fourth := d.contact(`{"website": "https://rossi.example"}`)
	d.must(201, call{method: "POST", path: "/v1/merges", body: fmt.Sprintf(`{"survivor": %q, "contacts": [%q], "choose": null}`, maria, fourth)})
	d.must(200, call{method: "GET", path: "/v1/merges/" + id})
	next := d.must(200, call{method: "GET", path: "/v1/merges", query: "limit=1"}).text(d.t, "nextCursor")
	d.must(200, call{method: "GET", path: "/v1/merges", query: "limit=100&cursor=" + next})
	d.refuseMerges(maria, other)

	owner := d.token
	d.token = d.sign(issuer.Claims{Subject: "user_2", Role: "agent"})
	d.must(403, call{method: "POST", path: "/v1/merges/" + id + "/undo"})
	d.token = owner
	for range 2 {
		d.must(200, call{method: "POST", path: "/v1/merges/" + id + "/undo", body: `{}`, header: key("undo")})
	}
	d.must(409, call{method: "POST", path: "/v1/merges/" + id + "/undo"})
	d.undoLaterFirst()
	d.goneMerges()
}

// refuseMerges provokes each conflict of a merge.
func (d *desk) refuseMerges(survivor, absorbed string) {
	d.t.Helper()
	refused := func(code, body string) {
		d.t.Helper()
		if r := d.must(409, call{method: "POST", path: "/v1/merges", body: body}); r.text(d.t, "code") != code {
			d.t.Errorf("%s is refused with %s, want %s", body, r.body, code)
		}
	}
	refused("already_merged", mergeBody(survivor, absorbed))
	blocked := d.contact("{}")
	d.must(200, call{method: "POST", path: "/v1/contacts/" + blocked + "/block"})
	refused("blocked_contact", mergeBody(survivor, blocked))
	d.tooManyMerged()
	var leased []string
	for _, phone := range []string{"+39061234111", "+39061234222"} {
		id := d.contact(`{"phone": "` + phone + `"}`)
		d.lock("/v1/contacts/" + id)
		leased = append(leased, id)
	}
	refused("phone_locked", mergeBody(leased[0], leased[1]))
	refused("phone_locked", mergeBody(leased[1], leased[0]))
	d.must(200, call{method: "PATCH", path: "/v1/fields/department", body: `{"managedBy": "sap-sync"}`})
	one, two := d.contact("{}"), d.contact("{}")
	owner := d.token
	d.token = d.sign(issuer.Claims{Role: "agent", Integration: "sap-sync"})
	for id, department := range map[string]string{one: "Acquisti", two: "Vendite"} {
		d.must(200, call{method: "PATCH", path: "/v1/contacts/" + id, body: `{"department": "` + department + `"}`})
	}
	d.token = owner
	refused("field_managed", fmt.Sprintf(`{"survivor": %q, "contacts": [%q], "choose": {"department": %[2]q}}`, one, two))
	d.must(200, call{method: "PATCH", path: "/v1/fields/department", body: `{"managedBy": null}`})
}

// undoLaterFirst asks to undo the first of two merges that wrote the same member.
func (d *desk) undoLaterFirst() {
	d.t.Helper()
	maria, other := d.twins()
	first := d.must(201, call{method: "POST", path: "/v1/merges", body: d.exampleMerge(maria, other)}).text(d.t, "id")
	second := d.must(201, call{method: "POST", path: "/v1/merges", body: d.exampleMerge(maria, d.contact("{}"))}).text(d.t, "id")
	r := d.must(409, call{method: "POST", path: "/v1/merges/" + first + "/undo"})
	if r.text(d.t, "merge") != second {
		d.t.Errorf("%s does not name %s", r.body, second)
	}
}

// goneMerges asks for merges of contacts that were deleted.
func (d *desk) goneMerges() {
	d.t.Helper()
	maria, other := d.twins()
	id := d.merge(maria, other)
	d.must(204, call{method: "DELETE", path: "/v1/contacts/" + maria})
	d.must(410, call{method: "POST", path: "/v1/merges/" + id + "/undo"})
	d.must(404, call{method: "POST", path: "/v1/merges", body: mergeBody(unknownID, d.contact("{}"))})
	d.must(410, call{method: "POST", path: "/v1/merges", body: mergeBody(maria, d.contact("{}"))})
	d.must(410, call{method: "GET", path: "/v1/contacts/" + other})
	d.must(200, call{method: "GET", path: "/v1/merges/" + id})
}
