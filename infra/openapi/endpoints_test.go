package openapi_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rubrica/infra"
	"rubrica/infra/openapi"
	"rubrica/shared/api"
	"rubrica/shared/api/frame"
	"rubrica/shared/caller"
)

// endpoints are all that the code serves. No ledger is needed to say what they
// are.
func endpoints() []frame.Endpoint { return api.All(nil, infra.OpenAPI) }

// TestEndpointsAreDocumented: every endpoint has its operation, every operation
// its endpoint, and they say the same.
func TestEndpointsAreDocumented(t *testing.T) {
	t.Parallel()
	documented := map[string]*openapi.Operation{}
	for _, op := range document(t).Operations {
		documented[op.Method+" "+op.Path] = op
	}
	for _, e := range endpoints() {
		route := e.Method + " " + e.Pattern
		op := documented[route]
		if op == nil {
			t.Errorf("%s is not documented", route)
			continue
		}
		delete(documented, route)
		compare(t, &e, op)
	}
	for route := range documented {
		t.Errorf("%s is documented, but there is no such endpoint", route)
	}
}

func compare(t *testing.T, e *frame.Endpoint, op *openapi.Operation) {
	t.Helper()
	same(t, op.ID, "operationId", []string{op.ID}, []string{e.Operation})
	same(t, op.ID, "query parameters", parameters(op, "query"), e.Query)
	if public := e.Public != nil; op.Public != public {
		t.Errorf("%s: documented as public: %t, is: %t", op.ID, op.Public, public)
	}

	roles := make([]string, 0, 3)
	for _, role := range e.Roles {
		roles = append(roles, string(role))
	}
	if len(roles) == 0 && e.Public == nil {
		roles = []string{string(caller.Owner), string(caller.Manager), string(caller.Agent)}
	}
	same(t, op.ID, "x-roles", op.Roles, roles)
	same(t, op.ID, "x-restrictions", op.Restrictions, e.Not.Names())
	if op.Integrations != e.Integrations {
		t.Errorf("%s: documented as for integrations: %t, is: %t", op.ID, op.Integrations, e.Integrations)
	}
	if optional := e.Body == frame.OptionalJSON; op.Bodiless != optional {
		t.Errorf("%s: documented as without a body: %t, is: %t", op.ID, op.Bodiless, optional)
	}

	var content []string
	if e.Body != frame.NoContent {
		content = append(content, "application/json")
		if e.Method == "PATCH" || e.Method == "PUT" {
			content = append(content, "application/merge-patch+json")
		}
	}
	same(t, op.ID, "content types", keys(op.Body), content)

	var success, wanted []int
	for status := range op.Responses {
		if status < 300 {
			success = append(success, status)
		}
	}
	wanted = slices.Clone(e.Success)
	slices.Sort(success)
	slices.Sort(wanted)
	if !slices.Equal(success, wanted) {
		t.Errorf("%s: documented as successful: %v, is: %v", op.ID, success, wanted)
	}

	var inPath []string
	for segment := range strings.SplitSeq(e.Pattern, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			inPath = append(inPath, strings.TrimSuffix(name, "}"))
		}
	}
	same(t, op.ID, "path parameters", parameters(op, "path"), inPath)
	changes := e.Method != "GET" && !e.ReadOnly
	if slices.Contains(parameters(op, "header"), "Idempotency-Key") != changes {
		t.Errorf("%s: Idempotency-Key is for what changes something, and for all of it", op.ID)
	}
}

func same(t *testing.T, id, what string, documented, is []string) {
	t.Helper()
	documented, is = slices.Sorted(slices.Values(documented)), slices.Sorted(slices.Values(is))
	if diff := cmp.Diff(documented, is, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s: %s (-documented +is):\n%s", id, what, diff)
	}
}

func parameters(op *openapi.Operation, in string) (names []string) {
	for _, p := range op.Parameters {
		if p.In == in {
			names = append(names, p.Name)
		}
	}
	return names
}

func keys[V any](m map[string]V) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	return names
}
