package sweep

// Who calls for another system, each with the role of an agent.
const crm, erp = "$crm", "$erp"

var (
	likesCats = post("/v1/contacts/$1/notes", `{"text":"Likes cats","pinned":true}`)
	lease     = put("/v1/contacts/$1/locks/spring", `{"expiresAt":"2999-01-01T00:00:00Z"}`).as(crm)
)

// noting are the operations on notes, which raise no version.
func noting() []operation {
	noted := []request{ada, likesCats}
	return []operation{
		{name: "note/add", setup: []request{ada}, request: likesCats, status: 201, rival: beside, want: object(`{"text":"Likes cats","pinned":true,"author":"user_1"}`)},
		{name: "note/add by address", alike: true, setup: []request{ada}, request: post("/v1/contacts/email:ada@example.com/notes", `{"text":"Likes cats"}`), status: 201, rival: beside},
		{name: "note/add, stale", alike: true, setup: []request{ada}, request: likesCats.when(`"7"`), status: 412, rival: beside},
		{name: "note/edit", setup: noted, request: patch("/v1/contacts/$1/notes/$2", `{"text":"Likes dogs"}`), status: 200, rival: beside, want: object(`{"text":"Likes dogs"}`)},
		{name: "note/edit as it is", alike: true, setup: noted, request: patch("/v1/contacts/$1/notes/$2", `{"pinned":true}`), status: 200, rival: beside},
		{name: "note/edit another's", alike: true, setup: noted, request: patch("/v1/contacts/$1/notes/$2", `{"pinned":false}`).as(crm), status: 403, rival: beside},
		{name: "note/delete", setup: noted, request: remove("/v1/contacts/$1/notes/$2"), status: 204, rival: beside},
		{name: "note/delete a deleted one", alike: true, setup: append(noted[:2:2], remove("/v1/contacts/$1/notes/$2")), request: remove("/v1/contacts/$1/notes/$2"), status: 404, rival: beside},
		{name: "note/delete a contact with some", setup: append(noted[:2:2], likesCats), request: remove("/v1/contacts/$1"), status: 204, rival: beside},
		{name: "note/a contact's change beside one", alike: true, setup: noted, request: patch("/v1/contacts/$1", `{"city":"Roma"}`), status: 200, rival: beside},
	}
}

// leasing are the operations on campaigns' leases, which raise no version either,
// and on what they guard.
func leasing() []operation {
	leased := []request{ada, lease}
	lift := remove("/v1/contacts/$1/locks/spring")
	lifted := lift
	lifted.body = `{"reason":"Called off"}`
	later := `{"expiresAt":"2999-02-01T00:00:00Z"}`
	return []operation{
		{name: "lease/take", setup: []request{ada}, request: lease, status: 200, rival: beside, want: object(`{"campaign":"spring","holder":"crm"}`)},
		{name: "lease/take a second one", alike: true, setup: leased, request: put("/v1/contacts/$1/locks/autumn", later).as(erp), status: 200, rival: beside},
		{name: "lease/renew", setup: leased, request: put("/v1/contacts/$1/locks/spring", later).as(crm), status: 200, rival: beside, want: object(`{"expiresAt":"2999-02-01T00:00:00.000Z"}`)},
		{name: "lease/renew as it is", alike: true, setup: leased, request: lease, status: 200, rival: beside},
		{name: "lease/take another's", alike: true, setup: leased, request: lease.as(erp), status: 403, rival: beside},
		{name: "lease/end", setup: leased, request: lift.as(crm), status: 204, rival: beside},
		{name: "lease/lift", alike: true, setup: leased, request: lifted, status: 204, rival: beside},
		{name: "lease/lift without a reason", alike: true, setup: leased, request: lift, status: 400, rival: beside},
		{name: "lease/lift what is none", alike: true, setup: []request{ada}, request: lifted, status: 404, rival: beside},
		{
			name: "lease/the phone under one", setup: leased, request: patch("/v1/contacts/$1", `{"phone":"+5511912345678"}`), status: 409, rival: beside,
			want: object(`{"code":"phone_locked","campaigns":["spring"],"until":"2999-01-01T00:00:00.000Z"}`),
		},
		{name: "lease/the phone after one", setup: append(leased[:2:2], lifted), request: patch("/v1/contacts/$1", `{"phone":"+5511912345678"}`), status: 200, rival: beside},
		{name: "lease/another change under one", alike: true, setup: leased, request: patch("/v1/contacts/$1", `{"city":"Roma"}`), status: 200, rival: beside},
		{name: "lease/delete a contact under one", alike: true, setup: leased, request: remove("/v1/contacts/$1"), status: 204, rival: beside},
	}
}

// offering are the operations by which a channel and a CRM say what they know.
func offering() []operation {
	bare := create(`{"lastName":"Rossi"}`)
	profile := put("/v1/contacts/$1/profile", `{"displayName":"Mari","handle":"@mari","lastName":"Red","email":"mari@example.com"}`).as(crm)
	known := put("/v1/contacts/$1/validation", `{"state":"validated","managed":["email","phone"],"values":{"email":"m@example.com","phone":"+393514117320"}}`).as(crm)
	forgotten := put("/v1/contacts/$1/validation", `{"state":"notValidated","managed":["email","phone"]}`).as(crm)
	return []operation{
		{
			name: "offer/profile", setup: []request{bare}, request: profile, status: 200, rival: beside,
			want: object(`{"version":2,"lastName":"Rossi","email":"mari@example.com","profile":{"displayName":"Mari"}}`),
		},
		{name: "offer/profile as it is", alike: true, setup: []request{bare, profile}, request: profile, status: 200, rival: beside},
		{
			name: "offer/validation", setup: []request{bare, profile}, request: known, status: 200, rival: beside,
			want: object(`{"version":3,"email":"m@example.com","country":"IT","validation":{"state":"validated","system":"crm"}}`),
		},
		{name: "offer/validation as it is", alike: true, setup: []request{bare, known}, request: known, status: 200, rival: beside, want: object(`{"version":2}`)},
		{
			name: "offer/validation that clears", setup: []request{bare, known}, request: forgotten, status: 200, rival: beside,
			want: object(`{"version":3,"name":"Rossi","validation":{"state":"notValidated"}}`),
		},
		{
			name: "offer/validation with a taken address", alike: true, setup: []request{bare, create(`{"email":"m@example.com"}`), reject}, request: known, status: 409,
			rival: beside, want: object(`{"code":"duplicate_identity"}`),
		},
		{name: "offer/validation under a lease", alike: true, setup: []request{bare, lease}, request: known, status: 409, rival: beside, want: object(`{"code":"phone_locked"}`)},
		{name: "offer/profile under reject", alike: true, setup: []request{bare, reject}, request: profile, status: 200, rival: beside},
	}
}

// asideReads are what reads notes; the setup of reads is before theirs.
func asideReads() []operation {
	noted := []request{likesCats, post("/v1/contacts/$1/notes", `{"text":"Likes dogs"}`), patch("/v1/contacts/$1/notes/$6", `{"text":"Likes no cats"}`), lease}
	all := []operation{
		{name: "note/list", request: list("/v1/contacts/$1/notes?limit=1")},
		{name: "note/list by phone", request: list("/v1/contacts/phone:+393514117320/notes")},
		{name: "audit/of a contact with notes", request: list("/v1/contacts/$1/audit?limit=1")},
	}
	for i := range all {
		all[i].setup, all[i].status, all[i].rival = noted, 200, beside
	}
	return all
}
