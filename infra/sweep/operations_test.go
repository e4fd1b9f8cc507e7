package sweep

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"rubrica/shared/ledger"
)

// operation is one row of the sweep.
type operation struct {
	name    string
	setup   []request
	request request
	status  int
	// want is what the answer must have; nil leaves it open.
	want any
	// rival is what somebody else may do meanwhile; none if it would rightly
	// change the answer. It may touch the rivalField alone.
	rival request
	// settled says that what the setup caused is done before; else it comes
	// through stream and queues with the rest.
	settled bool
	// lastFirst lets consumers work in the reverse of their order.
	lastFirst bool
	// alike says that what follows the answer is the same as after another
	// operation: only storms reach it.
	alike bool
	// heavy says that it takes dynoxide minutes: it writes more than a transaction
	// takes, or the job is planned in the background.
	heavy bool
	// varies says that some calls are not made every time: how many there are depends
	// on the shards that contacts chanced upon.
	varies bool
	// large says that even few contacts are too many for a job to select at once.
	large bool
	// once says that the answer is shown once: a retry may be told so instead.
	once bool
}

// sizes are those of jobs.
func (o *operation) sizes() ledger.JobSizes {
	if o.large {
		return ledger.JobSizes{AtOnce: 1, Chunk: 1, Page: 1}
	}
	return ledger.JobSizes{}
}

// operations are all of them.
func operations() []operation {
	return slices.Concat(writes(), tagging(), companies(), noting(), leasing(), offering(), consenting(), eventful(), merging(), mergedReads(), suggesting(), jobs(), manyJobs(), reads(), stale())
}

func post(path, body string) request  { return request{method: "POST", path: path, body: body} }
func patch(path, body string) request { return request{method: "PATCH", path: path, body: body} }
func put(path, body string) request   { return request{method: "PUT", path: path, body: body} }
func remove(path string) request      { return request{method: "DELETE", path: path} }
func get(path string) request         { return request{method: "GET", path: path} }
func list(path string) request        { return request{method: "GET", path: path, all: true} }
func search(body string) request {
	return request{method: "POST", path: searches, body: body, all: true}
}
func create(body string) request          { return post("/v1/contacts", body) }
func (r request) when(tag string) request { r.ifMatch = tag; return r }
func (r request) as(token string) request { r.token = token; return r }

// searches is where a POST asks for a list.
const searches = "/v1/contacts/search"

// changes tells requests that may change something from those that only read.
func (r request) changes() bool { return r.method != "GET" && r.path != searches }

// behind asks for the page behind a cursor.
func (r request) behind(cursor string) request {
	switch {
	case r.path == searches:
		r.body = strings.TrimSuffix(r.body, "}") + `,"cursor":"` + cursor + `"}`
	case strings.Contains(r.path, "?"):
		r.path += "&cursor=" + cursor
	default:
		r.path += "?cursor=" + cursor
	}
	return r
}

// object is a JSON object.
func object(text string) any {
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(err) // of a table in this file
	}
	return v
}

var (
	ada      = create(`{"firstName":"Ada","email":"ada@example.com","phone":"+393514117320"}`)
	bob      = create(`{"firstName":"Bob","email":"bob@example.com","owner":"user_7"}`)
	reject   = patch("/v1/workspace", `{"duplicates":"reject"}`)
	beside   = patch("/v1/contacts/$1", `{"department":"of a rival"}`)
	agent    = post("/v1/tokens", `{"name":"crm","role":"agent"}`)
	score    = post("/v1/fields", `{"key":"score","type":"number"}`)
	scored   = create(`{"firstName":"Ada","fields":{"score":12}}`)
	vat      = post("/v1/folders", `{"name":"VAT"}`)
	fullBody = full("old")
)

// full is a contact with as many hints as one can have, none of which another
// full one shares.
func full(word string) string {
	var emails, phones, systems, followers []string
	for i := range 20 {
		followers = append(followers, fmt.Sprintf(`"%s_%d"`, word, i))
	}
	for i := range 10 {
		emails = append(emails, fmt.Sprintf(`"%s%d@example.com"`, word, i))
		phones = append(phones, fmt.Sprintf(`"+39351411%d%03d"`, len(word), i))
		systems = append(systems, fmt.Sprintf(`"s%d":"%s"`, i, word))
	}
	return fmt.Sprintf(`{"email":"%s@example.com","otherEmails":[%s],"otherPhones":[%s],"externalIds":{%s},"followers":[%s],"owner":"%s"}`,
		word, strings.Join(emails, ","), strings.Join(phones, ","), strings.Join(systems, ","), strings.Join(followers, ","), word)
}

func writes() []operation {
	return []operation{
		{name: "create", request: ada, status: 201, want: object(`{"version":1,"name":"Ada","country":"IT"}`)},
		{name: "create/reject", setup: []request{reject}, request: ada, status: 201, want: object(`{"version":1}`)},
		{name: "create/external id", alike: true, request: create(`{"externalIds":{"sap":"K-17"},"owner":"user_7","followers":["user_9"],"vip":true}`), status: 201},
		{
			name: "create/a taken address", alike: true, setup: []request{ada, reject}, request: create(`{"email":"ADA@example.com"}`), status: 409, rival: beside,
			want: object(`{"code":"duplicate_identity"}`),
		},
		{name: "create/the same address", alike: true, setup: []request{ada}, request: ada, status: 201, rival: beside, want: object(`{"version":1}`)},
		{name: "upsert/creates", alike: true, request: put("/v1/contacts/email:ada@example.com", `{"firstName":"Ada","phone":"+393514117320"}`), status: 201},
		{name: "upsert/creates under reject", setup: []request{bob, reject}, request: put("/v1/contacts/phone:+393514117320", `{"city":"Roma"}`), status: 201, rival: beside},
		{
			name: "upsert/updates", alike: true, setup: []request{ada}, request: put("/v1/contacts/email:ada@example.com", `{"city":"Roma","externalIds":{"sap":"K-17"}}`),
			status: 200, rival: beside, want: object(`{"city":"Roma","firstName":"Ada"}`),
		},
		{name: "upsert/changes nothing", alike: true, setup: []request{ada}, request: put("/v1/contacts/phone:+393514117320", `{"firstName":"Ada"}`), status: 200, rival: beside},
		{name: "patch", setup: []request{ada}, request: patch("/v1/contacts/$1", `{"city":"Roma"}`), status: 200, rival: beside, want: object(`{"city":"Roma","version":2}`)},
		{
			name: "patch/the phone", alike: true, setup: []request{ada}, request: patch("/v1/contacts/email:ada@example.com", `{"phone":"+5511912345678"}`),
			status: 200, rival: beside, want: object(`{"country":"BR"}`),
		},
		{name: "patch/the address, under reject", alike: true, setup: []request{ada, reject}, request: patch("/v1/contacts/$1", `{"email":"new@example.com"}`), status: 200, rival: beside},
		{
			name: "patch/a taken address", alike: true, setup: []request{ada, bob, reject}, request: patch("/v1/contacts/$2", `{"email":"ada@example.com"}`),
			status: 409, rival: beside, want: object(`{"code":"duplicate_identity"}`),
		},
		{name: "patch/the owner", alike: true, setup: []request{bob}, request: patch("/v1/contacts/$1", `{"owner":"user_9","vip":true}`), status: 200, rival: beside},
		{name: "patch/changes nothing", alike: true, setup: []request{ada}, request: patch("/v1/contacts/$1", `{"firstName":"Ada"}`), status: 200, rival: beside, want: object(`{"version":1}`)},
		{name: "patch/If-Match", alike: true, setup: []request{ada}, request: patch("/v1/contacts/$1", `{"city":"Roma"}`).when(`"1"`), status: 200},
		{name: "patch/If-Match, stale", alike: true, setup: []request{ada}, request: patch("/v1/contacts/$1", `{"city":"Roma"}`).when(`"7"`), status: 412, rival: beside},
		{
			name: "patch/everything", setup: []request{create(fullBody)}, request: patch("/v1/contacts/$1", full("new-one")), status: 200, rival: beside,
			want: object(`{"version":2,"owner":"new-one"}`),
		},
		{name: "follower/add", alike: true, setup: []request{ada}, request: put("/v1/contacts/$1/followers/user_9", ""), status: 200, rival: beside},
		{name: "follower/remove", alike: true, setup: []request{create(`{"followers":["user_9"]}`)}, request: remove("/v1/contacts/$1/followers/user_9"), status: 200, rival: beside},
		{name: "identity/add", alike: true, setup: []request{ada}, request: put("/v1/contacts/$1/identities/email:other@example.com", ""), status: 200, rival: beside},
		{name: "identity/add, under reject", alike: true, setup: []request{ada, reject}, request: put("/v1/contacts/$1/identities/phone:+5511912345678", ""), status: 200, rival: beside},
		{
			name: "identity/remove", setup: []request{create(`{"otherEmails":["other@example.com"]}`)}, request: remove("/v1/contacts/$1/identities/email:other@example.com"),
			status: 200, rival: beside,
		},
		{name: "delete", setup: []request{ada}, request: remove("/v1/contacts/$1"), status: 204, rival: beside},
		{name: "delete/by address", alike: true, setup: []request{ada, bob}, request: remove("/v1/contacts/email:bob@example.com"), status: 204, rival: beside},
		{name: "delete/purged before it is logged", setup: []request{ada}, request: remove("/v1/contacts/$1"), status: 204, rival: beside, lastFirst: true},
		{
			name: "delete/with more hints than a transaction takes", heavy: true, setup: []request{create(fullBody), patch("/v1/contacts/$1", full("new-one"))},
			request: remove("/v1/contacts/$1"), status: 204, rival: beside,
		},
		{name: "delete/a deleted one", alike: true, setup: []request{ada, remove("/v1/contacts/$1")}, request: remove("/v1/contacts/$1"), status: 410},
		{name: "settings/patch", request: patch("/v1/workspace", `{"duplicates":"reject","timezone":"Europe/Rome"}`), status: 200, want: object(`{"duplicates":"reject"}`)},
		{name: "settings/changes nothing", alike: true, request: patch("/v1/workspace", `{"duplicates":"allow"}`), status: 200},
		{name: "field/create", request: score, status: 201, want: object(`{"key":"score"}`)},
		{name: "field/create a taken key", alike: true, setup: []request{score}, request: score, status: 409, want: object(`{"code":"field_exists"}`)},
		{name: "field/patch", alike: true, setup: []request{score}, request: patch("/v1/fields/score", `{"label":"Points"}`), status: 200, want: object(`{"label":"Points"}`)},
		{name: "field/delete", setup: []request{score, scored}, request: remove("/v1/fields/score"), status: 204},
		{name: "field/a value", alike: true, setup: []request{score, ada}, request: patch("/v1/contacts/$2", `{"fields":{"score":12}}`), status: 200, want: object(`{"fields":{"score":12}}`)},
		{
			name: "field/a value in place of another", setup: []request{score, scored}, request: patch("/v1/contacts/$2", `{"fields":{"score":7}}`), status: 200,
			rival: patch("/v1/contacts/$2", `{"department":"of a rival"}`), want: object(`{"fields":{"score":7}}`),
		},
		{name: "field/a value that is refused", setup: []request{score, ada}, request: patch("/v1/contacts/$2", `{"fields":{"score":"7"}}`), status: 400},
		{
			name: "field/a value of a deleted one leaves", setup: []request{score, scored, remove("/v1/fields/score")}, request: patch("/v1/contacts/$2", `{"firstName":"Ada"}`),
			status: 200, want: object(`{"version":1,"fields":{}}`),
		},
		{
			name: "field/a managed one", setup: []request{score, scored, patch("/v1/fields/score", `{"managedBy":"crm"}`)}, request: patch("/v1/contacts/$2", `{"fields":{"score":7}}`),
			status: 409, want: object(`{"code":"field_managed","managedBy":"crm"}`),
		},
		{name: "field/to the front of another folder", setup: []request{score}, request: patch("/v1/fields/score", `{"folder":"contact","position":0}`), status: 200, want: object(`{"position":0}`)},
		{name: "folder/create", alike: true, request: vat, status: 201, want: object(`{"name":"VAT"}`)},
		{name: "folder/patch", alike: true, setup: []request{vat}, request: patch("/v1/folders/$1", `{"name":"Taxes"}`), status: 200, want: object(`{"name":"Taxes"}`)},
		{name: "folder/delete", alike: true, setup: []request{vat}, request: remove("/v1/folders/$1"), status: 204},
		{name: "token/create", request: agent, status: 201, once: true, want: object(`{"name":"crm"}`)},
		{name: "token/delete", setup: []request{agent}, request: remove("/v1/tokens/$1"), status: 204},
		{name: "token/its first use", setup: []request{ada, agent}, request: patch("/v1/contacts/$1", `{"city":"Roma"}`).as("$2.token"), status: 200, rival: beside},
	}
}

// stale are operations that come across hints which are no longer true, for more
// of them were to be removed than a transaction has room for.
func stale() []operation {
	moved := []request{create(fullBody), reject, patch("/v1/contacts/$1", full("new-one"))}
	return []operation{
		{name: "stale/get", alike: true, setup: moved, request: get("/v1/contacts/ext:s9:old"), status: 404, rival: beside},
		{name: "stale/list", alike: true, setup: moved, request: list("/v1/contacts?follower=old_19"), status: 200, rival: beside, want: map[string]any{"items": []any{}}},
		{name: "stale/upsert", alike: true, setup: moved, request: put("/v1/contacts/ext:s9:old", `{"city":"Roma"}`), status: 201, rival: beside},
		{name: "stale/create", alike: true, setup: moved, request: create(`{"otherPhones":["+393514113009"],"externalIds":{"s0":"old"}}`), status: 201, rival: beside},
		{name: "stale/back again", alike: true, setup: moved, request: patch("/v1/contacts/$1", fullBody), status: 200, rival: beside},
	}
}

func reads() []operation {
	three := []request{ada, bob, create(`{"email":"ADA@example.com"}`), remove("/v1/contacts/$2"), reject}
	all := []operation{
		{name: "get", request: get("/v1/contacts/$1"), status: 200, rival: beside, want: object(`{"firstName":"Ada"}`)},
		{name: "get/by phone", request: get("/v1/contacts/phone:+393514117320"), status: 200, rival: beside, want: object(`{"firstName":"Ada"}`)},
		{name: "get/an ambiguous address", request: get("/v1/contacts/email:ada@example.com"), status: 409, rival: beside, want: object(`{"code":"ambiguous_identity"}`)},
		{name: "get/a deleted one", request: get("/v1/contacts/$2"), status: 410},
		{name: "get/nobody", request: get("/v1/contacts/01JD3QAAAAAAAAAAAAAAAAAAA0"), status: 404},
		{name: "get/with an API token", setup: []request{agent}, request: get("/v1/contacts/$1").as("$6.token"), status: 200, rival: beside},
		{name: "get/its card", setup: []request{score}, request: get("/v1/contacts/$1/card"), status: 200},
		{name: "list", request: list("/v1/contacts?limit=1"), status: 200, rival: beside},
		{name: "list/by address", request: list("/v1/contacts?email=ada@example.com&sort=createdAt"), status: 200, rival: beside},
		{name: "list/by owner", request: list("/v1/contacts?owner=user_7"), status: 200, rival: beside},
		{name: "audit/of a contact", request: list("/v1/contacts/$1/audit"), status: 200, rival: beside},
		{name: "audit/of a deleted contact", request: list("/v1/contacts/$2/audit?limit=1"), status: 200},
		{name: "audit/of the workspace", request: list("/v1/audit?limit=2"), status: 200, rival: beside},
		{name: "settings", request: get("/v1/workspace"), status: 200, want: object(`{"duplicates":"reject"}`)},
		{name: "token/list", setup: []request{agent, agent}, request: list("/v1/tokens?limit=1"), status: 200},
		{name: "me", request: get("/v1/me"), status: 200, want: object(`{"sub":"user_1","role":"owner"}`)},
	}
	all = slices.Concat(all, taggedReads(), companyReads(), asideReads(), consentReads(), eventReads())
	for i := range all {
		all[i].setup = append(append([]request{}, three...), all[i].setup...)
		all[i].settled = true
	}
	return all
}
