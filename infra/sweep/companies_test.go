package sweep

var (
	rossi     = post("/v1/companies", `{"name":"Rossi srl","domain":"rossi.example"}`)
	bianchi   = post("/v1/companies", `{"name":"Bianchi spa"}`)
	ofRossi   = create(`{"firstName":"Ada","companyId":"$1"}`)
	besideTwo = patch("/v1/contacts/$2", beside.body)
)

// companies are the operations that have to do with companies. What is done a
// minute later to who has a deleted one belongs to them.
func companies() []operation {
	three := []request{rossi, ofRossi, create(`{"companyId":"$1"}`), create(`{"companyId":"$1","vip":true}`)}
	return []operation{
		{name: "company/make", request: rossi, status: 201, want: object(`{"version":1,"name":"Rossi srl","contacts":0}`)},
		{name: "company/make one of the same name", alike: true, setup: []request{rossi}, request: rossi, status: 201},
		{
			name: "company/rename", setup: three, request: patch("/v1/companies/$1", `{"name":"Bianchi spa"}`), status: 200,
			rival: besideTwo, want: object(`{"version":2,"name":"Bianchi spa","contacts":3}`),
		},
		{name: "company/change its domain", alike: true, setup: []request{rossi}, request: patch("/v1/companies/$1", `{"domain":"rossi.it"}`), status: 200, want: object(`{"domain":"rossi.it"}`)},
		{name: "company/change nothing", alike: true, setup: []request{rossi}, request: patch("/v1/companies/$1", `{"domain":"Rossi.Example"}`), status: 200, want: object(`{"version":1}`)},
		{name: "company/change, stale", alike: true, setup: []request{rossi}, request: patch("/v1/companies/$1", `{"name":"Bianchi spa"}`).when(`"7"`), status: 412},
		{name: "company/delete", setup: three, request: remove("/v1/companies/$1"), status: 204, rival: besideTwo, varies: true},
		{name: "company/delete one that nobody has", alike: true, setup: []request{rossi}, request: remove("/v1/companies/$1"), status: 204},
		{name: "company/delete a deleted one", alike: true, setup: []request{rossi, remove("/v1/companies/$1")}, request: remove("/v1/companies/$1"), status: 404},
		{
			name: "company/a deleted one goes with a contact's change", setup: []request{rossi, ofRossi, remove("/v1/companies/$1")},
			request: patch("/v1/contacts/$2", `{"city":"Roma"}`), status: 200, rival: besideTwo, want: object(`{"version":2,"city":"Roma"}`),
		},
		{
			name: "company/a deleted one goes with a contact", setup: []request{rossi, ofRossi, remove("/v1/companies/$1")}, request: remove("/v1/contacts/$2"),
			status: 204, rival: besideTwo, lastFirst: true,
		},
		{
			name: "company/give", setup: []request{rossi, ada}, request: patch("/v1/contacts/$2", `{"companyId":"$1"}`), status: 200,
			rival: besideTwo, want: object(`{"version":2}`),
		},
		{
			name: "company/give in place of another", setup: []request{rossi, ofRossi, bianchi}, request: patch("/v1/contacts/$2", `{"companyId":"$3"}`),
			status: 200, rival: besideTwo, want: object(`{"version":2}`),
		},
		{name: "company/take", alike: true, setup: []request{rossi, ofRossi}, request: patch("/v1/contacts/$2", `{"companyId":null}`), status: 200, rival: besideTwo},
		{
			name: "company/give a deleted one", alike: true, setup: []request{rossi, ada, remove("/v1/companies/$1")}, request: patch("/v1/contacts/$2", `{"companyId":"$1"}`),
			status: 400, rival: besideTwo,
		},
		{name: "company/create a contact of one", alike: true, setup: []request{rossi}, request: ofRossi, status: 201, want: object(`{"version":1}`)},
		{
			name: "company/create a contact of what is none", alike: true, request: create(`{"companyId":"01JD3QAAAAAAAAAAAAAAAAAAA0"}`), status: 400,
		},
		{name: "company/delete a contact of one", setup: []request{rossi, ofRossi}, request: remove("/v1/contacts/$2"), status: 204, rival: besideTwo},
	}
}

// companyReads are what reads companies, and lists in an order of their own; the
// setup of reads is before theirs.
func companyReads() []operation {
	of := []request{rossi, create(`{"companyId":"$6","vip":true}`), create(`{"companyId":"$6","tags":["lead"]}`), bianchi}
	all := []operation{
		{name: "company/get", request: get("/v1/companies/$6"), want: object(`{"contacts":2}`)},
		{name: "company/list", request: list("/v1/companies?limit=1")},
		{name: "company/list by prefix", request: list("/v1/companies?prefix=R")},
		{name: "list/by company", request: list("/v1/contacts?company=$6&limit=1")},
		{name: "list/by a company that nobody has", request: list("/v1/contacts?company=$9"), want: map[string]any{"items": []any{}}},
		{name: "list/VIPs first", request: list("/v1/contacts?sort=vip&limit=1")},
		{name: "list/VIPs of a company first", request: list("/v1/contacts?sort=vip&company=$6")},
		{name: "neighbors", request: get("/v1/contacts/$3/neighbors")},
		{name: "neighbors/VIPs first", request: get("/v1/contacts/$8/neighbors?sort=vip")},
		{name: "neighbors/by tag", request: get("/v1/contacts/$7/neighbors?tag=lead&sort=createdAt")},
	}
	for i := range all {
		all[i].setup, all[i].status, all[i].rival = of, 200, beside
	}
	return all
}
