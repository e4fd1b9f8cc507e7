// Package openapi holds the running API against its description: Document is
// infra/openapi.yaml as a test needs it, Checker an http.RoundTripper that looks
// at every exchange that passes through it.
//
// Only tests use it. It is stricter than the document itself: a member of an
// answer that the document does not name is a finding, though clients ignore it.
package openapi

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Document is an OpenAPI 3.1 document with its schemas compiled; never changed,
// safe for concurrent use.
type Document struct {
	// Root is the document as decoded JSON; not to be changed.
	Root       map[string]any
	Operations []*Operation // by path, then by method

	compiler *jsonschema.Compiler
}

// Operation is one method of one path.
type Operation struct {
	ID, Method, Path string
	Tags             []string
	// Roles and Restrictions are its x-roles and x-restrictions.
	Roles, Restrictions []string
	// Integrations is its x-integrations: nobody else may call it.
	Integrations bool
	// Public operations need no token.
	Public     bool
	Parameters []Parameter
	// Body has the schema of each media type; nil if none is taken.
	Body map[string]*jsonschema.Schema
	// Bodiless says that Body may be left out.
	Bodiless  bool
	Responses map[int]*Response

	segments []string
}

// Parameter is one of an operation.
type Parameter struct {
	Name, In string // "path", "query" or "header"
	Schema   *jsonschema.Schema
}

// Response is what one status of an operation looks like.
type Response struct {
	// Content has the schema of each media type; nil if there is no body.
	Content map[string]*jsonschema.Schema
	Headers map[string]Header
}

// Header is one of a response.
type Header struct {
	Required bool
	Schema   *jsonschema.Schema
}

// location is the address under which the document is known to the compiler.
const location = "https://rubrica.invalid/openapi.json"

// Load reads a document. A reference that leads nowhere, or a schema that is
// none, is an error.
func Load(document []byte) (*Document, error) {
	encoded, err := yaml.YAMLToJSON(document)
	if err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	root, err := decode(encoded)
	if err != nil {
		return nil, err
	}
	strict, err := decode(encoded)
	if err != nil {
		return nil, err
	}
	closeObjects(strict, false)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	for _, f := range formats() {
		c.RegisterFormat(f)
	}
	if err := c.AddResource(location, strict); err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	d := &Document{Root: root, compiler: c}
	return d, d.read()
}

func decode(encoded []byte) (map[string]any, error) {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	if err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	root, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("openapi: the document is no object")
	}
	return root, nil
}

// closeObjects forbids members that a schema does not name, unless it says
// itself what others may be. Parts of an allOf, and conditions, name some members
// each and stay open.
func closeObjects(value any, part bool) {
	switch v := value.(type) {
	case map[string]any:
		_, named := v["properties"].(map[string]any)
		_, said := v["additionalProperties"]
		if named && !said && !part {
			v["additionalProperties"] = false
		}
		for key, inner := range v {
			switch key {
			case "example", "examples":
			case "allOf", "if", "then", "else":
				closeObjects(inner, true)
			default:
				closeObjects(inner, false)
			}
		}
	case []any:
		for _, inner := range v {
			closeObjects(inner, part)
		}
	}
}

// node is a place in the document.
type node struct {
	pointer string // JSON pointer, escaped
	value   map[string]any
}

// follow returns the place that a reference object leads to.
func (d *Document) follow(n node) (node, error) {
	for range 10 {
		ref, ok := n.value["$ref"].(string)
		if !ok {
			return n, nil
		}
		to, ok := d.Lookup(ref)
		if !ok {
			return n, fmt.Errorf("openapi: %s refers to %s, which is not there", n.pointer, ref)
		}
		n = node{strings.TrimPrefix(ref, "#"), to}
	}
	return n, fmt.Errorf("openapi: %s refers in circles", n.pointer)
}

// Lookup returns the object at a local reference ("#/components/…").
func (d *Document) Lookup(ref string) (map[string]any, bool) {
	var at any = d.Root
	for token := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		object, ok := at.(map[string]any)
		if !ok {
			return nil, false
		}
		at = object[strings.NewReplacer("~1", "/", "~0", "~").Replace(token)]
	}
	object, ok := at.(map[string]any)
	return object, ok
}

// in is the place of a member of an object, references followed.
func (d *Document) in(n node, names ...string) (node, error) {
	for _, name := range names {
		value, ok := n.value[name].(map[string]any)
		if !ok {
			return node{}, fmt.Errorf("openapi: %s has no object %q", n.pointer, name)
		}
		n = node{n.pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name), value}
		var err error
		if n, err = d.follow(n); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (d *Document) schema(n node) (*jsonschema.Schema, error) {
	fragment := strings.NewReplacer("{", "%7B", "}", "%7D").Replace(n.pointer)
	s, err := d.compiler.Compile(location + "#" + fragment)
	if err != nil {
		return nil, fmt.Errorf("openapi: the schema at %s: %w", n.pointer, err)
	}
	return s, nil
}

// Schema compiles the schema at a local reference ("#/components/schemas/…").
func (d *Document) Schema(ref string) (*jsonschema.Schema, error) {
	value, ok := d.Lookup(ref)
	if !ok {
		return nil, fmt.Errorf("openapi: there is no %s", ref)
	}
	return d.schema(node{strings.TrimPrefix(ref, "#"), value})
}
