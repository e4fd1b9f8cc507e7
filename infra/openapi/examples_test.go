package openapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"rubrica/shared/caller/issuer"
)

// TestExamplesFit holds every example to its schema, formats included.
func TestExamplesFit(t *testing.T) {
	t.Parallel()
	d := document(t)
	n := 0
	fits := func(where string, schema *jsonschema.Schema, value any) {
		n++
		if err := schema.Validate(value); err != nil {
			t.Errorf("an example of %s: %v", where, err)
		}
	}
	for _, op := range d.Operations {
		at, _ := d.Lookup("#/paths/" + strings.ReplaceAll(op.Path, "/", "~1") + "/" + strings.ToLower(op.Method))
		for i, p := range list(at["parameters"]) {
			for _, value := range examples(t, schemaOf(t, p.(map[string]any))) {
				fits(op.ID+" "+op.Parameters[i].Name, op.Parameters[i].Schema, value)
			}
		}
		for media, schema := range op.Body {
			body := schemaOf(t, at["requestBody"].(map[string]any))
			for _, value := range examples(t, body["content"].(map[string]any)[media].(map[string]any)) {
				fits(op.ID+" "+media, schema, value)
			}
		}
		for status, response := range op.Responses {
			r, _ := d.Lookup("#/paths/" + strings.ReplaceAll(op.Path, "/", "~1") + "/" + strings.ToLower(op.Method) + "/responses/" + fmt.Sprint(status))
			for media, schema := range response.Content {
				for _, value := range examples(t, schemaOf(t, r)["content"].(map[string]any)[media].(map[string]any)) {
					fits(fmt.Sprint(op.ID, " ", status), schema, value)
				}
			}
		}
	}
	schemas, _ := d.Lookup("#/components/schemas")
	for name, s := range schemas {
		schema, err := d.Schema("#/components/schemas/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range list(s.(map[string]any)["examples"]) {
			fits(name, schema, value)
		}
	}
	if n < 100 {
		t.Errorf("only %d examples were looked at", n)
	}
}

// examples are those beside a schema.
func examples(t testing.TB, object map[string]any) (values []any) {
	if value, ok := object["example"]; ok {
		values = append(values, value)
	}
	named, _ := object["examples"].(map[string]any)
	for _, e := range named {
		values = append(values, schemaOf(t, e.(map[string]any))["value"])
	}
	return values
}

// TestExamplesAreTrue sends the examples of requests to a server, and compares
// what it answers with the examples of answers: all but ids, times and secrets.
func TestExamplesAreTrue(t *testing.T) {
	t.Parallel()
	s := serve(t)
	// in is a workspace; where the example names it, of a server of its own.
	in := func(t *testing.T, name string) *desk {
		if name == "" {
			return sit(t, s, nil)
		}
		d := sit(t, serve(t), nil)
		d.name = name
		if _, err := d.server.EnsureWorkspace(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		d.token = d.sign(issuer.Claims{Role: "owner"})
		return d
	}
	create := example(t, "ContactCreate")
	for name, c := range map[string]struct {
		workspace, answer string
		do                func(d *desk) reply
	}{
		"Contact": {"", "Contact", func(d *desk) reply {
			return d.must(201, call{method: "POST", path: "/v1/contacts", body: create})
		}},
		"ContactPatch": {"", "", func(d *desk) reply {
			return d.must(200, call{method: "PATCH", path: "/v1/contacts/" + d.contact(create), body: example(t, "ContactPatch")})
		}},
		"ContactPage": {"", "ContactPage", func(d *desk) reply {
			d.contact("{}")
			return d.must(200, call{method: "GET", path: "/v1/contacts"})
		}},
		"AuditPage": {"", "AuditPage", func(d *desk) reply {
			path := "/v1/contacts/" + d.contact(`{"firstName": "Mria"}`)
			d.must(200, call{method: "PATCH", path: path, body: `{"firstName": "Maria"}`})
			return d.must(200, call{method: "GET", path: path + "/audit"})
		}},
		"WorkspacePatch": {"", "", func(d *desk) reply {
			return d.must(200, call{method: "PATCH", path: "/v1/workspace", body: example(t, "WorkspacePatch")})
		}},
		"Workspace": {"demo", "Workspace", func(d *desk) reply { return d.must(200, call{method: "GET", path: "/v1/workspace"}) }},
		"Me":        {"demo", "Me", func(d *desk) reply { return d.must(200, call{method: "GET", path: "/v1/me"}) }},
		"Health":    {"", "Health", func(d *desk) reply { return d.must(200, call{method: "GET", path: "/v1/health"}) }},
		"Token": {"", "CreatedToken", func(d *desk) reply {
			return d.must(201, call{method: "POST", path: "/v1/tokens", body: example(t, "NewToken")})
		}},
		"TokenPage": {"", "TokenPage", func(d *desk) reply {
			owner := d.token
			d.token = d.must(201, call{method: "POST", path: "/v1/tokens", body: example(t, "NewToken")}).text(t, "token")
			d.must(200, call{method: "GET", path: "/v1/me"})
			d.token = owner
			return d.must(200, call{method: "GET", path: "/v1/tokens"})
		}},
		"Field": {"", "Field", func(d *desk) reply {
			return d.must(201, call{method: "POST", path: "/v1/fields", body: example(t, "NewField")})
		}},
		"FieldPatch": {"", "", func(d *desk) reply {
			return d.must(200, call{method: "PATCH", path: "/v1/fields/phone", body: example(t, "FieldPatch")})
		}},
		"FolderList": {"", "FolderList", func(d *desk) reply { return d.must(200, call{method: "GET", path: "/v1/folders"}) }},
		"Card": {"", "Card", func(d *desk) reply {
			return d.must(200, call{method: "GET", path: "/v1/contacts/" + d.contact(`{"firstName": "Maria"}`) + "/card", query: "hideEmpty=true"})
		}},
		"Tag": {"", "Tag", func(d *desk) reply {
			return d.must(201, call{method: "POST", path: "/v1/tags", body: example(t, "NewTag")})
		}},
		"TagPage": {"", "TagPage", func(d *desk) reply {
			d.must(201, call{method: "POST", path: "/v1/tags", body: example(t, "NewTag")})
			d.contact(`{"tags": ["vip"]}`)
			return d.must(200, call{method: "GET", path: "/v1/tags"})
		}},
		"NewTags": {"", "", func(d *desk) reply {
			return d.must(200, call{method: "POST", path: "/v1/contacts/" + d.contact("{}") + "/tags", body: example(t, "NewTags")})
		}},
		"TagPatch": {"", "", func(d *desk) reply {
			d.must(201, call{method: "POST", path: "/v1/tags", body: example(t, "NewTag")})
			return d.must(200, call{method: "PATCH", path: "/v1/tags/vip", body: example(t, "TagPatch")})
		}},
		"Company": {"", "Company", func(d *desk) reply {
			return d.must(201, call{method: "POST", path: "/v1/companies", body: example(t, "NewCompany")})
		}},
		"CompanyPage": {"", "CompanyPage", func(d *desk) reply {
			id := d.must(201, call{method: "POST", path: "/v1/companies", body: `{"name": "Rossi srl"}`}).text(d.t, "id")
			d.contact(`{"companyId": "` + id + `"}`)
			return d.must(200, call{method: "GET", path: "/v1/companies"})
		}},
		"CompanyPatch": {"", "", func(d *desk) reply {
			id := d.must(201, call{method: "POST", path: "/v1/companies", body: example(t, "NewCompany")}).text(d.t, "id")
			return d.must(200, call{method: "PATCH", path: "/v1/companies/" + id, body: example(t, "CompanyPatch")})
		}},
		"Note": {"", "Note", func(d *desk) reply {
			return d.must(201, call{method: "POST", path: "/v1/contacts/" + d.contact("{}") + "/notes", body: example(t, "NewNote")})
		}},
		"NotePage": {"", "NotePage", func(d *desk) reply {
			path := "/v1/contacts/" + d.contact("{}") + "/notes"
			d.must(201, call{method: "POST", path: path, body: example(t, "NewNote")})
			return d.must(200, call{method: "GET", path: path})
		}},
		"SuggestionPage": {"", "SuggestionPage", func(d *desk) reply {
			return d.must(200, call{method: "GET", path: "/v1/contacts/" + d.doubles() + "/merge-suggestions"})
		}},
		"NotePatch": {"", "", func(d *desk) reply {
			path := "/v1/contacts/" + d.contact("{}") + "/notes"
			id := d.must(201, call{method: "POST", path: path, body: example(t, "NewNote")}).text(d.t, "id")
			return d.must(200, call{method: "PATCH", path: path + "/" + id, body: example(t, "NotePatch")})
		}},
		"Lock": {"", "Lock", func(d *desk) reply {
			return d.lock("/v1/contacts/" + d.contact("{}"))
		}},
		"LockRemoval": {"", "", func(d *desk) reply {
			path := "/v1/contacts/" + d.contact("{}")
			d.lock(path)
			return d.must(204, call{method: "DELETE", path: path + "/locks/spring-sale", body: example(t, "LockRemoval")})
		}},
		"PhoneLocked": {"", "PhoneLockedProblem", func(d *desk) reply {
			path := "/v1/contacts/" + d.contact("{}")
			d.lock(path)
			return d.must(409, call{method: "PATCH", path: path, body: `{"phone": "+393514117320"}`})
		}},
		"ProfileOffer": {"", "", func(d *desk) reply {
			path := "/v1/contacts/" + d.contact("{}") + "/profile"
			d.token = d.sign(issuer.Claims{Role: "agent", Integration: "sap-sync"})
			return d.must(200, call{method: "PUT", path: path, body: example(t, "ProfileOffer")})
		}},
		"ValidationOffer": {"", "", func(d *desk) reply {
			path := "/v1/contacts/" + d.contact("{}") + "/validation"
			d.token = d.sign(issuer.Claims{Role: "agent", Integration: "sap-sync"})
			return d.must(200, call{method: "PUT", path: path, body: example(t, "ValidationOffer")})
		}},
		"ContactSearch": {"", "", func(d *desk) reply {
			return d.must(200, call{method: "POST", path: "/v1/contacts/search", body: example(t, "ContactSearch")})
		}},
		"Neighbors": {"", "Neighbors", func(d *desk) reply {
			d.contact("{}")
			id := d.contact("{}")
			d.contact("{}")
			return d.must(200, call{method: "GET", path: "/v1/contacts/" + id + "/neighbors"})
		}},
		"BlockReason": {"", "", func(d *desk) reply {
			path := "/v1/contacts/" + d.contact("{}")
			d.must(200, call{method: "POST", path: path + "/block", body: example(t, "BlockReason")})
			return d.must(200, call{method: "POST", path: path + "/unblock", body: example(t, "BlockReason")})
		}},
		"DNDSettings": {"", "DNDSettings", func(d *desk) reply {
			path := "/v1/contacts/" + d.contact("{}") + "/dnd"
			d.must(200, call{method: "PUT", path: path, body: example(t, "DNDChange")})
			return d.must(200, call{method: "GET", path: path})
		}},
		"Reachability": {"", "Reachability", func(d *desk) reply {
			path := "/v1/contacts/" + d.contact(`{"phone": "+393514117320"}`)
			d.must(200, call{method: "PUT", path: path + "/dnd", body: example(t, "DNDChange")})
			return d.must(200, call{method: "GET", path: path + "/reachability"})
		}},
		"DNDPermanent": {"", "DNDPermanentProblem", func(d *desk) reply {
			id := d.contact("{}")
			d.stop(id)
			d.token = d.sign(issuer.Claims{Role: "agent"})
			return d.must(409, call{method: "PUT", path: "/v1/contacts/" + id + "/dnd", body: `{"messages": false}`})
		}},
		"Merge": {"", "MergeResult", func(d *desk) reply {
			maria, other := d.twins()
			return d.must(201, call{method: "POST", path: "/v1/merges", body: d.exampleMerge(maria, other)})
		}},
		"MergeTried": {"", "MergeTried", func(d *desk) reply {
			maria, other := d.twins()
			return d.must(200, call{method: "POST", path: "/v1/merges", query: "dryRun=true", body: d.exampleMerge(maria, other)})
		}},
		"MergePage": {"", "MergePage", func(d *desk) reply {
			maria, other := d.twins()
			d.merge(maria, other)
			return d.must(200, call{method: "GET", path: "/v1/merges"})
		}},
		"Undo": {"", "UndoResult", func(d *desk) reply {
			maria, other := d.twins()
			id := d.must(201, call{method: "POST", path: "/v1/merges", body: d.exampleMerge(maria, other)}).text(d.t, "id")
			d.must(200, call{method: "PATCH", path: "/v1/contacts/" + maria, body: `{"email": "info@example.it"}`})
			return d.must(200, call{method: "POST", path: "/v1/merges/" + id + "/undo"})
		}},
		"AlreadyMerged": {"", "AlreadyMergedProblem", func(d *desk) reply {
			maria, other := d.twins()
			d.merge(maria, other)
			return d.must(409, call{method: "POST", path: "/v1/merges", body: mergeBody(maria, other)})
		}},
		"BlockedContact": {"", "BlockedContactProblem", func(d *desk) reply {
			maria, other := d.twins()
			d.must(200, call{method: "POST", path: "/v1/contacts/" + other + "/block"})
			return d.must(409, call{method: "POST", path: "/v1/merges", body: mergeBody(maria, other)})
		}},
		"TooManyMerged": {"", "TooManyMergedProblem", func(d *desk) reply { return d.tooManyMerged() }},
		"UndoLaterFirst": {"", "UndoLaterFirstProblem", func(d *desk) reply {
			maria, other := d.twins()
			third := d.contact(`{"email": "third@example.it"}`)
			id := d.must(201, call{method: "POST", path: "/v1/merges", body: d.exampleMerge(maria, other)}).text(d.t, "id")
			d.must(201, call{method: "POST", path: "/v1/merges", body: d.exampleMerge(maria, third)})
			return d.must(409, call{method: "POST", path: "/v1/merges/" + id + "/undo"})
		}},
		"AlreadyUndone": {"", "AlreadyUndoneProblem", func(d *desk) reply {
			maria, other := d.twins()
			path := "/v1/merges/" + d.merge(maria, other) + "/undo"
			d.must(200, call{method: "POST", path: path})
			return d.must(409, call{method: "POST", path: path})
		}},
		"TagExists": {"", "TagExistsProblem", func(d *desk) reply {
			d.must(201, call{method: "POST", path: "/v1/tags", body: example(t, "NewTag")})
			return d.must(409, call{method: "POST", path: "/v1/tags", body: example(t, "NewTag")})
		}},
		"Managed": {"", "FieldManagedProblem", func(d *desk) reply {
			d.must(200, call{method: "PATCH", path: "/v1/fields/phone", body: example(t, "FieldPatch")})
			return d.must(409, call{method: "POST", path: "/v1/contacts", body: create})
		}},
		"FieldExists": {"", "FieldExistsProblem", func(d *desk) reply {
			d.must(201, call{method: "POST", path: "/v1/fields", body: example(t, "NewField")})
			return d.must(409, call{method: "POST", path: "/v1/fields", body: example(t, "NewField")})
		}},
		"Validation": {"", "ValidationProblem", func(d *desk) reply {
			return d.must(400, call{method: "POST", path: "/v1/contacts", body: `{"phone": "393514117320", "firstname": "Maria"}`})
		}},
		"Unauthenticated": {"", "UnauthenticatedProblem", func(d *desk) reply {
			return d.must(401, call{method: "GET", path: "/v1/me", header: map[string]string{"Authorization": ""}})
		}},
		"Forbidden": {"", "ForbiddenProblem", func(d *desk) reply {
			d.token = d.sign(issuer.Claims{Role: "agent"})
			return d.must(403, call{method: "DELETE", path: "/v1/contacts/" + d.contact("{}")})
		}},
		"NotFound": {"", "NotFoundProblem", func(d *desk) reply {
			return d.must(404, call{method: "GET", path: "/v1/contacts/" + unknownID})
		}},
		"Duplicate": {"", "DuplicateIdentityProblem", func(d *desk) reply {
			d.contact(create)
			return d.must(409, call{method: "POST", path: "/v1/contacts", body: create})
		}},
		"Ambiguous": {"", "AmbiguousIdentityProblem", func(d *desk) reply {
			d.contact(`{"email": "maria@example.it"}`)
			d.contact(`{"email": "MARIA@example.it"}`)
			return d.must(409, call{method: "GET", path: "/v1/contacts/email:maria@example.it"})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := c.do(in(t, c.workspace))
			if c.answer == "" {
				return
			}
			if diff := cmp.Diff(masked(t, example(t, c.answer)), masked(t, string(got.body))); diff != "" {
				t.Errorf("the example differs from the answer (-example +answer):\n%s", diff)
			}
		})
	}
}

// lock has an integration take the lease that the examples are of.
func (d *desk) lock(contact string) reply {
	d.t.Helper()
	owner := d.token
	d.token = d.sign(issuer.Claims{Role: "agent", Integration: "sap-sync"})
	defer func() { d.token = owner }()
	return d.must(200, call{method: "PUT", path: contact + "/locks/spring-sale", body: example(d.t, "NewLock")})
}

// example is a named example, as JSON.
func example(t testing.TB, name string) string {
	t.Helper()
	e, ok := document(t).Lookup("#/components/examples/" + name)
	if !ok {
		t.Fatalf("there is no example %s", name)
	}
	encoded, err := json.Marshal(e["value"])
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// varying is what no two answers have in common.
var varying = regexp.MustCompile(`^([0-7][0-9A-HJKMNP-TV-Z]{25}(-[0-9a-f]{32})?|\d{4}-\d\d-\d\d(T.*)?|rub_.*)$`)

// within is what a sentence says that varies.
var within = regexp.MustCompile(`[0-7][0-9A-HJKMNP-TV-Z]{25}|\d{4}-\d\d-\d\dT[0-9:.]+Z`)

// masked is a JSON text with what varies put out of sight.
func masked(t testing.TB, text string) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	var mask func(any) any
	mask = func(v any) any {
		switch v := v.(type) {
		case string:
			return within.ReplaceAllString(varying.ReplaceAllString(v, "…"), "…")
		case []any:
			for i := range v {
				v[i] = mask(v[i])
			}
		case map[string]any:
			for name := range v {
				v[name] = mask(v[name])
			}
		}
		return v
	}
	return mask(value)
}
