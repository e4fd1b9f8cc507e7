package openapi_test

import (
	"fmt"
	"slices"
	"testing"

	"rubrica/shared/caller/issuer"
)

// integrations does what integrations do with a contact.
func (d *desk) integrations() {
	d.t.Helper()
	owner := d.token
	path := "/v1/contacts/" + d.contact(`{"phone": "+393514117329", "externalIds": {"crm": "leased"}}`)
	d.token = d.sign(issuer.Claims{Role: "agent", Integration: "sap-sync"})
	key := func(word string) map[string]string { return map[string]string{"Idempotency-Key": word} }

	lock := call{method: "PUT", path: path + "/locks/spring%20sale", body: `{"expiresAt": "2099-01-01T00:00:00+01:00"}`, header: key("a-lock")}
	d.must(200, lock)
	d.must(200, lock) // replayed
	d.must(200, call{method: "PUT", path: path + "/locks/spring%20sale", body: `{"expiresAt": "2098-01-01T00:00:00Z"}`})
	d.must(200, call{method: "PUT", path: path + "/locks/autumn", body: `{"expiresAt": "2099-01-01T00:00:00Z"}`, header: map[string]string{"If-Match": "*"}})
	d.locked(path)
	d.must(204, call{method: "DELETE", path: path + "/locks/autumn"})
	d.token = owner
	d.must(403, call{method: "PUT", path: path + "/profile", body: `{}`})
	lifted := call{method: "DELETE", path: path + "/locks/spring%20sale", body: `{"reason": "Called off"}`, header: key("no-lock")}
	d.must(204, lifted)
	d.must(204, lifted)

	d.token = d.sign(issuer.Claims{Role: "agent", Integration: "sap-sync"})
	profile := call{method: "PUT", path: path + "/profile", header: key("a-profile"), body: `{"displayName": "Mari", "avatarUrl": "https://cdn.example/1.png",
		"network": "instagram", "handle": "@mari", "url": "https://instagram.example/mari", "firstName": "Maria", "lastName": "Rossi",
		"email": "mari@example.it", "phone": "+39061234567", "country": "IT", "language": "it"}`}
	d.must(200, profile)
	d.must(200, profile)
	for _, body := range []string{`{"displayName": "M", "handle": null, "firstName": "", "language": "de"}`, `{}`} {
		d.must(200, call{method: "PUT", path: path + "/profile", body: body, header: map[string]string{"If-Match": "*"}})
	}
	validation := call{method: "PUT", path: path + "/validation", header: key("validated"), body: `{"state": "validated",
		"managed": ["firstName", "lastName", "email", "phone", "dateOfBirth", "source", "type", "businessName", "streetAddress", "city", "state",
			"postalCode", "country", "website", "timezone", "language", "department", "description"],
		"values": {"firstName": "Maria", "lastName": null, "email": "m@example.it", "phone": "+39061234568", "dateOfBirth": "1990-04-01", "source": "crm", "type": "",
			"businessName": "Rossi srl", "streetAddress": "Via Po 1\nscala B", "city": "Roma", "state": "TO", "postalCode": "10124", "country": "IT",
			"website": "https://rossi.example", "timezone": "Europe/Rome", "language": "it", "department": "Acquisti", "description": "a\nb"}}`}
	d.must(200, validation)
	d.must(200, validation)
	for _, body := range []string{`{"state": "validated", "managed": ["email"], "values": {}}`, `{"state": "notValidated", "managed": null, "values": ""}`} {
		d.must(200, call{method: "PUT", path: path + "/validation", body: body})
	}
	d.token = owner
}

// locked provokes the conflict with a campaign in every way that there is.
func (d *desk) locked(path string) {
	d.t.Helper()
	for _, c := range []call{
		{method: "PATCH", path: path, body: `{"phone": "+39061234560"}`},
		{method: "PATCH", path: path, body: `{"phone": null}`},
		{method: "PUT", path: "/v1/contacts/ext:crm:leased", body: `{"phone": "+39061234560"}`},
	} {
		if r := d.must(409, c); r.text(d.t, "until") != "2099-01-01T00:00:00.000Z" {
			d.t.Errorf("%s does not say until when the phone is locked", r.body)
		}
	}
	bare := "/v1/contacts/" + d.contact(`{}`)
	d.must(200, call{method: "PUT", path: bare + "/locks/spring", body: `{"expiresAt": "2099-01-01T00:00:00Z"}`})
	for _, at := range []string{"/profile", "/validation"} {
		body := `{"phone": "+39061234560"}`
		if at == "/validation" {
			body = `{"state": "validated", "values": ` + body + `}`
		}
		if r := d.must(409, call{method: "PUT", path: bare + at, body: body}); r.text(d.t, "code") != "phone_locked" {
			d.t.Errorf("%s does not say that the phone is locked", r.body)
		}
	}
}

// TestLocksAreAtMostTwenty: the 21st is too many.
func TestLocksAreAtMostTwenty(t *testing.T) {
	t.Parallel()
	d := sit(t, serve(t), nil)
	d.token = d.sign(issuer.Claims{Role: "agent", Integration: "sap-sync"})
	path := "/v1/contacts/" + d.contact(`{}`) + "/locks/"
	lock := func(i int) call {
		return call{method: "PUT", path: path + fmt.Sprint(i), body: `{"expiresAt": "2099-01-01T00:00:00Z"}`}
	}
	for i := range 20 {
		d.must(200, lock(i))
	}
	if codes := d.must(400, lock(20)).codes(t); !slices.Equal(codes, []string{"too_many"}) {
		t.Errorf("the 21st lease is refused for %v", codes)
	}
}

// search searches, in every shape that a filter can have.
func (d *desk) search() {
	for _, body := range []string{
		`{}`, `{"filter": null, "sort": "", "limit": null, "cursor": ""}`, `{"filter": {"field": "city", "op": "contains", "value": " "}, "sort": "vip", "limit": 1}`,
		`{"filter": {"and": [{"or": [{"field": "vip", "op": "exists"}, {"field": "tag", "op": "in", "value": ["a", "b"]}]}, {"not": {"field": "version", "op": "gt", "value": 1e3}}]}}`,
	} {
		d.must(200, call{method: "POST", path: "/v1/contacts/search", body: body})
	}
	d.must(200, call{method: "POST", path: "/v1/contacts/search", body: `{"limit": 1, "cursor": "` +
		d.must(200, call{method: "POST", path: "/v1/contacts/search", body: `{"limit": 1}`}).text(d.t, "nextCursor") + `"}`})
}

// neighbors asks who stands beside contacts.
func (d *desk) neighbors() {
	d.t.Helper()
	ids := []string{d.contact(`{"vip": true}`), d.contact(`{"tags": ["lead"]}`), d.contact(`{"owner": "user_1"}`)}
	for _, query := range []string{"", "sort=createdAt", "sort=-createdAt", "sort=vip", "tag=lead", "tag=nobody", "owner=me&sort=vip", "owner=none&tag=lead"} {
		d.must(200, call{method: "GET", path: "/v1/contacts/" + ids[1] + "/neighbors", query: query})
	}
	r := d.must(200, call{method: "GET", path: "/v1/contacts/" + ids[1] + "/neighbors"})
	if r.text(d.t, "previous") != ids[2] || r.text(d.t, "next") != ids[0] {
		d.t.Errorf("beside %s stand %s, want %s and %s", ids[1], r.body, ids[2], ids[0])
	}
	for _, query := range []string{"sort=vip", "sort=vip&limit=1", "sort=vip&vip=true"} {
		r := d.must(200, call{method: "GET", path: "/v1/contacts", query: query})
		if query == "sort=vip&limit=1" {
			d.must(200, call{method: "GET", path: "/v1/contacts", query: query + "&cursor=" + r.text(d.t, "nextCursor")})
		}
	}
}
