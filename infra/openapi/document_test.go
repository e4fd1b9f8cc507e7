package openapi_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json"
	"github.com/goccy/go-yaml"

	"rubrica/infra"
	"rubrica/infra/openapi"
)

// TestDocumentIsValid lets a library that is not ours judge it, examples
// against their schemas included.
func TestDocumentIsValid(t *testing.T) {
	t.Parallel()
	encoded, err := yaml.YAMLToJSON(infra.OpenAPIYAML)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1.") {
		t.Errorf("openapi is %s, want 3.1", doc.OpenAPI)
	}
	if err := doc.Validate(t.Context(), openapi3.IsOpenAPI31OrLater()); err != nil {
		t.Error(err)
	}
}

// TestDocumentIsWhole: what an integrator reads is there for every operation,
// nothing is described that nobody uses.
func TestDocumentIsWhole(t *testing.T) {
	t.Parallel()
	d := document(t)
	tags := map[string]bool{}
	for _, tag := range list(d.Root["tags"]) {
		tags[text(tag, "name")] = true
	}
	ids := map[string]bool{}
	for _, op := range d.Operations {
		at, _ := d.Lookup("#/paths/" + strings.ReplaceAll(op.Path, "/", "~1") + "/" + strings.ToLower(op.Method))
		if op.ID == "" || ids[op.ID] {
			t.Errorf("%s %s: the operationId %q is empty or not unique", op.Method, op.Path, op.ID)
		}
		ids[op.ID] = true
		if text(at, "summary") == "" || text(at, "description") == "" {
			t.Errorf("%s has no summary or description", op.ID)
		}
		if len(op.Tags) != 1 || !tags[op.Tags[0]] {
			t.Errorf("%s has the tags %q, want one of %v", op.ID, op.Tags, slices.Sorted(maps.Keys(tags)))
		}
		for _, p := range op.Parameters {
			if p.In == "path" && !strings.Contains(op.Path, "{"+p.Name+"}") {
				t.Errorf("%s documents the path parameter %q, which its path does not have", op.ID, p.Name)
			}
		}
	}
	encoded, err := json.Marshal(d.Root)
	if err != nil {
		t.Fatal(err)
	}
	components, _ := d.Lookup("#/components")
	for kind, named := range components {
		if kind == "securitySchemes" {
			continue
		}
		for name := range named.(map[string]any) {
			ref := "#/components/" + kind + "/" + name
			if component, _ := d.Lookup(ref); text(component, "description") == "" && text(component, "summary") == "" {
				t.Errorf("%s has no description", ref)
			}
			used := strings.Contains(string(encoded), `"`+ref+`"`)
			if apart := ref == "#/components/responses/MethodNotAllowed"; used == apart {
				t.Errorf("%s: used is %t", ref, used)
			}
		}
	}
}

// TestRequestBodiesAreClosed: bodies are strict, so no object in a request may
// leave open what else it holds.
func TestRequestBodiesAreClosed(t *testing.T) {
	t.Parallel()
	d := document(t)
	walked := map[string]bool{} // a filter has filters in it
	var walk func(at string, schema map[string]any)
	walk = func(at string, schema map[string]any) {
		if ref := text(schema, "$ref"); ref != "" && !walked[ref] {
			walked[ref] = true
			to, _ := d.Lookup(ref)
			walk(ref, to)
		}
		if schema["type"] == "object" && schema["additionalProperties"] == nil {
			t.Errorf("%s is an object that does not say what else it may hold", at)
		}
		for _, key := range []string{"anyOf", "oneOf", "allOf"} {
			for _, s := range list(schema[key]) {
				walk(at, s.(map[string]any))
			}
		}
		properties, _ := schema["properties"].(map[string]any)
		for name, s := range properties {
			walk(at+"/"+name, s.(map[string]any))
		}
	}
	bodies, _ := d.Lookup("#/components/requestBodies")
	if len(bodies) == 0 {
		t.Fatal("there are no request bodies")
	}
	for name := range bodies {
		content, _ := d.Lookup("#/components/requestBodies/" + name + "/content")
		for media, m := range content {
			schema, _ := m.(map[string]any)["schema"].(map[string]any)
			walk(name+" "+media, schema)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	const head = "openapi: 3.1.0\npaths: {/v1/x: {get: {operationId: x, responses: {"
	for name, document := range map[string]string{
		"NoYAML":        "a: [",
		"NoObject":      "[]",
		"LostReference": head + `"200": {$ref: "#/components/responses/Lost"}}}}}`,
		"BadSchema":     head + `"200": {description: x, content: {application/json: {schema: {type: 7}}}}}}}}`,
		"BadStatus":     head + `default: {description: x}}}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d, err := openapi.Load([]byte(document)); err == nil {
				t.Errorf("loaded %+v, want an error", d.Root)
			}
		})
	}
}

func text(object any, name string) string {
	m, _ := object.(map[string]any)
	s, _ := m[name].(string)
	return s
}

func list(value any) []any {
	l, _ := value.([]any)
	return l
}
