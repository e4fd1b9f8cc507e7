package openapi_test

import (
	"fmt"

	"rubrica/shared/caller/issuer"
)

// channels registers accounts, has events of every type come in, and asks for all
// that comes of them.
func (d *desk) channels() {
	d.t.Helper()
	id := d.contact(`{"phone": "+39061234888", "email": "wrote@example.it"}`)
	path := "/v1/contacts/" + id
	key := func(word string) map[string]string { return map[string]string{"Idempotency-Key": word} }
	lists := func() {
		d.t.Helper()
		for query, status := range map[string]int{"": 200, "limit=1": 200, "channel=email&includeBlocked=true": 200, "includeBlocked=maybe": 400} {
			d.must(status, call{method: "GET", path: path + "/messages", query: query})
		}
		d.must(200, call{method: "GET", path: path + "/channels"})
		d.must(200, call{method: "GET", path: path + "/reachability"})
		d.must(200, call{method: "GET", path: "/v1/channels"})
		d.must(200, call{method: "GET", path: path})
	}
	d.event("e1", "message.received", id, `{"channel": "email", "text": "a\u0000\n", "kind": "text", "profile": {"displayName": "Mari", "firstName": "Maria"}}`)
	d.event("e2", "message.received", "email:wrote@example.it", `{"channelId": "sms", "channel": null, "kind": "image", "text": ""}`)
	d.event("e3", "channel.connected", id, `{"channel": "email", "link": "https://mail.example/1", "profile": null}`)
	d.event("e4", "automation.started", id, `{"automation": "welcome"}`)
	d.event("e5", "automation.stopped", id, `{"automation": "welcome"}`)
	d.event("e5", "automation.stopped", id, `{"automation": "welcome"}`) // again
	lists()
	next := d.must(200, call{method: "GET", path: path + "/messages", query: "limit=1"}).text(d.t, "nextCursor")
	d.must(200, call{method: "GET", path: path + "/messages", query: "limit=1&cursor=" + next})

	made := call{method: "POST", path: "/v1/channels", body: `{"channel": "sms", "name": "Support", "connected": false}`, header: key("an-account")}
	account := d.must(201, made).text(d.t, "id")
	d.must(201, made) // replayed
	d.must(201, call{method: "POST", path: "/v1/channels", body: `{"channel": "web-chat", "name": null, "connected": ""}`})
	for _, body := range []string{`{"connected": true}`, `{"name": "Sales"}`, `{"name": "", "connected": null}`, `{}`} {
		d.must(200, call{method: "PATCH", path: "/v1/channels/" + account, body: body, header: map[string]string{"Content-Type": "application/merge-patch+json"}})
	}
	for range 2 {
		d.must(200, call{method: "PATCH", path: "/v1/channels/" + account, body: `{"name": "Help"}`, header: key("help")})
	}
	d.event("e6", "message.received", id, `{"channel": "sms", "text": "Stop!"}`)
	d.event("e7", "message.received", id, `{"channelId": "`+account+`", "text": "no, go on"}`)
	d.must(200, call{method: "GET", path: path + "/dnd"})
	lists()
	d.must(204, call{method: "DELETE", path: path + "/channels/" + account, header: map[string]string{"Idempotency-Key": "no-channel", "If-Match": "*"}})
	d.must(204, call{method: "DELETE", path: path + "/channels/" + account, header: map[string]string{"Idempotency-Key": "no-channel", "If-Match": "*"}})
	for range 2 {
		d.must(204, call{method: "DELETE", path: "/v1/channels/" + account, header: key("no-account")})
	}
	lists()
	d.must(200, call{method: "GET", path: path + "/audit"})
}

// event has an event come in, by an integration.
func (d *desk) event(id, kind, contact, data string) {
	d.t.Helper()
	token := d.token
	d.token = d.sign(issuer.Claims{Role: "agent", Integration: "sap-sync"})
	body := fmt.Sprintf(`{"id": %q, "type": %q, "at": "2026-11-20T09:30:00Z", "contact": %q, "data": %s}`, id, kind, contact, data)
	d.must(202, call{method: "POST", path: "/v1/events", body: body, header: map[string]string{"Idempotency-Key": id + kind}})
	d.token = token
}
