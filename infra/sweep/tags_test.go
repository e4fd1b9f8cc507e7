package sweep

import (
	"fmt"
	"strings"
)

var (
	vip    = post("/v1/tags", `{"name":"VIP","color":"#ff8800"}`)
	tagged = create(`{"firstName":"Ada","email":"ada@example.com","tags":["vip","lead"]}`)
	gold   = patch("/v1/tags/vip", `{"name":"Gold"}`)
)

// tagNames are count names of tags, in JSON.
func tagNames(word string, count int) string {
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprintf("%q", fmt.Sprintf("%s %02d", word, i))
	}
	return "[" + strings.Join(names, ",") + "]"
}

// addTo gives a contact tags.
func addTo(contact, names string) request {
	return post("/v1/contacts/"+contact+"/tags", `{"tags":`+names+`}`)
}

// tagging are the operations that have to do with tags. What is done a minute
// later to who carries a deleted one belongs to them.
func tagging() []operation {
	// Two actions each are more than a transaction takes. (A hundred tags would do the
	// same, and take the engines that are not ours twice the time.)
	sixty := []request{create(`{"firstName":"Ada"}`)}
	for _, word := range []string{"a", "b", "c"} {
		sixty = append(sixty, addTo("$1", tagNames(word, 20)))
	}
	// More than a transaction takes together with what makes the tags, but not
	// without it; and more even so.
	crowded := `{"followers":` + strings.ReplaceAll(tagNames("user", 20), " ", "_") + `,"owner":"user_7","tags":` + tagNames("new", 20) + "}"
	everything := strings.TrimSuffix(full("old"), "}") + `,"tags":` + tagNames("new", 20) + "}"
	return []operation{
		{name: "tag/create with new ones", request: create(`{"firstName":"Ada","tags":["VIP","lead"]}`), status: 201, want: object(`{"version":1,"tags":["lead","VIP"]}`)},
		{name: "tag/create with known ones", setup: []request{vip, tagged}, request: create(`{"tags":["vip","LEAD"]}`), status: 201, rival: patch("/v1/contacts/$2", beside.body), want: object(`{"tags":["lead","VIP"]}`)},
		{name: "tag/create with more than fits", heavy: true, request: create(crowded), status: 201},
		{name: "tag/create with all that there can be", heavy: true, setup: []request{reject}, request: create(everything), status: 201, want: object(`{"version":1}`)},
		{
			name: "tag/upsert with all that there can be", heavy: true, setup: []request{create(strings.TrimSuffix(full("new-one"), "}") + `,"tags":` + tagNames("old", 20) + "}"), reject},
			request: put("/v1/contacts/email:new-one@example.com", strings.Replace(everything, `"email":"old@example.com",`, "", 1)), status: 200, rival: beside,
		},
		{name: "tag/add a new one", setup: []request{ada}, request: addTo("$1", `["lead"]`), status: 200, rival: beside, want: object(`{"version":2,"tags":["lead"]}`)},
		{name: "tag/add a known one", setup: []request{ada, vip}, request: addTo("$1", `["vip"]`), status: 200, rival: beside, want: object(`{"tags":["VIP"]}`)},
		{name: "tag/add a known one by id", alike: true, setup: []request{ada, vip}, request: addTo("$1", `["$2"]`), status: 200, rival: beside, want: object(`{"tags":["VIP"]}`)},
		{name: "tag/add known and new ones", setup: []request{tagged}, request: addTo("$1", `["vip","new","NEW"]`), status: 200, rival: beside, want: object(`{"tags":["lead","new","vip"]}`)},
		{name: "tag/add one that it has", alike: true, setup: []request{tagged}, request: addTo("$1", `["VIP"]`), status: 200, rival: beside, want: object(`{"tags":["lead","vip"]}`)},
		{name: "tag/remove", setup: []request{tagged}, request: remove("/v1/contacts/$1/tags/VIP"), status: 200, rival: beside, want: object(`{"tags":["lead"]}`)},
		{name: "tag/remove one that it has not", alike: true, setup: []request{ada, vip}, request: remove("/v1/contacts/$1/tags/VIP"), status: 200, rival: beside, want: object(`{"tags":[]}`)},
		{name: "tag/remove what is none", alike: true, setup: []request{ada}, request: remove("/v1/contacts/$1/tags/VIP"), status: 404, rival: beside},
		{name: "tag/upsert that creates", alike: true, setup: []request{vip}, request: put("/v1/contacts/email:ada@example.com", `{"tags":["vip","new"]}`), status: 201, want: object(`{"tags":["new","VIP"]}`)},
		{name: "tag/upsert that updates", setup: []request{tagged}, request: put("/v1/contacts/email:ada@example.com", `{"tags":["vip","new"]}`), status: 200, rival: beside, want: object(`{"tags":["lead","new","vip"]}`)},
		{name: "tag/make", request: vip, status: 201, want: object(`{"name":"VIP","contacts":0}`)},
		{name: "tag/make one whose name is taken", alike: true, setup: []request{tagged}, request: vip, status: 409, want: object(`{"code":"tag_exists"}`)},
		{name: "tag/rename", setup: []request{tagged, create(`{"tags":["vip"]}`)}, request: gold, status: 200, rival: beside, want: object(`{"name":"Gold","contacts":2}`)},
		{name: "tag/rename in another spelling", alike: true, setup: []request{tagged}, request: patch("/v1/tags/vip", `{"name":"Vip"}`), status: 200, rival: beside, want: object(`{"name":"Vip"}`)},
		{name: "tag/rename to a taken name", alike: true, setup: []request{tagged}, request: patch("/v1/tags/vip", `{"name":"LEAD"}`), status: 409, rival: beside, want: object(`{"code":"tag_exists"}`)},
		{name: "tag/recolour", alike: true, setup: []request{tagged}, request: patch("/v1/tags/vip", `{"color":"#ff8800"}`), status: 200, rival: beside, want: object(`{"color":"#ff8800"}`)},
		{name: "tag/recolour as it is", alike: true, setup: []request{vip}, request: patch("/v1/tags/vip", `{"color":"#FF8800"}`), status: 200},
		{
			name: "tag/delete", setup: []request{tagged, create(`{"tags":["vip"]}`), create(`{"tags":["vip","lead"]}`)}, request: remove("/v1/tags/vip"), status: 204,
			rival: beside, varies: true,
		},
		{name: "tag/delete one that nobody carries", alike: true, setup: []request{vip}, request: remove("/v1/tags/$1"), status: 204},
		{
			name: "tag/delete one that goes with a contact's change", setup: []request{tagged, remove("/v1/tags/vip")}, request: patch("/v1/contacts/$1", `{"city":"Roma"}`),
			status: 200, rival: beside, want: object(`{"tags":["lead"],"version":2}`),
		},
		{
			name: "tag/delete one that goes with a contact", setup: []request{tagged, remove("/v1/tags/vip")}, request: remove("/v1/contacts/$1"),
			status: 204, rival: beside, lastFirst: true,
		},
		{
			name: "tag/make anew", setup: []request{tagged, remove("/v1/tags/vip")}, request: addTo("$1", `["VIP"]`),
			status: 200, rival: beside, want: object(`{"tags":["lead","VIP"]}`),
		},
		{name: "tag/delete a contact", setup: []request{tagged, create(`{"tags":["vip"]}`)}, request: remove("/v1/contacts/$1"), status: 204, rival: beside},
		{name: "tag/delete a contact of sixty", setup: sixty, request: remove("/v1/contacts/$1"), status: 204, rival: beside},
	}
}

// taggedReads are what reads tags; the setup of reads is before theirs.
func taggedReads() []operation {
	both := []request{create(`{"tags":["vip","lead"]}`), create(`{"tags":["VIP"]}`), gold}
	return []operation{
		{name: "list/by tag", setup: both, request: list("/v1/contacts?tag=gold&limit=1"), status: 200, rival: beside},
		{name: "list/by what is no tag", setup: both, request: list("/v1/contacts?tag=vip"), status: 200, rival: beside, want: map[string]any{"items": []any{}}},
		{name: "list/by a deleted tag", setup: append(both, remove("/v1/tags/gold")), request: list("/v1/contacts?tag=gold"), status: 200, rival: beside, want: map[string]any{"items": []any{}}},
		{name: "tag/list", setup: both, request: list("/v1/tags?limit=1"), status: 200, rival: beside},
		{name: "tag/list by prefix", setup: both, request: list("/v1/tags?prefix=G"), status: 200, rival: beside},
		{name: "get/a tagged one", setup: both, request: get("/v1/contacts/$6"), status: 200, rival: beside, want: object(`{"tags":["Gold","lead"]}`)},
	}
}
