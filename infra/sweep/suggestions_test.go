package sweep

// suggesting are the operations after which other values are shared than before,
// and what reads and dismisses that.
func suggesting() []operation {
	twin := create(`{"firstName":"Ada","otherEmails":["ADA@example.com"],"phone":"+393514117320"}`)
	twins := []request{ada, twin}
	of := get("/v1/contacts/$1/merge-suggestions")
	dismiss := remove("/v1/merge-suggestions/$3")
	suggested := append(twins[:2:2], of)
	none := map[string]any{"items": []any{}}
	return []operation{
		{name: "suggestion/comes", setup: []request{ada}, request: twin, status: 201, rival: beside},
		{name: "suggestion/goes with a value", setup: twins, request: patch("/v1/contacts/$2", `{"phone":"+5511912345678","otherEmails":null}`), status: 200, rival: beside, settled: true},
		{name: "suggestion/goes before it came", setup: twins, request: patch("/v1/contacts/$2", `{"otherEmails":null}`), status: 200, rival: beside, lastFirst: true},
		{name: "suggestion/goes with a contact", setup: twins, request: remove("/v1/contacts/$2"), status: 204, rival: beside, settled: true},
		{name: "suggestion/goes with a contact that had lost the value", setup: append(twins[:2:2], patch("/v1/contacts/$2", `{"phone":null}`)), request: remove("/v1/contacts/$2"), status: 204, rival: beside, lastFirst: true},
		{name: "suggestion/goes with a block", setup: twins, request: post("/v1/contacts/$2/block", ""), status: 200, rival: beside, settled: true},
		{name: "suggestion/goes with a merge", setup: twins, request: post("/v1/merges", `{"survivor":"$1","contacts":["$2"]}`), status: 201, settled: true},
		{name: "suggestion/comes back with an undo", setup: append(twins[:2:2], post("/v1/merges", `{"survivor":"$1","contacts":["$2"]}`)), request: post("/v1/merges/$3/undo", ""), status: 200, settled: true},
		{name: "suggestion/of a contact", setup: twins, request: list("/v1/contacts/$1/merge-suggestions?limit=1"), status: 200, rival: beside},
		{name: "suggestion/of the workspace", setup: twins, request: list("/v1/merge-suggestions?limit=1"), status: 200, rival: beside, settled: true},
		{name: "suggestion/dismissed", setup: suggested, request: dismiss, status: 204, rival: beside},
		{name: "suggestion/dismissed once it is listed", alike: true, setup: suggested, request: dismiss, status: 204, rival: beside, settled: true},
		{name: "suggestion/dismissed again", alike: true, setup: append(suggested[:3:3], dismiss), request: dismiss, status: 404, rival: beside},
		{name: "suggestion/of a contact, dismissed", alike: true, setup: append(suggested[:3:3], dismiss), request: list("/v1/contacts/$1/merge-suggestions"), status: 200, rival: beside, want: none},
		{name: "suggestion/of the workspace, dismissed", alike: true, setup: append(suggested[:3:3], dismiss), request: list("/v1/merge-suggestions"), status: 200, rival: beside, settled: true, want: none},
		{name: "suggestion/dismissed goes with all contacts", setup: append(suggested[:3:3], dismiss, remove("/v1/contacts/$2")), request: remove("/v1/contacts/$1"), status: 204},
	}
}
