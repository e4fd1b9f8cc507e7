package openapi

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// read takes the operations out of the document.
func (d *Document) read() error {
	paths, err := d.in(node{"", d.Root}, "paths")
	if err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(paths.value)) {
		item, err := d.in(paths, path)
		if err != nil {
			return err
		}
		for _, method := range []string{"get", "post", "put", "patch", "delete"} {
			if item.value[method] == nil {
				continue
			}
			at, err := d.in(item, method)
			if err != nil {
				return err
			}
			op := &Operation{Method: strings.ToUpper(method), Path: path, segments: strings.Split(path, "/")}
			if err := d.readOperation(op, at); err != nil {
				return err
			}
			d.Operations = append(d.Operations, op)
		}
	}
	return nil
}

func (d *Document) readOperation(op *Operation, at node) error {
	op.ID, _ = at.value["operationId"].(string)
	op.Tags, op.Roles, op.Restrictions = words(at.value["tags"]), words(at.value["x-roles"]), words(at.value["x-restrictions"])
	op.Integrations, _ = at.value["x-integrations"].(bool)
	if security, ok := at.value["security"].([]any); ok {
		op.Public = len(security) == 0
	}
	parameters, _ := at.value["parameters"].([]any)
	for i, p := range parameters {
		value, _ := p.(map[string]any)
		n, err := d.follow(node{at.pointer + "/parameters/" + strconv.Itoa(i), value})
		if err != nil {
			return err
		}
		parameter := Parameter{}
		parameter.Name, _ = n.value["name"].(string)
		parameter.In, _ = n.value["in"].(string)
		schemaAt, err := d.in(n, "schema")
		if err != nil {
			return err
		}
		if parameter.Schema, err = d.schema(schemaAt); err != nil {
			return err
		}
		op.Parameters = append(op.Parameters, parameter)
	}
	if at.value["requestBody"] != nil {
		body, err := d.in(at, "requestBody")
		if err != nil {
			return err
		}
		if op.Body, err = d.content(body); err != nil {
			return err
		}
		required, _ := body.value["required"].(bool)
		op.Bodiless = !required
	}
	responses, err := d.in(at, "responses")
	if err != nil {
		return err
	}
	op.Responses = make(map[int]*Response, len(responses.value))
	for status := range responses.value {
		code, err := strconv.Atoi(status)
		if err != nil {
			return fmt.Errorf("openapi: %s has the status %q", at.pointer, status)
		}
		n, err := d.in(responses, status)
		if err != nil {
			return err
		}
		if op.Responses[code], err = d.response(n); err != nil {
			return err
		}
	}
	return nil
}

func (d *Document) response(n node) (r *Response, err error) {
	r = &Response{Headers: map[string]Header{}}
	if r.Content, err = d.content(n); err != nil {
		return nil, err
	}
	headers, _ := n.value["headers"].(map[string]any)
	for name := range headers {
		at, err := d.in(n, "headers", name)
		if err != nil {
			return nil, err
		}
		h := Header{}
		h.Required, _ = at.value["required"].(bool)
		schemaAt, err := d.in(at, "schema")
		if err != nil {
			return nil, err
		}
		if h.Schema, err = d.schema(schemaAt); err != nil {
			return nil, err
		}
		r.Headers[http.CanonicalHeaderKey(name)] = h
	}
	return r, nil
}

func (d *Document) content(n node) (map[string]*jsonschema.Schema, error) {
	types, _ := n.value["content"].(map[string]any)
	if types == nil {
		return nil, nil
	}
	content := make(map[string]*jsonschema.Schema, len(types))
	for media := range types {
		at, err := d.in(n, "content", media, "schema")
		if err != nil {
			return nil, err
		}
		if content[media], err = d.schema(at); err != nil {
			return nil, err
		}
	}
	return content, nil
}

func words(value any) []string {
	list, _ := value.([]any)
	out := make([]string, len(list))
	for i, w := range list {
		out[i], _ = w.(string)
	}
	return out
}
