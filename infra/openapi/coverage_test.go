package openapi_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"rubrica/infra/openapi"
)

// coverage notes which of the documented answers have been seen.
type coverage struct {
	t        testing.TB
	mu       sync.Mutex
	statuses map[string]bool // "createContact 201"
	members  map[string]bool // "/components/schemas/Contact/properties/email"
}

func newCoverage(t testing.TB) *coverage {
	return &coverage{t: t, statuses: map[string]bool{}, members: map[string]bool{}}
}

func (c *coverage) seen(ex openapi.Exchange) {
	if ex.Operation == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.statuses[fmt.Sprint(ex.Operation.ID, " ", ex.Status)] = true
	if len(ex.Body) == 0 {
		return
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(ex.Body))
	if err != nil {
		return // the checker has said so
	}
	for _, s := range responseSchemas(c.t, ex.Operation, fmt.Sprint(ex.Status)) {
		c.walk(s, value)
	}
}

// walk notes the members of value that the schema names.
func (c *coverage) walk(schema map[string]any, value any) {
	at := ""
	for ref := text(schema, "$ref"); ref != ""; ref = text(schema, "$ref") {
		at, schema = ref, schemaOf(c.t, schema)
	}
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		for _, part := range list(schema[key]) {
			c.walk(part.(map[string]any), value)
		}
	}
	switch v := value.(type) {
	case []any:
		if items, ok := schema["items"].(map[string]any); ok {
			for _, e := range v {
				c.walk(items, e)
			}
		}
	case map[string]any:
		properties, _ := schema["properties"].(map[string]any)
		for name, s := range properties {
			if member, there := v[name]; there {
				c.members[at+" "+name] = true
				c.walk(s.(map[string]any), member)
			}
		}
	}
}

// responseSchemas are those of an operation's status, one for each media type.
func responseSchemas(t testing.TB, op *openapi.Operation, status string) (schemas []map[string]any) {
	d := document(t)
	at, ok := d.Lookup("#/paths/" + strings.ReplaceAll(op.Path, "/", "~1") + "/" + strings.ToLower(op.Method) + "/responses/" + status)
	if !ok {
		return nil // the checker says so
	}
	content, _ := schemaOf(t, at)["content"].(map[string]any)
	for _, media := range content {
		schemas = append(schemas, media.(map[string]any)["schema"].(map[string]any))
	}
	return schemas
}

// unseen are the statuses and members of the document that no answer had.
func (c *coverage) unseen() (statuses, members []string) {
	d := document(c.t)
	named := map[string]bool{}
	for _, op := range d.Operations {
		for status := range op.Responses {
			if key := fmt.Sprint(op.ID, " ", status); !c.statuses[key] {
				statuses = append(statuses, key)
			}
			for _, s := range responseSchemas(c.t, op, fmt.Sprint(status)) {
				c.name(s, named)
			}
		}
	}
	for member := range named {
		if !c.members[member] {
			members = append(members, member)
		}
	}
	slices.Sort(statuses)
	slices.Sort(members)
	return statuses, members
}

// name collects the members that a schema names, as walk notes them.
func (c *coverage) name(schema map[string]any, named map[string]bool) {
	at := ""
	for ref := text(schema, "$ref"); ref != ""; ref = text(schema, "$ref") {
		at, schema = ref, schemaOf(c.t, schema)
	}
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		for _, part := range list(schema[key]) {
			c.name(part.(map[string]any), named)
		}
	}
	if items, ok := schema["items"].(map[string]any); ok {
		c.name(items, named)
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, s := range properties {
		if at != "" {
			named[at+" "+name] = true
		}
		c.name(s.(map[string]any), named)
	}
}
