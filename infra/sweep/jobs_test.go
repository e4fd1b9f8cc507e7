package sweep

import (
	"cmp"
	"encoding/json"
	"slices"
)

// nobody is the id of no contact.
const nobody = "01JD3QAAAAAAAAAAAAAAAAAAA0"

// jobs are the operations that have to do with bulk jobs; what the jobs do belongs
// to them. Of how many lanes a job has chance decides, and with it how many calls
// are made.
func jobs() []operation {
	three := []request{ada, bob, create(`{"firstName":"Cid","email":"cid@example.com","tags":["lead"]}`)}
	all := func(what string) request { return post("/v1/jobs", `{"type":`+what+`,"select":{"all":true}}`) }
	some := func(what string) request {
		return post("/v1/jobs", `{"type":`+what+`,"select":{"ids":["$1","$3","`+nobody+`"]}}`)
	}
	failed := append(slices.Clone(three), some(`"status","status":"inactive"`))
	rows := []operation{
		{name: "job/delete", setup: three, request: some(`"delete","confirm":3`), status: 202, rival: besideTwo, want: object(`{"status":"queued","total":3}`)},
		{name: "job/delete all", setup: three, request: all(`"delete","confirm":3`), status: 202, alike: true},
		{name: "job/delete, not confirmed", alike: true, setup: three, request: some(`"delete"`), status: 409, want: object(`{"code":"confirm_mismatch","total":3}`)},
		{name: "job/tag", setup: three, request: all(`"tag","tags":["lead","new"]`), status: 202, rival: beside},
		{name: "job/untag", setup: three, request: all(`"untag","tags":["LEAD"]`), status: 202, rival: beside},
		{
			name: "job/block by a filter", setup: three, status: 202, rival: beside,
			request: post("/v1/jobs", `{"type":"block","select":{"filter":{"or":[{"field":"tag","op":"eq","value":"lead"},{"field":"owner","op":"exists"}]}}}`),
			want:    object(`{"total":2}`),
		},
		{name: "job/assign", alike: true, setup: three, request: some(`"assign","owner":"user_9"`), status: 202, rival: beside},
		{name: "job/block", alike: true, setup: three, request: all(`"block","reason":"spam"`), status: 202, rival: beside},
		{name: "job/for nobody", alike: true, request: all(`"unblock"`), status: 202, want: object(`{"status":"completed","total":0}`)},
		{name: "job/tried", alike: true, setup: three, request: post("/v1/jobs?dryRun=true", `{"type":"untag","tags":["LEAD"],"select":{"filter":{"field":"tag","op":"exists"}}}`), status: 200, rival: beside, want: object(`{"total":1}`)},
		{name: "job/retry", setup: failed, request: post("/v1/jobs/$4/retry", ""), status: 200, settled: true, want: object(`{"status":"queued","failed":1}`)},
		{name: "job/cancel one that is through", alike: true, setup: failed, request: post("/v1/jobs/$4/cancel", ""), status: 409, settled: true},
	}
	for i := range rows {
		rows[i].varies = true
	}
	return rows
}

// manyJobs are those that are planned in the background: of more contacts than
// the ledger was told to select at once.
func manyJobs() []operation {
	three := []request{ada, bob, create(`{"firstName":"Cid"}`)}
	held := append(slices.Clone(three), post("/v1/jobs", `{"type":"delete","select":{"all":true}}`))
	rows := []operation{
		{name: "large job/status", heavy: true, setup: three, request: post("/v1/jobs", `{"type":"status","status":"inactive","select":{"all":true}}`), status: 202, rival: beside},
		{name: "large job/delete", heavy: true, setup: three, request: held[3], status: 202, want: object(`{"status":"unconfirmed"}`)},
		{name: "large job/confirm", heavy: true, setup: held, settled: true, request: post("/v1/jobs/$4/confirm", `{"confirm":3}`), status: 200, want: object(`{"status":"queued","total":3}`)},
		{name: "large job/cancel", heavy: true, setup: held, settled: true, request: post("/v1/jobs/$4/cancel", ""), status: 200, want: object(`{"status":"cancelled"}`)},
	}
	for i := range rows {
		rows[i].varies, rows[i].large = true, true
	}
	return rows
}

// shuffled returns a list in an order of its own where jobs have a part in it: in
// which order the lanes of one are worked on is left to chance.
func shuffled(list any) any {
	page, _ := list.(map[string]any)
	items, _ := page["items"].([]any)
	if !slices.ContainsFunc(items, func(e any) bool {
		entry, _ := e.(map[string]any)
		actor, _ := entry["actor"].(map[string]any)
		return actor["type"] == "job"
	}) {
		return list
	}
	text := func(e any) string {
		b, err := json.Marshal(e)
		if err != nil {
			panic(err) // it was decoded from JSON
		}
		return string(b)
	}
	slices.SortFunc(items, func(a, b any) int { return cmp.Compare(text(a), text(b)) })
	return list
}
