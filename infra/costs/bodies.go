package main

import (
	"fmt"
	"strings"
)

const owner = "user_7"

func address(i int) string { return fmt.Sprintf("person.%04d@mail.example.com", i) }

func number(i int) string { return fmt.Sprintf("+39351000%04d", i) }

// person is the body of a contact of about 500 bytes with an address and a
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

func addTags(w *world, i int, name string) call {
	return call{method: "POST", path: "/v1/contacts/" + w.contacts[i] + "/tags", body: `{"tags":["` + name + `"]}`, want: 200}
}

func companyBody(i int) string {
	return fmt.Sprintf(`{"name":"Rossi %03d srl","domain":"rossi%03d.example"}`, i, i)
}

func (w *world) asIntegration() []string { return []string{"authorization", "Bearer " + w.crm} }

func lease(method, body string, want int) func(*world, int) call {
	return func(w *world, i int) call {
		return call{method: method, path: "/v1/contacts/" + w.contacts[i] + "/locks/spring-sale", header: w.asIntegration(), body: body, want: want}
	}
}

func consenting(method, sub, body string) func(*world, int) call {
	return func(w *world, i int) call {
		return call{method: method, path: "/v1/contacts/" + w.contacts[i] + sub, body: body, want: 200}
	}
}

// mergeOf merges the i-th couple.
func mergeOf(query string, want int) func(*world, int) call {
	return func(w *world, i int) call {
		body := fmt.Sprintf(`{"survivor":%q,"contacts":[%q]}`, w.contacts[2*i], w.contacts[2*i+1])
		return call{method: "POST", path: "/v1/merges" + query, body: body, want: want}
	}
}

const (
	blockBody      = `{"reason":"Sends nothing but advertising."}`
	dndBody        = `{"email":true,"reason":"Asked us on the phone."}`
	noteBody       = `{"text":"Prefers to be called in the morning; asked for an offer for twelve."}`
	leaseBody      = `{"expiresAt":"2999-01-01T00:00:00Z"}`
	profileBody    = `{"displayName":"Mari","network":"instagram","handle":"@mari","url":"https://instagram.example/mari"}`
	validationBody = `{"state":"validated","managed":["department"],"values":{"department":"Acquisti"}}`
)

func fieldKey(i int) string { return fmt.Sprintf("renewal_%03d", i) }

func fieldBody(i int) string {
	return `{"key":"` + fieldKey(i) + `","type":"date","label":"Renewal date"}`
}

func folderBody(i int) string { return fmt.Sprintf(`{"name":"Contracts %03d"}`, i) }

const tokenBody = `{"name":"nightly import","role":"manager","integration":"sap"}`

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
