package e2e

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFilters(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	w := service.Workspace(t)
	owner := w.As(t, "owner", Sub("user_7"))
	bodies := map[string]Object{
		"plain":    {},
		"seven":    {"owner": "user_7", "email": "Seven@example.com"},
		"eight":    {"owner": "user_8", "followers": []any{"user_7"}, "status": "inactive"},
		"vip":      {"vip": true, "followers": []any{"user_8", "user_7"}, "otherEmails": []any{"seven@EXAMPLE.com"}},
		"vipSeven": {"vip": true, "owner": "user_7", "phone": "+551187654321"},
		"off":      {"vip": true, "status": "inactive", "otherPhones": []any{"+5511987654321"}, "email": "off@example.com"},
	}
	ids := map[string]string{}
	names := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(bodies)) {
		id := owner.Create(t, bodies[name]).ID()
		ids[name], names[id] = id, name
	}
	// And some that no longer carry what they did.
	for _, body := range []Object{bodies["seven"], bodies["vip"], bodies["eight"]} {
		owner.Delete(t, "/v1/contacts/"+owner.Create(t, body).ID()).Is(204)
	}

	for query, want := range map[string][]string{
		"":                                  {"eight", "off", "plain", "seven", "vip", "vipSeven"},
		"owner=user_7":                      {"seven", "vipSeven"},
		"owner=me":                          {"seven", "vipSeven"},
		"owner=none":                        {"off", "plain", "vip"},
		"owner=nobody":                      {},
		"follower=user_7":                   {"eight", "vip"},
		"follower=me":                       {"eight", "vip"},
		"follower=user_9":                   {},
		"status=active":                     {"plain", "seven", "vip", "vipSeven"},
		"status=inactive":                   {"eight", "off"},
		"vip=true":                          {"off", "vip", "vipSeven"},
		"vip=false":                         {"eight", "plain", "seven"},
		"email=SEVEN@example.com":           {"seven", "vip"},
		"email=nobody@example.com":          {},
		"phone=%2B5511987654321":            {"off", "vipSeven"},
		"phone=%2B551187654321":             {"off", "vipSeven"},
		"owner=user_7&vip=true":             {"vipSeven"},
		"owner=user_8&follower=user_7":      {"eight"},
		"owner=none&vip=true&status=active": {"vip"},
		"owner=me&follower=me":              {},
		"follower=me&vip=true":              {"vip"},
		"vip=true&status=inactive":          {"off"},
		"email=seven@example.com&vip=true":  {"vip"},
		"email=seven@example.com&owner=me":  {"seven"},
		"phone=%2B551187654321&email=off@example.com": {"off"},
		"email=off@example.com&status=active":         {},
		"phone=%2B551187654321&owner=none":            {"off"},
	} {
		for _, sort := range []string{"createdAt", "-createdAt"} {
			for _, limit := range []string{"1", "2", "100"} {
				path := "/v1/contacts?sort=" + sort + "&limit=" + limit
				if query != "" {
					path += "&" + query
				}
				got := []string{}
				for _, c := range owner.All(t, path) {
					got = append(got, names[c.ID()])
				}
				expected := slices.Clone(want) // in order of creation, for they were made by name
				if sort == "-createdAt" {
					slices.Reverse(expected)
				}
				if diff := cmp.Diff(expected, got); diff != "" {
					t.Errorf("%s: differs (-want +got):\n%s", path, diff)
				}
			}
		}
	}
	if got := w.As(t, "agent", Sub("user_8")).All(t, "/v1/contacts?owner=me"); len(got) != 1 || got[0].ID() != ids["eight"] {
		t.Errorf("owner=me of user_8: %v", got)
	}
}
