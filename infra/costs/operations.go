package main

import (
	"context"
	"fmt"
	"strings"
)

// operation is one line of the table.
type operation struct {
	name string
	// id is the operationId of the OpenAPI document.
	id string
	// prepare makes what n calls need.
	prepare func(ctx context.Context, w *world, n int) error
	// call is the i-th request.
	call func(w *world, i int) call
}

// operations are all that the API has, each in the forms that cost differently.
var operations = []operation{
	{"get by id", "getContact", people, func(w *world, i int) call {
		return call{method: "GET", path: "/v1/contacts/" + w.contacts[i], want: 200}
	}},
	{"get by e-mail address", "getContact", people, func(_ *world, i int) call {
		return call{method: "GET", path: "/v1/contacts/email:" + address(i), want: 200}
	}},
	{"get by id with an API token", "getContact", peopleAndKey, func(w *world, i int) call {
		return call{method: "GET", path: "/v1/contacts/" + w.contacts[i], header: []string{"authorization", "Bearer " + w.spare[0]}, want: 200}
	}},
	{"list 50", "listContacts", crowd, func(*world, int) call {
		return call{method: "GET", path: "/v1/contacts?limit=50", want: 200}
	}},
	{"list 50 of an owner", "listContacts", crowd, func(*world, int) call {
		return call{method: "GET", path: "/v1/contacts?limit=50&owner=" + owner, want: 200}
	}},
	{"create, duplicates allowed", "createContact", nil, create},
	{"create, duplicates rejected", "createContact", rejecting, create},
	{"create with an Idempotency-Key", "createContact", nil, createKeyed},
	{"the same create once more", "createContact", createdKeyed, createKeyed},
	{"upsert that creates", "upsertContact", nil, func(_ *world, i int) call {
		return call{method: "PUT", path: "/v1/contacts/email:" + address(i), body: `{"firstName":"Maria","phone":"` + number(i) + `"}`, want: 201}
	}},
	{"upsert that updates", "upsertContact", people, func(_ *world, i int) call {
		return call{method: "PUT", path: "/v1/contacts/email:" + address(i), body: `{"city":"Torino Sud"}`, want: 200}
	}},
	{"patch", "updateContact", people, patch(`{"city":"Torino Sud"}`)},
	{"patch of the owner", "updateContact", people, patch(`{"owner":"` + owner + `"}`)},
	{"patch of the phone, duplicates allowed", "updateContact", people, patchPhone},
	{"patch of the phone, duplicates rejected", "updateContact", peopleRejecting, patchPhone},
	{"patch that changes nothing", "updateContact", people, patch(`{"city":"Torino"}`)},
	{"patch of all that a contact is found by (56 rows for 54)", "updateContact", celebrities, func(w *world, i int) call {
		return call{method: "PATCH", path: "/v1/contacts/" + w.contacts[i], body: celebrity(i, "new"), want: 200}
	}},
	{"follower added", "addFollower", people, follower("PUT")},
	{"follower removed", "removeFollower", peopleFollowed, follower("DELETE")},
	{"identity added", "addIdentity", people, identity("PUT")},
	{"identity removed", "removeIdentity", peopleOfTwoAddresses, identity("DELETE")},
	{"delete", "deleteContact", people, func(w *world, i int) call {
		return call{method: "DELETE", path: "/v1/contacts/" + w.contacts[i], want: 204}
	}},
	{"audit page of a contact, 25", "listContactAudit", historic, func(w *world, _ int) call {
		return call{method: "GET", path: "/v1/contacts/" + w.contacts[0] + "/audit", want: 200}
	}},
	{"audit page of the workspace, 25", "listAudit", crowd, func(*world, int) call {
		return call{method: "GET", path: "/v1/audit", want: 200}
	}},
	{"settings", "getWorkspace", nil, func(*world, int) call {
		return call{method: "GET", path: "/v1/workspace", want: 200}
	}},
	{"settings changed", "updateWorkspace", nil, func(_ *world, i int) call {
		return call{method: "PATCH", path: "/v1/workspace", body: fmt.Sprintf(`{"auditRetentionDays":%d}`, 1000+i), want: 200}
	}},
	{"who am I", "getMe", nil, func(*world, int) call { return call{method: "GET", path: "/v1/me", want: 200} }},
	{"token made", "createToken", nil, func(*world, int) call {
		return call{method: "POST", path: "/v1/tokens", body: tokenBody, want: 201}
	}},
	{"tokens listed, 25", "listTokens", tokens, func(*world, int) call { return call{method: "GET", path: "/v1/tokens", want: 200} }},
	{"token deleted", "deleteToken", tokens, func(w *world, i int) call {
		return call{method: "DELETE", path: "/v1/tokens/" + w.spare[i], want: 204}
	}},
	{"health", "getHealth", nil, func(*world, int) call { return call{method: "GET", path: "/v1/health", want: 200} }},
	{"OpenAPI document", "getOpenAPI", nil, func(*world, int) call { return call{method: "GET", path: "/v1/openapi.json", want: 200} }},
}

const owner = "user_7"

func address(i int) string { return fmt.Sprintf("person.%04d@mail.example.com", i) }

func number(i int) string { return fmt.Sprintf("+39351000%04d", i) }

// person is the body of a contact of about 700 bytes with an address and a
// number, and what else a contact usually has.
func person(i int) string { return personWith(i, "") }

func personWith(i int, more string) string {
	return fmt.Sprintf(`{"firstName":"Maria Grazia","lastName":"Rossi %04d","email":%q,"phone":%q,`+
		`"streetAddress":"Via Po 12","city":"Torino","state":"TO","postalCode":"10124","source":"web form","type":"lead",`+
		`"businessName":"Rossi srl","website":"https://rossi.example","timezone":"Europe/Rome","language":"it"%s}`,
		i, address(i), number(i), more)
}

func create(_ *world, i int) call {
	return call{method: "POST", path: "/v1/contacts", body: person(i), want: 201}
}

func createKeyed(w *world, i int) call {
	c := create(w, i)
	c.header = []string{"idempotency-key", fmt.Sprintf("import-2026-11-line-%04d", i)}
	return c
}

func patch(body string) func(*world, int) call {
	return func(w *world, i int) call {
		return call{method: "PATCH", path: "/v1/contacts/" + w.contacts[i], body: body, want: 200}
	}
}

func patchPhone(w *world, i int) call {
	return call{method: "PATCH", path: "/v1/contacts/" + w.contacts[i], body: `{"phone":"` + number(5000+i) + `"}`, want: 200}
}

func follower(method string) func(*world, int) call {
	return func(w *world, i int) call {
		return call{method: method, path: "/v1/contacts/" + w.contacts[i] + "/followers/" + owner, want: 200}
	}
}

func identity(method string) func(*world, int) call {
	return func(w *world, i int) call {
		return call{method: method, path: "/v1/contacts/" + w.contacts[i] + "/identities/email:" + address(5000+i), want: 200}
	}
}

const tokenBody = `{"name":"nightly import","role":"manager","integration":"sap"}`

func people(ctx context.Context, w *world, n int) error { return w.fill(ctx, n, person) }

func peopleAndKey(ctx context.Context, w *world, n int) error {
	text, err := w.make(ctx, "/v1/tokens", tokenBody, "token")
	if err != nil {
		return err
	}
	w.spare = append(w.spare, text)
	if err := people(ctx, w, n); err != nil {
		return err
	}
	// The first use of a day is noted, which is not what every call costs.
	_, err = w.do(ctx, call{method: "GET", path: "/v1/me", header: []string{"authorization", "Bearer " + text}, want: 200})
	return err
}

func rejecting(ctx context.Context, w *world, _ int) error {
	_, err := w.do(ctx, call{method: "PATCH", path: "/v1/workspace", body: `{"duplicates":"reject"}`, want: 200})
	return err
}

func peopleRejecting(ctx context.Context, w *world, n int) error {
	if err := people(ctx, w, n); err != nil {
		return err
	}
	return rejecting(ctx, w, n)
}

func peopleFollowed(ctx context.Context, w *world, n int) error {
	return w.fill(ctx, n, func(i int) string { return personWith(i, `,"followers":["`+owner+`"]`) })
}

func peopleOfTwoAddresses(ctx context.Context, w *world, n int) error {
	return w.fill(ctx, n, func(i int) string { return personWith(i, `,"otherEmails":["`+address(5000+i)+`"]`) })
}

// crowd is so many contacts of one owner that each of the four shards over which
// chance spreads them has more than a page asks it for: what a page reads is then
// no matter of chance.
func crowd(ctx context.Context, w *world, _ int) error {
	return w.fill(ctx, 600, func(i int) string { return personWith(i, `,"owner":"`+owner+`"`) })
}

func createdKeyed(ctx context.Context, w *world, n int) error {
	for i := range n {
		if _, err := w.do(ctx, createKeyed(w, i)); err != nil {
			return err
		}
	}
	return nil
}

// celebrities have as many addresses, numbers, external ids and followers as a
// contact may have: 54 rows beside their own.
func celebrities(ctx context.Context, w *world, n int) error {
	return w.fill(ctx, n, func(i int) string { return celebrity(i, "old") })
}

// celebrity is one whose every identity and user differs from era to era.
func celebrity(i int, era string) string {
	var emails, phones, systems, followers []string
	from := 0
	if era == "new" {
		from = 40
	}
	for k := range 10 {
		emails = append(emails, fmt.Sprintf(`"%s.%d.%d@example.com"`, era, i, k))
		phones = append(phones, fmt.Sprintf(`"+39351%04d%03d"`, i, from+1+k))
		systems = append(systems, fmt.Sprintf(`"system%d":"%s-%d"`, k, era, i))
	}
	for k := range 20 {
		followers = append(followers, fmt.Sprintf(`"%s_%d"`, era, k))
	}
	return fmt.Sprintf(`{"email":"%s.%d@example.com","otherEmails":[%s],"phone":"+39351%04d%03d","otherPhones":[%s],"externalIds":{%s},"owner":"%s","followers":[%s],"vip":%t}`,
		era, i, strings.Join(emails, ","), i, from, strings.Join(phones, ","), strings.Join(systems, ","), era, strings.Join(followers, ","), era == "old")
}

// historic is a contact with more changes than a page shows.
func historic(ctx context.Context, w *world, _ int) error {
	if err := people(ctx, w, 1); err != nil {
		return err
	}
	for i := range 40 {
		c := patch(fmt.Sprintf(`{"city":"Torino %02d"}`, i))(w, 0)
		if _, err := w.do(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func tokens(ctx context.Context, w *world, n int) error {
	for range max(n, 30) {
		id, err := w.make(ctx, "/v1/tokens", tokenBody, "id")
		if err != nil {
			return err
		}
		w.spare = append(w.spare, id)
	}
	return nil
}
