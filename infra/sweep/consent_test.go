package sweep

var (
	block   = post("/v1/contacts/$1/block", `{"reason":"Spam"}`)
	unblock = post("/v1/contacts/$1/unblock", `{"reason":"A mistake"}`)
	noMail  = put("/v1/contacts/$1/dnd", `{"email":true,"reason":"Asked"}`)
)

// consenting are the operations by which contacts are kept away, and say what they
// do not want.
func consenting() []operation {
	blocked := []request{ada, block}
	return []operation{
		{
			name: "block", setup: []request{ada}, request: block, status: 200, rival: beside,
			want: object(`{"version":2,"blocked":true,"conversation":{"status":"closed","unread":false}}`),
		},
		{name: "block/by address, with nothing to say", alike: true, setup: []request{ada}, request: post("/v1/contacts/email:ada@example.com/block", ""), status: 200, rival: beside},
		{name: "block/a blocked one", alike: true, setup: blocked, request: post("/v1/contacts/$1/block", `{"reason":"Again"}`), status: 200, rival: beside, want: object(`{"version":2,"blocked":true}`)},
		{name: "block/stale", alike: true, setup: []request{ada}, request: block.when(`"7"`), status: 412, rival: beside},
		{
			name: "block/lift", setup: blocked, request: unblock, status: 200, rival: beside,
			want: object(`{"version":3,"blocked":false,"conversation":{"status":"closed","unread":false}}`),
		},
		{name: "block/lift what is none", alike: true, setup: []request{ada}, request: unblock, status: 200, rival: beside, want: object(`{"version":1,"blocked":false}`)},
		{name: "block/lift another's", alike: true, setup: blocked, request: unblock.as(crm), status: 403, rival: beside},
		{name: "block/delete a blocked one", setup: blocked, request: remove("/v1/contacts/$1"), status: 204, rival: beside},
		{name: "dnd/on", setup: []request{ada}, request: noMail, status: 200, rival: beside, want: object(`{"version":2,"dnd":{"all":false,"email":true,"messages":false,"calls":false,"inbound":false}}`)},
		{name: "dnd/on as it is", alike: true, setup: []request{ada, noMail}, request: put("/v1/contacts/$1/dnd", `{"email":true,"reason":"Again"}`), status: 200, rival: beside, want: object(`{"version":2}`)},
		{name: "dnd/off", alike: true, setup: []request{ada, noMail}, request: put("/v1/contacts/$1/dnd", `{"email":false}`), status: 200, rival: beside, want: object(`{"version":3}`)},
	}
}

// consentReads are what reads who is blocked, and who may be reached; the setup of
// reads is before theirs.
func consentReads() []operation {
	kept := []request{block, noMail, post("/v1/contacts/$3/block", "")}
	all := []operation{
		{name: "list/blocked", request: list("/v1/contacts?blocked=true&limit=1")},
		{name: "list/not blocked", request: list("/v1/contacts?blocked=false&limit=1")},
		{name: "list/blocked VIPs first", request: list("/v1/contacts?blocked=true&sort=vip")},
		{name: "search/blocked", request: search(`{"filter":{"field":"blocked","op":"eq","value":true},"limit":1}`)},
		{name: "search/by tag and more", request: search(`{"filter":{"and":[{"field":"tag","op":"ne","value":"nobody's"},{"not":{"field":"city","op":"eq","value":"Oslo"}}]},"sort":"vip"}`)},
		{name: "neighbors/blocked", request: get("/v1/contacts/$1/neighbors?blocked=true")},
		{name: "dnd", request: get("/v1/contacts/$1/dnd"), want: object(`{"email":{"on":true,"reason":"Asked","by":"user_1"},"all":{"on":false,"permanent":false}}`)},
		{name: "reachability", request: get("/v1/contacts/$1/reachability")},
	}
	for i := range all {
		all[i].setup, all[i].status, all[i].rival = kept, 200, beside
	}
	return all
}
