package openapi_test

import (
	"rubrica/shared/audit"
	"rubrica/shared/caller/issuer"
	"rubrica/shared/consent"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/ledger"
	"rubrica/shared/tenant"
)

// consent blocks a contact, and says what it does not want, in every way.
func (d *desk) consent() {
	d.t.Helper()
	id := d.contact(`{"phone": "+39061234999"}`)
	path := "/v1/contacts/" + id
	key := func(word string) map[string]string {
		return map[string]string{"Idempotency-Key": word, "If-Match": "*"}
	}
	lists := func() {
		d.t.Helper()
		for query, status := range map[string]int{"blocked=true": 200, "blocked=false&sort=vip": 200, "blocked=TRUE": 400} {
			d.must(status, call{method: "GET", path: "/v1/contacts", query: query})
			d.must(status, call{method: "GET", path: path + "/neighbors", query: query})
		}
		d.must(200, call{method: "GET", path: path})
	}
	for range 2 { // the second time replayed
		d.must(200, call{method: "POST", path: path + "/block", body: `{"reason": "Spam"}`, header: key("a-block")})
	}
	lists()
	d.must(200, call{method: "GET", path: path + "/reachability"})
	owner := d.token
	d.token = d.sign(issuer.Claims{Subject: "user_2", Role: "agent"})
	d.must(403, call{method: "POST", path: path + "/unblock"})
	d.token = owner
	for range 2 {
		d.must(200, call{method: "POST", path: path + "/unblock", body: `{"reason": ""}`, header: key("no-block")})
	}
	lists()
	for _, sub := range []string{"/block", "/block", "/unblock", "/unblock"} {
		d.must(200, call{method: "POST", path: path + sub})
	}

	for _, body := range []string{
		`{"all": true, "email": true, "messages": true, "calls": true, "inbound": true, "reason": "Asked"}`,
		`{"all": false, "email": null, "messages": "", "reason": null}`, `{"calls": true, "inbound": false}`, `{}`,
	} {
		d.must(200, call{method: "PUT", path: path + "/dnd", body: body})
		d.must(200, call{method: "GET", path: path + "/dnd"})
		d.must(200, call{method: "GET", path: path + "/reachability"})
	}
	for range 2 {
		d.must(200, call{method: "PUT", path: path + "/dnd", body: `{"email": true}`, header: key("no-mail")})
	}
	d.stop(id)
	d.must(200, call{method: "GET", path: path + "/dnd"})
	d.token = d.sign(issuer.Claims{Subject: "user_2", Role: "agent"})
	d.must(409, call{method: "PUT", path: path + "/dnd", body: `{"messages": false}`})
	d.must(200, call{method: "PUT", path: path + "/dnd", body: `{"messages": true}`})
	d.token = d.sign(issuer.Claims{Role: "manager"})
	d.must(200, call{method: "PUT", path: path + "/dnd", body: `{"messages": false}`})
	d.token = owner
}

// stop has a contact switch messages off itself.
func (d *desk) stop(id string) {
	d.t.Helper()
	ws, err := tenant.Parse(d.name)
	if err != nil {
		d.t.Fatal(err)
	}
	ctx := tenant.Bind(d.t.Context(), ws)
	scope, err := d.server.Ledger.Enter(ctx, ws, audit.Actor{Type: audit.System, ID: "test"}, "test")
	if err != nil {
		d.t.Fatal(err)
	}
	_, err = d.server.Ledger.Update(ctx, scope, contact.Ref{ID: id}, ledger.Operation{
		Action: audit.ContactDNDChanged,
		Apply: func(c contact.Contact) (contact.Contact, error) {
			return contact.WithDND(c, map[consent.Flag]bool{consent.Messages: true}, consent.Setting{
				Reason: "STOP", By: id, At: instant.Of(d.server.Ledger.Now()), Permanent: true,
			})
		},
		Answer: func(*contact.Contact) ledger.Answer { return ledger.Answer{} },
	})
	if err != nil {
		d.t.Fatal(err)
	}
}
