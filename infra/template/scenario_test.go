package template_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"rubrica/shared/boot/boottest"
	"rubrica/shared/caller/issuer"
	"rubrica/shared/ledger"
	"rubrica/shared/queue"
	"rubrica/shared/table"
)

// scenario drives a deployment over the gateway.
type scenario struct {
	*boottest.Deployment
	t     *testing.T
	token string          // an owner's
	crm   string          // the token of an integration
	asked map[string]bool // operations
}

// drive has every endpoint answered, every consumer work, and returns who called
// what.
func drive(t *testing.T) map[string][]call {
	t.Helper()
	r := &recorder{calls: map[string][]call{}}
	tables := map[string]string{boottest.Main: "MainTable", boottest.Audit: "AuditTable"}
	d := boottest.Start(t, boottest.Options{
		WrapTable: func(function, name string, driver table.Driver) table.Driver {
			return recordedTable{driver, func(action string, keys ...string) { r.note(function, action, tables[name], keys...) }}
		},
		WrapQueue: func(function string, driver queue.Driver) queue.Driver {
			return recordedQueue{driver, func(action, on string) { r.note(function, action, on) }}
		},
	})
	ws := d.Workspace("ws-policies")
	s := &scenario{
		Deployment: d, t: t, asked: map[string]bool{}, token: d.Token(issuer.Claims{Subject: "user_1", Workspace: ws.String(), Role: "owner"}),
		crm: d.Token(issuer.Claims{Subject: "user_2", Workspace: ws.String(), Role: "agent", Integration: "sap"}),
	}
	s.contacts()
	s.workspace()
	s.fields()
	s.tags()
	s.many()
	s.notes()
	s.integrations()
	s.consent()
	s.events()
	s.merges()
	s.jobs()
	s.companies()
	s.suggestions()
	d.Settle()
	s.logs()
	s.tokens()
	d.Settle()
	for _, e := range d.Endpoints {
		if !s.asked[e.Operation] {
			t.Errorf("nobody asked %s %s: add it to the scenario", e.Method, e.Pattern)
		}
	}
	return r.calls
}

// ask sends a request, which must succeed, and returns the id in its answer.
func (s *scenario) ask(method, target, body string, headers ...string) (id string) {
	s.t.Helper()
	path, _, _ := strings.Cut(target, "?")
	if e := s.Route(method, path); e != nil {
		s.asked[e.Operation] = true
	}
	a := s.Request(method, target, s.token, body, headers...)
	if a.Status >= 300 {
		s.t.Fatalf("%s %s: %d %s", method, target, a.Status, a.Body)
	}
	var answered struct{ ID string }
	if a.Body != "" {
		if err := json.Unmarshal([]byte(a.Body), &answered); err != nil {
			s.t.Fatal(err)
		}
	}
	return answered.ID
}

// contacts goes through the life of contacts: by id and by identity, under both
// policies of duplicates, with and without idempotency keys.
func (s *scenario) contacts() {
	maria := s.ask("POST", "/v1/contacts", `{"firstName":"Maria","email":"maria@example.it","owner":"user_7"}`, "Idempotency-Key", "maria")
	s.ask("POST", "/v1/contacts", `{"firstName":"Ugo","externalIds":{"sap":"K-17"},"vip":true}`)
	s.ask("PATCH", "/v1/workspace", `{"duplicates":"reject"}`)
	ada := s.ask("POST", "/v1/contacts", `{"firstName":"Ada","phone":"+393514117320"}`)
	s.ask("GET", "/v1/contacts/"+maria, "")
	s.ask("GET", "/v1/contacts/email:maria@example.it", "")
	s.ask("GET", "/v1/contacts/"+maria+"/card", "")
	s.ask("GET", "/v1/contacts?limit=1", "")
	s.ask("GET", "/v1/contacts?owner=user_7", "")
	s.ask("GET", "/v1/contacts?email=maria@example.it", "")
	s.ask("POST", "/v1/contacts/search", `{"filter":{"or":[{"field":"city","op":"eq","value":"Roma"},{"field":"tag","op":"exists","value":false}]}}`, "Idempotency-Key", "search")
	s.ask("PATCH", "/v1/contacts/"+maria, `{"lastName":"Rossi"}`, "Idempotency-Key", "rossi")
	s.ask("PATCH", "/v1/contacts/email:maria@example.it", `{"email":"m.rossi@example.it"}`)
	s.ask("PUT", "/v1/contacts/email:new@example.it", `{"firstName":"New"}`)
	s.ask("PUT", "/v1/contacts/ext:sap:K-17", `{"lastName":"Bo"}`)
	s.ask("PUT", "/v1/contacts/"+maria+"/followers/user_9", "")
	s.ask("DELETE", "/v1/contacts/"+maria+"/followers/user_9", "")
	s.ask("PUT", "/v1/contacts/"+maria+"/identities/phone:+390612345678", "")
	s.ask("DELETE", "/v1/contacts/"+maria+"/identities/phone:+390612345678", "")
	s.ask("GET", "/v1/contacts/"+maria+"/audit", "")
	s.ask("DELETE", "/v1/contacts/"+ada, "", "Idempotency-Key", "ada")
	s.ask("DELETE", "/v1/contacts/ext:sap:K-17", "")
	s.Relay()
	s.Deliver(ledger.TopicPurge) // before the log has what it removes
	s.Settle()
	s.ask("GET", "/v1/contacts/email:m.rossi@example.it/audit", "")
}

func (s *scenario) workspace() {
	s.ask("GET", "/v1/me", "")
	s.ask("GET", "/v1/workspace", "")
	s.ask("PATCH", "/v1/workspace", `{"timezone":"Europe/Rome"}`, "Idempotency-Key", "zone")
	s.ask("GET", "/v1/health", "")
	s.ask("GET", "/v1/openapi.json", "")
}

func (s *scenario) fields() {
	s.ask("GET", "/v1/fields", "")
	s.ask("GET", "/v1/folders", "")
	folder := s.ask("POST", "/v1/folders", `{"name":"Sales"}`)
	s.ask("PATCH", "/v1/folders/"+folder, `{"name":"Sales and more"}`, "Idempotency-Key", "folder")
	s.ask("POST", "/v1/fields", `{"key":"score","label":"Score","type":"number"}`)
	s.ask("PATCH", "/v1/fields/score", `{"label":"Points"}`)
	s.ask("DELETE", "/v1/fields/score", "")
	s.ask("DELETE", "/v1/folders/"+folder, "")
}

// tags makes tags in every way there is, and deletes one that contacts carry: a
// consumer takes it from them.
func (s *scenario) tags() {
	s.ask("POST", "/v1/tags", `{"name":"VIP","color":"#ff8800"}`)
	var ids []string
	for i := range 9 { // of four shards one has three
		ids = append(ids, s.ask("POST", "/v1/contacts", fmt.Sprintf(`{"firstName":"Tagged %d","tags":["vip","new %d"]}`, i, i)))
	}
	s.ask("PUT", "/v1/contacts/email:tagged@example.it", `{"tags":["vip","lead"]}`)
	s.ask("POST", "/v1/contacts/"+ids[0]+"/tags", `{"tags":["lead","unheard of"]}`, "Idempotency-Key", "lead")
	s.ask("DELETE", "/v1/contacts/"+ids[1]+"/tags/vip", "")
	s.ask("GET", "/v1/tags?prefix=v", "")
	s.ask("GET", "/v1/contacts?tag=vip", "")
	s.ask("PATCH", "/v1/tags/vip", `{"name":"Very important"}`, "Idempotency-Key", "rename")
	s.ask("DELETE", "/v1/contacts/"+ids[2], "")
	s.ask("DELETE", "/v1/tags/Very important", "")
	s.Settle()
	s.ask("GET", "/v1/contacts/"+ids[0], "")
}

// companies makes companies, gives contacts one, and deletes one that contacts have:
// a consumer takes it from them.
func (s *scenario) companies() {
	rossi := s.ask("POST", "/v1/companies", `{"name":"Rossi srl","domain":"rossi.example"}`, "Idempotency-Key", "rossi-srl")
	bianchi := s.ask("POST", "/v1/companies", `{"name":"Bianchi spa"}`)
	anna := s.ask("POST", "/v1/contacts", `{"firstName":"Anna","companyId":"`+rossi+`"}`)
	s.ask("PATCH", "/v1/contacts/"+anna, `{"companyId":"`+bianchi+`"}`)
	s.ask("PATCH", "/v1/contacts/"+anna, `{"companyId":"`+rossi+`"}`)
	s.ask("GET", "/v1/companies?prefix=r", "")
	s.ask("GET", "/v1/companies/"+rossi, "")
	s.ask("GET", "/v1/contacts?company="+rossi, "")
	s.ask("GET", "/v1/contacts?sort=vip", "")
	s.ask("GET", "/v1/contacts/"+anna+"/neighbors", "")
	s.ask("GET", "/v1/contacts/"+anna+"/neighbors?sort=vip&owner=none", "")
	s.ask("PATCH", "/v1/companies/"+rossi, `{"name":"Rossi e figli"}`, "Idempotency-Key", "figli")
	s.ask("DELETE", "/v1/companies/"+rossi, "")
	s.Settle()
	s.ask("GET", "/v1/contacts/"+anna, "")
}

// jobs does in bulk what there is to do, to contacts of every kind: one that is not
// there fails, and is tried again.
func (s *scenario) jobs() {
	s.ask("POST", "/v1/contacts", `{"firstName":"Worked on","tags":["shut"]}`)
	s.ask("DELETE", "/v1/tags/shut", "")
	one := s.ask("POST", "/v1/contacts", `{"firstName":"Worked on","email":"worked@example.it","tags":["of one"]}`)
	for _, kind := range []string{`"tag","tags":["in bulk"]`, `"untag","tags":["in bulk"]`, `"assign","owner":"user_7"`, `"status","status":"inactive"`, `"block"`, `"unblock"`} {
		s.ask("POST", "/v1/jobs", `{"type":`+kind+`,"select":{"all":true}}`, "Idempotency-Key", kind[:5])
		s.Settle()
	}
	id := s.ask("POST", "/v1/jobs", `{"type":"delete","select":{"ids":["`+one+`","01JD3QZZZZZZZZZZZZZZZZZZZ0"]},"confirm":2}`)
	s.ask("POST", "/v1/jobs/"+id+"/confirm", `{"confirm":2}`)
	s.Settle()
	s.ask("GET", "/v1/jobs/"+id, "")
	s.ask("GET", "/v1/jobs", "")
	s.ask("GET", "/v1/jobs/"+id+"/errors", "")
	s.ask("POST", "/v1/jobs/"+id+"/retry", "")
	s.Settle()
	s.ask("POST", "/v1/jobs?dryRun=true", `{"type":"delete","select":{"all":true}}`)
	s.ask("POST", "/v1/jobs/"+s.ask("POST", "/v1/jobs", `{"type":"unblock","select":{"all":true}}`)+"/cancel", "")
}

func (s *scenario) notes() {
	path := "/v1/contacts/" + s.ask("POST", "/v1/contacts", `{"firstName":"Noted","email":"noted@example.it"}`) + "/notes"
	id := s.ask("POST", path, `{"text":"Likes cats"}`, "Idempotency-Key", "cats")
	other := s.ask("POST", "/v1/contacts/email:noted@example.it/notes", `{"text":"Likes dogs","pinned":true}`)
	s.ask("GET", path+"?limit=1", "")
	s.ask("GET", "/v1/contacts/email:noted@example.it/notes", "")
	s.ask("PATCH", path+"/"+id, `{"text":"Likes no cats"}`)
	s.ask("PATCH", path+"/"+id, `{"text":"Likes no cats"}`, "Idempotency-Key", "unchanged")
	s.ask("DELETE", path+"/"+other, "")
	s.ask("DELETE", strings.TrimSuffix(path, "/notes"), "") // and what is left goes with it
	s.Settle()
}

// integrations does what only integrations may.
func (s *scenario) integrations() {
	path := "/v1/contacts/" + s.ask("POST", "/v1/contacts", `{"firstName":"Offered","email":"offered@example.it","phone":"+390612340000","tags":["fleeting"]}`)
	s.ask("DELETE", "/v1/tags/fleeting", "") // and goes with the contact's next change
	owner := s.token
	s.token = s.crm
	s.ask("PUT", path+"/locks/summer", `{"expiresAt":"2999-01-01T00:00:00Z"}`, "Idempotency-Key", "summer")
	s.ask("PUT", "/v1/contacts/email:offered@example.it/locks/winter", `{"expiresAt":"2999-01-01T00:00:00Z"}`)
	s.ask("DELETE", path+"/locks/summer", "")
	s.ask("DELETE", "/v1/contacts/email:offered@example.it/locks/winter", "")
	s.ask("PUT", path+"/profile", `{"displayName":"Offi","lastName":"Red","country":"IT"}`, "Idempotency-Key", "offi")
	// Values that it gives, then others, then none.
	one := s.ask("PUT", "/v1/contacts/email:crm@example.it", `{}`)
	for _, values := range []string{`"phone":"+390612340001","email":"c@example.it"`, `"phone":"+390612340002"`, ``} {
		s.ask("PUT", "/v1/contacts/"+one+"/validation", `{"state":"validated","managed":["phone"],"values":{`+values+`}}`)
	}
	s.ask("PUT", "/v1/contacts/email:crm@example.it/validation", `{"state":"notValidated"}`)
	s.token = owner
}

// consent blocks contacts and sets what they do not want, each carrying a tag that
// is no more, which goes with the change.
func (s *scenario) consent() {
	for i, request := range []string{"POST /block", "POST /unblock", "PUT /dnd"} {
		method, action, _ := strings.Cut(request, " ")
		email := fmt.Sprintf("email:kept-away-%d@example.it", i)
		path := "/v1/contacts/" + s.ask("PUT", "/v1/contacts/"+email, fmt.Sprintf(`{"tags":["passing %d"]}`, i))
		if action == "/unblock" {
			s.ask("POST", "/v1/contacts/"+email+"/block", "")
		}
		s.ask("DELETE", fmt.Sprintf("/v1/tags/passing %d", i), "")
		body := `{"reason":"spam"}`
		if action == "/dnd" {
			body = `{"email":true,"reason":"asked"}`
		}
		s.ask(method, path+action, body, "Idempotency-Key", action)
		s.ask(method, "/v1/contacts/"+email+action, body) // changes nothing
		for _, read := range []string{path, "/v1/contacts/" + email} {
			s.ask("GET", read+"/dnd", "")
			s.ask("GET", read+"/reachability", "")
		}
	}
	s.ask("GET", "/v1/contacts?blocked=true", "")
}

// events has events come in both ways, and refused, and asks for what they make.
func (s *scenario) events() {
	account := s.ask("POST", "/v1/channels", `{"channel":"email"}`, "Idempotency-Key", "mailbox")
	s.ask("PATCH", "/v1/channels/"+account, `{"name":"Sales"}`)
	send := func(handle func(event string), who string) {
		path := "/v1/contacts/" + s.ask("PUT", "/v1/contacts/email:"+who+"@example.it", `{"tags":["of `+who+`"]}`)
		handle(fmt.Sprintf(`"id":"1 %s","type":"message.received","at":"2026-11-20T09:30:00Z","contact":"email:%s@example.it","data":{"channel":"email","text":"Hello"}`, who, who))
		handle(fmt.Sprintf(`"id":"2 %s","type":"automation.started","at":"2026-11-20T09:30:00Z","contact":"email:%s@example.it","data":{"automation":"a"}`, who, who))
		handle(fmt.Sprintf(`"id":"3 %s","type":"automation.started","at":"2026-11-20T09:30:00Z","contact":"email:%s@example.it","data":{"automation":"a"}`, who, who))
		// One that is found by what it says of itself, and loses a tag that is no more;
		// then it says something else, of what nothing is known yet.
		s.ask("DELETE", "/v1/tags/of "+who, "")
		handle(fmt.Sprintf(`"id":"4 %s","type":"channel.connected","at":"2026-11-20T09:30:00Z","contact":"email:%s@example.it","data":{"channel":"email","profile":{"phone":"+393514110000"}}`, who, who))
		s.ask("GET", path+"/messages", "")
		s.ask("GET", path+"/messages?includeBlocked=true", "")
		s.ask("GET", path+"/channels", "")
		s.ask("GET", path+"/reachability", "")
		s.ask("DELETE", path+"/channels/"+account, "", "Idempotency-Key", who)
	}
	owner := s.token
	send(func(event string) {
		s.token = s.crm
		s.ask("POST", "/v1/events", "{"+event+"}", "Idempotency-Key", event[6:7])
		s.token = owner
	}, "writes")
	send(func(event string) {
		s.Send("events", `{"workspace":"ws-policies",`+event+`}`)
		s.Deliver("events")
	}, "queued")
	s.Send("events", "no event")
	s.Deliver("events")
	s.ask("GET", "/v1/channels", "")
	s.ask("GET", "/v1/contacts/email:writes@example.it/channels", "")
	s.ask("GET", "/v1/contacts/email:writes@example.it/messages?limit=1", "")
	s.ask("DELETE", "/v1/channels/"+account, "")
}

// many changes all that a contact can be found by at once: more than one
// transaction can take back, so that something is left to a consumer.
func (s *scenario) many() {
	carrying := func(kind int) string {
		var followers, emails, phones, external []string
		for i := range 20 {
			followers = append(followers, fmt.Sprintf(`"user_%d_%d"`, kind, i))
		}
		for i := range 10 {
			emails = append(emails, fmt.Sprintf(`"busy-%d-%d@example.it"`, kind, i))
			phones = append(phones, fmt.Sprintf(`"+39351411%d%03d"`, kind, i))
			external = append(external, fmt.Sprintf(`"sys%d":"key-%d"`, i, kind))
		}
		return fmt.Sprintf(`{"followers":[%s],"otherEmails":[%s],"otherPhones":[%s],"externalIds":{%s}}`,
			strings.Join(followers, ","), strings.Join(emails, ","), strings.Join(phones, ","), strings.Join(external, ","))
	}
	id := s.ask("POST", "/v1/contacts", carrying(1))
	s.ask("PATCH", "/v1/contacts/"+id, carrying(2))
	// And more to find one by, tags among it, than a transaction can put.
	var tags []string
	for i := range 20 {
		tags = append(tags, fmt.Sprintf(`"of many %d"`, i))
	}
	s.ask("POST", "/v1/contacts", strings.TrimSuffix(carrying(3), "}")+`,"tags":[`+strings.Join(tags, ",")+"]}")
	s.manyTags()
}

// manyTags does the same with tags: of a contact that is deleted, and of one that
// carries many deleted ones when it is changed.
func (s *scenario) manyTags() {
	var names []string
	for i := range 60 {
		names = append(names, fmt.Sprintf("many %d", i))
	}
	var ids []string
	for range 2 {
		id := s.ask("POST", "/v1/contacts", `{}`)
		for some := range slices.Chunk(names, 20) {
			s.ask("POST", "/v1/contacts/"+id+"/tags", `{"tags":["`+strings.Join(some, `","`)+`"]}`)
		}
		ids = append(ids, id)
	}
	s.ask("DELETE", "/v1/contacts/"+ids[0], "")
	for _, name := range names {
		s.ask("DELETE", "/v1/tags/"+name, "")
	}
	s.ask("PATCH", "/v1/contacts/"+ids[1], `{"city":"Roma"}`)
}

func (s *scenario) logs() {
	s.ask("GET", "/v1/audit", "")
	s.ask("GET", "/v1/audit?action=contact.created&limit=1", "")
	s.ask("GET", "/v1/audit?action=company.deleted", "") // finds one entry, and reads it alone
}

// tokens has each function called with an API token that was last used on
// another day, or never.
func (s *scenario) tokens() {
	owner := s.token
	for _, request := range []string{
		"GET /v1/contacts", "GET /v1/contacts/email:m.rossi@example.it", "GET /v1/audit", "GET /v1/fields", "GET /v1/tags", "GET /v1/companies", "GET /v1/tokens",
		"POST /v1/contacts", "POST /v1/contacts/email:m.rossi@example.it/tags", "GET /v1/contacts/email:m.rossi@example.it/notes",
		"PUT /v1/contacts/email:m.rossi@example.it/locks/token", "DELETE /v1/contacts/email:m.rossi@example.it/locks/token",
		"PUT /v1/contacts/email:m.rossi@example.it/profile", "POST /v1/contacts/email:m.rossi@example.it/block",
		"GET /v1/contacts/email:m.rossi@example.it/reachability", "GET /v1/channels", "GET /v1/merges", "GET /v1/jobs", "GET /v1/contacts/email:m.rossi@example.it/messages", "POST /v1/events",
		"GET /v1/contacts/email:m.rossi@example.it/merge-suggestions",
		"PATCH /v1/contacts/email:m.rossi@example.it", "DELETE /v1/contacts/email:m.rossi@example.it",
	} {
		s.asked["createToken"] = true
		a := s.Request("POST", "/v1/tokens", owner, `{"name":"t","role":"owner","integration":"sap"}`)
		var made struct{ ID, Token string }
		if err := json.Unmarshal([]byte(a.Body), &made); err != nil || a.Status != 201 {
			s.t.Fatal(a, err)
		}
		s.token = made.Token
		method, target, _ := strings.Cut(request, " ")
		body := `{"firstName":"Token"}`
		switch {
		case method == "DELETE", strings.HasSuffix(target, "/block"):
			body = ""
		case strings.HasSuffix(target, "/tags"):
			body = `{"tags":["token"]}`
		case strings.HasSuffix(target, "/events"):
			body = `{"id":"token","type":"automation.started","at":"2026-11-20T09:30:00Z","contact":"email:m.rossi@example.it","data":{"automation":"a"}}`
		case strings.HasSuffix(target, "/locks/token"):
			body = `{"expiresAt":"2999-01-01T00:00:00Z"}`
		}
		s.ask(method, target, body)
		s.token = owner
		s.ask("DELETE", "/v1/tokens/"+made.ID, "")
	}
}
