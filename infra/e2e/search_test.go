package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

// leaf is a condition of a filter.
func leaf(field, op string, value any) Object {
	return Object{"field": field, "op": op, "value": value}
}

// search asks for a page.
func search(t testing.TB, c *Client, body any, headers ...string) *Answer {
	t.Helper()
	return c.Post(t, "/v1/contacts/search", body, headers...)
}

// found reads all pages of a search.
func found(t testing.TB, c *Client, body Object) (all []Object) {
	t.Helper()
	body = maps.Clone(body)
	for range 10_000 {
		a := search(t, c, body).Is(200)
		var page struct {
			Items []Object `json:"items"`
			Next  *string  `json:"nextCursor"`
		}
		a.into(&page)
		if all = append(all, page.Items...); page.Next == nil {
			return all
		}
		body["cursor"] = *page.Next
	}
	t.Fatalf("the search for %v does not end", body)
	return nil
}

// TestSearch holds searches to what they have to find, whether an index serves
// them or not, in every order and size of page.
func TestSearch(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	w := service.Workspace(t)
	owner := w.As(t, "owner", Sub("user_7"))
	owner.Post(t, "/v1/fields", Object{"key": "score", "type": "number"}).Is(201)
	owner.Post(t, "/v1/fields", Object{"key": "langs", "type": "multilist", "options": []any{"IT", "EN", "DE"}}).Is(201)
	rossi := owner.Post(t, "/v1/companies", Object{"name": "Rossi srl"}).Is(201).JSON().ID()
	bodies := map[string]Object{ // in order of creation
		"anna":  {"city": "Torino", "tags": []any{"Lead", "x"}, "fields": Object{"score": 12}, "email": "anna@example.it"},
		"bruno": {"city": "Turin", "owner": "user_7", "vip": true, "tags": []any{"lead"}, "dateOfBirth": "1990-04-01"},
		"carla": {"owner": "user_8", "followers": []any{"user_7"}, "phone": "+5511987654321", "fields": Object{"langs": []any{"IT", "DE"}}},
		"dario": {"city": "torino", "companyId": rossi, "vip": true, "otherEmails": []any{"anna@EXAMPLE.it"}, "dateOfBirth": "2001-01-01"},
		"elena": {"status": "inactive", "tags": []any{"gone"}, "externalIds": Object{"sap": "K-17"}, "fields": Object{"score": -3.5, "langs": []any{"EN"}}},
	}
	ids, names := map[string]string{}, map[string]string{}
	everybody := slices.Sorted(maps.Keys(bodies))
	for _, name := range everybody {
		bodies[name]["firstName"] = name
		id := owner.Create(t, bodies[name]).ID()
		ids[name], names[id] = id, name
	}
	owner.Post(t, "/v1/contacts/"+ids["elena"]+"/block", nil).Is(200)
	owner.Delete(t, "/v1/tags/gone").Is(204)
	lead := owner.All(t, "/v1/tags?prefix=lead")[0].ID()

	and := func(of ...any) Object { return Object{"and": of} }
	or := func(of ...any) Object { return Object{"or": of} }
	not := func(of any) Object { return Object{"not": of} }
	for i, c := range []struct {
		filter any
		want   string
	}{
		{nil, "anna bruno carla dario elena"},
		{leaf("city", "eq", "TORINO"), "anna dario"},
		{leaf("city", "ne", "TORINO"), "bruno carla elena"},
		{leaf("city", "startsWith", "t"), "anna bruno dario"},
		{leaf("city", "exists", false), "carla elena"},
		{not(leaf("city", "startsWith", "t")), "carla elena"},
		{leaf("tag", "eq", "LEAD"), "anna bruno"},
		{leaf("tag", "eq", lead), "anna bruno"},
		{leaf("tags", "in", []any{"x", "nobody's"}), "anna"},
		{leaf("tag", "ne", "lead"), "carla dario elena"},
		{leaf("tag", "eq", "nobody's"), ""},
		{leaf("tag", "eq", "gone"), ""},
		{leaf("tag", "exists", true), "anna bruno"},
		{leaf("tag", "contains", "EA"), "anna bruno"},
		{and(leaf("tag", "eq", "lead"), leaf("city", "ne", "torino")), "bruno"},
		{or(leaf("tag", "eq", "lead"), leaf("companyId", "eq", rossi)), "anna bruno dario"},
		{and(leaf("vip", "eq", true), leaf("companyId", "exists", true)), "dario"},
		{and(leaf("vip", "eq", true), and(leaf("city", "contains", "tur"))), "bruno"},
		{leaf("vip", "eq", false), "anna carla elena"},
		{leaf("owner", "eq", "user_7"), "bruno"},
		{leaf("owner", "exists", false), "anna dario elena"},
		{leaf("followers", "eq", "user_7"), "carla"},
		{leaf("email", "eq", "Anna@Example.it"), "anna"},
		{leaf("otherEmails", "eq", "Anna@Example.it"), "dario"},
		{or(leaf("email", "eq", "anna@example.it"), leaf("otherEmails", "eq", "anna@example.it")), "anna dario"},
		{leaf("email", "eq", strings.Repeat("x", 5000)), ""},
		{leaf("tag", "eq", strings.Repeat("x", 5000)), ""},
		{leaf("owner", "eq", strings.Repeat("x", 5000)), ""},
		{leaf("phone", "eq", "+551187654321"), "carla"},
		{leaf("externalIds.sap", "eq", "K-17"), "elena"},
		{leaf("companyId", "eq", rossi), "dario"},
		{leaf("status", "eq", "inactive"), "elena"},
		{leaf("blocked", "eq", true), "elena"},
		{leaf("blocked", "ne", true), "anna bruno carla dario"},
		{leaf("conversation.status", "eq", "closed"), "elena"},
		{leaf("dateOfBirth", "before", "2000-01-01"), "bruno"},
		{leaf("createdAt", "after", "2020-01-01"), "anna bruno carla dario elena"},
		{leaf("fields.score", "gt", 0), "anna"},
		{leaf("fields.score", "lt", 0), "elena"},
		{leaf("fields.score", "ne", 12), "bruno carla dario elena"},
		{leaf("fields.langs", "eq", "it"), "carla"},
		{leaf("fields.langs", "ne", "it"), "anna bruno dario elena"},
		{and(or(leaf("vip", "eq", true), leaf("fields.score", "exists", true)), not(leaf("blocked", "eq", true))), "anna bruno dario"},
	} {
		var want []string
		if c.want != "" {
			want = strings.Fields(c.want)
		}
		for _, sort := range []string{"", "createdAt", "-createdAt", "vip"} {
			for _, limit := range []int{1 + i%3, 100} {
				var got []string
				for _, o := range found(t, owner, Object{"filter": c.filter, "sort": sort, "limit": limit}) {
					got = append(got, names[o.ID()])
				}
				expected := slices.Clone(want)
				if sort != "createdAt" {
					slices.Reverse(expected)
				}
				if sort == "vip" {
					isVIP := func(name string) bool { return bodies[name]["vip"] == true }
					expected = slices.Concat(slices.DeleteFunc(slices.Clone(expected), func(n string) bool { return !isVIP(n) }), slices.DeleteFunc(expected, isVIP))
				}
				if !slices.Equal(expected, got) {
					t.Errorf("%v by %q, %d a page: %q, want %q", c.filter, sort, limit, got, expected)
				}
			}
		}
	}

	// What is found is what a list shows.
	if diff := cmp.Diff(owner.All(t, "/v1/contacts"), found(t, owner, Object{})); diff != "" {
		t.Errorf("a search without a filter differs from a list (-listed +found):\n%s", diff)
	}
	// Terms change at once: a tag's name, a field, a company.
	owner.Patch(t, "/v1/tags/lead", Object{"name": "Kunde"}).Is(200)
	owner.Delete(t, "/v1/companies/"+rossi).Is(204)
	for want, filter := range map[int]Object{0: leaf("tag", "startsWith", "lea"), 2: leaf("tag", "eq", "KUNDE")} {
		if got := found(t, owner, Object{"filter": filter}); len(got) != want {
			t.Errorf("%v after the rename: %d contacts, want %d", filter, len(got), want)
		}
	}
	for _, filter := range []Object{leaf("companyId", "eq", rossi), leaf("companyId", "exists", true)} {
		if got := found(t, owner, Object{"filter": filter}); len(got) != 0 {
			t.Errorf("%v after the company was deleted: %v", filter, got)
		}
	}
	owner.Delete(t, "/v1/fields/score").Is(204)
	search(t, owner, Object{"filter": leaf("fields.score", "gt", 0)}).Invalid("filter.field unknown_field")

	// Who sees less finds less.
	agent := w.As(t, "agent", Sub("user_7"), Restricted("only-assigned"))
	for _, filter := range []any{nil, leaf("firstName", "exists", true), or(leaf("vip", "eq", true), leaf("phone", "exists", true)), not(leaf("tag", "eq", "nobody's"))} {
		for _, sort := range []string{"createdAt", "vip"} {
			if got := IDs(found(t, agent, Object{"filter": filter, "sort": sort, "limit": 1})); !slices.Equal(slices.Sorted(slices.Values(got)), []string{ids["bruno"], ids["carla"]}) {
				t.Errorf("only-assigned finds %q by %v", got, filter)
			}
		}
	}
	for _, filter := range []Object{leaf("owner", "eq", "user_8"), leaf("tag", "eq", "kunde"), leaf("vip", "eq", true), leaf("email", "eq", "anna@example.it")} {
		for _, o := range found(t, agent, Object{"filter": filter}) {
			if name := names[o.ID()]; name != "bruno" && name != "carla" {
				t.Errorf("only-assigned finds %s by %v", name, filter)
			}
		}
	}
}

// TestNumbersAreSoughtAsTheyAreKept: what a field would not keep exactly is refused
// in a filter with the words of a write, and not taken for the number next to it.
func TestNumbersAreSoughtAsTheyAreKept(t *testing.T) {
	t.Parallel()
	owner := Owner(t)
	define(t, owner, "score number")
	owner.Create(t, Object{"fields": Object{"score": 9007199254740992}})
	words := func(a *Answer, path string) string {
		t.Helper()
		a.Invalid(path + " number_out_of_range")
		return a.JSON()["errors"].([]any)[0].(map[string]any)["detail"].(string)
	}
	for _, n := range []string{"9007199254740993", "0.1000000000000000001", "1e300", "1e-400"} {
		n := jsontext.Value(n)
		want := words(owner.Post(t, "/v1/contacts", Object{"fields": Object{"score": n}}), "fields.score")
		for path, filter := range map[string]Object{
			"filter.value":        leaf("fields.score", "eq", n),
			"filter.not.value":    {"not": leaf("fields.score", "lt", n)},
			"filter.or[1].value":  {"or": []any{leaf("vip", "eq", true), leaf("fields.score", "gte", n)}},
			"filter.value[1]":     leaf("fields.score", "in", []any{1, n}),
			"filter.not.value[0]": {"not": leaf("fields.score", "in", []any{n, 1})},
		} {
			if got := words(search(t, owner, Object{"filter": filter}), path); got != want {
				t.Errorf("%v: refused with %q, want %q", filter, got, want)
			}
			job := Object{"type": "unblock", "select": Object{"filter": filter}}
			if got := words(owner.Post(t, "/v1/jobs?dryRun=true", job), "select."+path); got != want {
				t.Errorf("a job of %v: refused with %q, want %q", filter, got, want)
			}
		}
	}
	for _, n := range []string{"9007199254740992", "9007199254740992.0", "9.007199254740992e15"} {
		if got := found(t, owner, Object{"filter": leaf("fields.score", "eq", jsontext.Value(n))}); len(got) != 1 {
			t.Errorf("%s finds %v", n, got)
		}
	}
}

func TestSearchRefuses(t *testing.T) {
	t.Parallel()
	owner := Owner(t)
	contact := owner.Create(t, Object{}).ID()
	for body, want := range map[string]string{
		`{"Filter":null}`: "Filter unknown_member", `{"filter":7}`: "filter wrong_type", `{"limit":0}`: "limit invalid_value", `{"limit":"5"}`: "limit wrong_type",
		`{"limit":2.5}`: "limit wrong_type", `{"sort":"city"}`: "sort invalid_choice", `{"cursor":7}`: "cursor wrong_type", `{"cursor":"x"}`: "cursor invalid_cursor",
		`{"cursor":" "}`: "cursor invalid_cursor", `{"filter":{"field":"town","op":"eq","value":"x"}}`: "filter.field unknown_field", `{"filter":{"not":{}},"filter":null}`: "filter duplicate_member",
	} {
		owner.Post(t, "/v1/contacts/search", body).InvalidField(first(want))
	}
	search(t, owner, Object{"limit": 0, "zz": 1, "filter": Object{"and": []any{leaf("city", "eq", 7), leaf("fields.none", "exists", true), leaf("vip", "gt", true)}}}).
		Invalid("limit invalid_value", "zz unknown_member", "filter.and[0].value wrong_type", "filter.and[1].field unknown_field", "filter.and[2].op invalid_choice")
	owner.Post(t, "/v1/contacts/search?limit=5", Object{}).Invalid("limit unknown_parameter")
	owner.Post(t, "/v1/contacts/search", `{}`, "Content-Type", "text/plain").Refused(415, "")
	owner.Get(t, "/v1/contacts/search").Refused(405, "")

	// It changes nothing, so that headers of changes mean nothing.
	owner.Patch(t, "/v1/contacts/"+contact, Object{"city": "Roma"}, "Idempotency-Key", "k").Is(200)
	for _, body := range []Object{{}, {"limit": 1}} {
		a := search(t, owner, body, "Idempotency-Key", "k", "If-Match", `nonsense`).Is(200)
		if a.Header.Get("Idempotency-Replayed") != "" {
			t.Error("a search is replayed")
		}
	}
	search(t, owner, Object{}, "Idempotency-Key", "a b").Is(200)
	search(t, owner, Object{}, "Idempotency-Key", "new").Is(200)
	owner.Patch(t, "/v1/contacts/"+contact, Object{"city": "Bari"}, "Idempotency-Key", "new").Is(200).Has(Object{"version": 3})
}

func TestSearchCursors(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	w := service.Workspace(t)
	owner := w.As(t, "owner")
	made(t, owner, 3)
	next := func(body Object) string { return search(t, owner, body).Is(200).JSON().Text("nextCursor") }
	there := leaf("firstName", "exists", true)
	cursor := next(Object{"filter": there, "limit": 1})
	// Only the limit may differ, and what JSON does not tell apart.
	search(t, owner, Object{"filter": there, "limit": 2, "cursor": cursor}).Is(200)
	search(t, owner, Object{"filter": there, "sort": "-createdAt", "cursor": cursor}).Is(200)
	search(t, owner, `{"cursor":"`+cursor+`","filter":{ "value" : true, "op":"exists", "field":"firstN\u0061me" }}`).Is(200)
	search(t, w.As(t, "agent", Sub("user_2")), Object{"filter": there, "cursor": cursor}).Is(200)
	refused := func(c *Client, body Object) {
		t.Helper()
		search(t, c, body).Invalid("cursor invalid_cursor")
	}
	refused(owner, Object{"cursor": cursor})
	refused(owner, Object{"filter": leaf("firstName", "exists", false), "cursor": cursor})
	refused(owner, Object{"filter": there, "sort": "createdAt", "cursor": cursor})
	refused(owner, Object{"filter": there, "cursor": cursor + "A"})
	refused(owner, Object{"filter": there, "cursor": " " + cursor})
	refused(owner, Object{"filter": there, "cursor": owner.Page(t, "/v1/contacts?limit=1").Next})
	owner.Get(t, "/v1/contacts?cursor="+next(Object{"limit": 1})).Invalid("cursor invalid_cursor")
	stranger := service.Workspace(t).As(t, "owner")
	made(t, stranger, 1)
	refused(stranger, Object{"filter": there, "cursor": cursor})
}

// TestSearchThatFindsLittle answers with short pages where all contacts have to be
// looked at, and finds everything in the end.
func TestSearchThatFindsLittle(t *testing.T) {
	t.Parallel()
	owner := Owner(t)
	const contacts = 1300
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for n := worker; n < contacts; n += 8 {
				a, err := owner.Try(t.Context(), "POST", "/v1/contacts", Object{"firstName": fmt.Sprint(n), "owner": "user_7"})
				if err != nil || a.Status != 201 {
					t.Errorf("%v, %v", a, err)
				}
			}
		})
	}
	wg.Wait()
	for _, filter := range []Object{leaf("firstName", "in", []any{"7", "1250"}), {"and": []any{leaf("owner", "eq", "user_7"), leaf("firstName", "in", []any{"7", "1250"})}}} {
		for _, limit := range []int{1, 100} {
			if got := found(t, owner, Object{"filter": filter, "limit": limit}); len(got) != 2 {
				t.Errorf("%v, %d a page: %d contacts, want 2", filter, limit, len(got))
			}
		}
	}
	empty := search(t, owner, Object{"filter": leaf("city", "eq", "Oslo"), "limit": 100}).Is(200).JSON()
	if items := empty["items"].([]any); len(items) != 0 || empty.Text("nextCursor") == "" {
		t.Errorf("a page of nobody among %d: %v", contacts, empty)
	}
}
