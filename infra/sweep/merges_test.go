package sweep

import (
	"fmt"
	"slices"
	"strings"
)

var (
	// Two contacts that are one person, to be $1 and $2, with tags, and a third.
	grace   = create(`{"firstName":"Grace","email":"grace@example.com","tags":["vip"],"followers":["user_7"]}`)
	hopper  = create(`{"lastName":"Hopper","email":"hopper@example.com","phone":"+393514117321","tags":["vip","lead"],"owner":"user_9","vip":true,"externalIds":{"sap":"H-1"}}`)
	admiral = create(`{"businessName":"Navy","phone":"+393514117322","externalIds":{"sap":"H-2"}}`)
	// Of two that have nothing to be filled from the other but addresses.
	alone   = create(`{"email":"alone@example.com"}`)
	another = create(`{"email":"another@example.com"}`)
	noted   = post("/v1/contacts/$2/notes", `{"text":"Likes cats"}`)
	union   = merge("$1", "$2")
)

// merge makes one contact of two.
func merge(survivor, other string) request {
	return post("/v1/merges", `{"survivor":"`+survivor+`","contacts":["`+other+`"]}`)
}

func undo(merge string) request { return post("/v1/merges/"+merge+"/undo", "") }

// merging are the operations that make one contact of several, and what follows
// for the contacts that others stand for.
func merging() []operation {
	pair := []request{grace, hopper, noted}
	merged := []request{grace, hopper, noted, union}              // $4
	chain := []request{admiral, grace, hopper, merge("$2", "$3")} // $4
	chained := []request{admiral, grace, hopper, merge("$2", "$3"), merge("$1", "$2")}
	// As many as are found by more together than a transaction can put.
	crowd := []request{create(`{"firstName":"Bare"}`), create(fullBody)}
	for i := range 4 {
		crowd = append(crowd, create(fmt.Sprintf(`{"externalIds":{%s}}`, manySystems(i))))
	}
	besideOther := patch("/v1/contacts/$2", beside.body)
	return []operation{
		{name: "merge/two", setup: []request{alone, another}, request: union, status: 201, rival: beside, want: object(`{"undoable":true,"survivor":{"version":2,"email":"alone@example.com"}}`)},
		{name: "merge/two, the other changes meanwhile", alike: true, setup: []request{alone, another}, request: union, status: 201, rival: besideOther},
		{
			name: "merge/two with tags and notes", setup: pair, request: post("/v1/merges", `{"survivor":"$1","contacts":["$2"],"choose":{"email":"$2"}}`), status: 201, rival: beside,
			want: object(`{"survivor":{"version":2,"name":"Grace Hopper","email":"hopper@example.com","vip":true}}`),
		},
		{name: "merge/three", setup: []request{grace, hopper, admiral}, request: post("/v1/merges", `{"survivor":"$3","contacts":["$1","$2"]}`), status: 201, rival: beside},
		{name: "merge/tried", alike: true, setup: pair, request: post("/v1/merges?dryRun=true", `{"survivor":"$1","contacts":["$2"]}`), status: 200, rival: besideOther},
		{name: "merge/under reject", alike: true, setup: []request{alone, another, reject}, request: union, status: 201, rival: beside},
		{name: "merge/a survivor", setup: chain, request: merge("$1", "$2"), status: 201, rival: beside, want: object(`{"survivor":{"version":2,"name":"Grace Hopper"}}`)},
		{name: "merge/what was merged", alike: true, setup: merged, request: union, status: 409, rival: beside, want: object(`{"code":"already_merged"}`)},
		{name: "merge/stale", alike: true, setup: pair, request: union.when(`"7"`), status: 412, rival: beside},
		{name: "merge/more hints than a transaction takes", heavy: true, setup: crowd, request: post("/v1/merges", `{"survivor":"$1","contacts":["$2","$3","$4","$5","$6"]}`), status: 201, rival: beside},
		{
			name: "undo/more hints than a transaction takes", heavy: true, setup: append(slices.Clone(crowd), post("/v1/merges", `{"survivor":"$1","contacts":["$2","$3","$4","$5","$6"]}`)),
			settled: true, request: undo("$7"), status: 200, rival: beside,
		},
		{name: "undo", setup: []request{alone, another, union}, request: undo("$3"), status: 200, rival: beside, want: object(`{"survivor":{"version":3,"email":"alone@example.com"},"kept":[]}`)},
		{name: "undo/with tags and notes", setup: merged, request: undo("$4"), status: 200, rival: beside, want: object(`{"survivor":{"version":3,"name":"Grace"}}`)},
		{name: "undo/long after", setup: merged, settled: true, request: undo("$4"), status: 200, rival: besideOther, want: object(`{"survivor":{"version":3,"name":"Grace"}}`)},
		{name: "undo/under reject", setup: []request{grace, hopper, union, reject}, request: undo("$3"), status: 200, rival: beside},
		{name: "undo/what somebody changed since", alike: true, setup: append(slices.Clone(merged), patch("/v1/contacts/$2", `{"lastName":"Murray"}`)), request: undo("$4"), status: 200, rival: beside, want: object(`{"survivor":{"lastName":"Murray"}}`)},
		{name: "undo/within a chain", setup: []request{alone, another, union, create(`{"email":"third@example.com"}`), merge("$4", "$1")}, request: undo("$3"), status: 200, rival: patch("/v1/contacts/$4", beside.body)},
		{name: "undo/the end of a chain", setup: chained, settled: true, request: undo("$5"), status: 200, rival: beside},
		{name: "undo/a later one first", alike: true, setup: chained, request: undo("$4"), status: 409, rival: beside, want: object(`{"code":"undo_later_first"}`)},
		{name: "undo/once more", alike: true, setup: append(slices.Clone(merged), undo("$4")), request: undo("$4"), status: 409, rival: beside, want: object(`{"code":"already_undone"}`)},
		{name: "undo/and merge again", alike: true, setup: append(slices.Clone(merged), undo("$4")), request: union, status: 201, rival: beside},
		{name: "absorbed/patch", alike: true, setup: merged, request: patch("/v1/contacts/$2", `{"city":"Roma"}`), status: 200, rival: beside, want: object(`{"version":3,"city":"Roma"}`)},
		{name: "absorbed/tag", alike: true, setup: merged, request: addTo("$2", `["navy"]`), status: 200, rival: beside},
		{name: "absorbed/note", alike: true, setup: merged, request: post("/v1/contacts/$2/notes", `{"text":"Likes dogs"}`), status: 201, rival: beside},
		{name: "absorbed/delete the survivor", setup: merged, request: remove("/v1/contacts/$1"), status: 204, rival: beside},
		{name: "absorbed/delete the survivor, long after", setup: merged, settled: true, request: remove("/v1/contacts/$2"), status: 204, rival: beside, lastFirst: true},
		{name: "absorbed/delete the end of a chain", setup: chained, request: remove("/v1/contacts/$1"), status: 204, rival: beside},
	}
}

// manySystems are the keys that a contact has in ten systems.
func manySystems(contact int) string {
	keys := make([]string, 10)
	for i := range keys {
		keys[i] = fmt.Sprintf(`"s%d":"of %d"`, i, contact)
	}
	return strings.Join(keys, ",")
}

// mergedReads are what reads contacts that others stand for.
func mergedReads() []operation {
	kept := []request{grace, hopper, noted, union}
	all := []operation{
		{name: "absorbed/get", request: get("/v1/contacts/$2"), want: object(`{"firstName":"Grace"}`)},
		{name: "absorbed/get by address", request: get("/v1/contacts/email:hopper@example.com"), want: object(`{"firstName":"Grace"}`)},
		{name: "absorbed/list", request: list("/v1/contacts?limit=1")},
		{name: "absorbed/list by owner", request: list("/v1/contacts?owner=user_9"), want: map[string]any{"items": []any{}}},
		{name: "absorbed/notes", request: list("/v1/contacts/$1/notes?limit=1")},
		{name: "absorbed/audit", request: list("/v1/contacts/$2/audit?limit=1")},
		{name: "merges", request: list("/v1/merges?limit=1")},
		{name: "merges/one", request: get("/v1/merges/$4"), want: object(`{"undone":false}`)},
	}
	for i := range all {
		all[i].setup, all[i].status, all[i].rival = kept, 200, beside
	}
	return all
}
