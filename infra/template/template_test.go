// Package template holds template.yaml to the code: routes to endpoints, queues
// and event sources to consumers, settings to what functions read, policies to
// the calls that functions are seen to make.
package template_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// template is template.yaml, with CloudFormation's short forms written out:
// !Ref X is {"Ref": "X"}, !GetAtt X.Y is {"Fn::GetAtt": "X.Y"}.
type template struct{ root map[string]any }

func read(t *testing.T) template {
	t.Helper()
	source, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseBytes(source, 0)
	if err != nil {
		t.Fatal(err)
	}
	root, err := value(file.Docs[0].Body)
	if err != nil {
		t.Fatal(err)
	}
	return template{root.(map[string]any)}
}

// value turns a node into maps, slices and scalars.
func value(node ast.Node) (any, error) {
	switch n := node.(type) {
	case *ast.TagNode:
		v, err := value(n.Value)
		name := strings.TrimPrefix(n.Start.Value, "!")
		if name != "Ref" && name != "Condition" {
			name = "Fn::" + name
		}
		return map[string]any{name: v}, err
	case *ast.MappingNode:
		m := make(map[string]any, len(n.Values))
		for _, pair := range n.Values {
			key := pair.Key.GetToken().Value
			v, err := value(pair.Value)
			if err != nil {
				return nil, err
			}
			if _, twice := m[key]; twice {
				return nil, fmt.Errorf("line %d: %q twice", pair.Key.GetToken().Position.Line, key)
			}
			m[key] = v
		}
		return m, nil
	case *ast.MappingValueNode:
		v, err := value(n.Value)
		return map[string]any{n.Key.GetToken().Value: v}, err
	case *ast.SequenceNode:
		list := make([]any, len(n.Values))
		for i, node := range n.Values {
			var err error
			if list[i], err = value(node); err != nil {
				return nil, err
			}
		}
		return list, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case ast.ScalarNode:
		return n.GetValue(), nil
	default:
		return nil, fmt.Errorf("line %d: a %s", node.GetToken().Position.Line, node.Type())
	}
}

// at follows a path of names from a value; nil if it leads nowhere.
func at(v any, path ...string) any {
	for _, name := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

// text is at of something that is a text, or written like one.
func text(v any, path ...string) string {
	if v = at(v, path...); v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// number is at of something that is a number; -1 if it is none.
func number(v any, path ...string) int {
	switch n := at(v, path...).(type) {
	case uint64:
		return int(n)
	case int64:
		return int(n)
	case int:
		return n
	}
	return -1
}

// list is at of something that is a list, or one thing that stands for a list of it.
func list(v any, path ...string) []any {
	switch v := at(v, path...).(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// texts is list of texts.
func texts(v any, path ...string) []string {
	var all []string
	for _, x := range list(v, path...) {
		all = append(all, fmt.Sprint(x))
	}
	return all
}

// ref is the logical id that a Ref or GetAtt leads to, "" if it is neither.
func ref(v any) string {
	if id := text(v, "Ref"); id != "" {
		return id
	}
	id, _, _ := strings.Cut(text(v, "Fn::GetAtt"), ".")
	return id
}

// resources are the resources of a type, by logical id.
func (t template) resources(kind string) map[string]map[string]any {
	found := map[string]map[string]any{}
	for id, r := range at(t.root, "Resources").(map[string]any) {
		if text(r, "Type") == kind {
			found[id] = r.(map[string]any)
		}
	}
	return found
}

// functions are the properties of functions by their folder's name, with those
// of Globals where they have none of their own.
func (t template) functions(tt *testing.T) map[string]map[string]any {
	tt.Helper()
	found := map[string]map[string]any{}
	globals := at(t.root, "Globals", "Function").(map[string]any)
	for id, r := range t.resources("AWS::Serverless::Function") {
		properties := map[string]any{"LogicalId": id}
		for _, from := range []map[string]any{globals, r["Properties"].(map[string]any)} {
			for name, v := range from {
				properties[name] = v
			}
		}
		folder := strings.TrimPrefix(text(properties, "CodeUri"), "functions/")
		if found[folder] != nil {
			tt.Errorf("two functions are built from %s", folder)
		}
		found[folder] = properties
	}
	return found
}

// folderOf is the folder of the function with a logical id.
func (t template) folderOf(tt *testing.T, id string) string {
	tt.Helper()
	for folder, f := range t.functions(tt) {
		if text(f, "LogicalId") == id {
			return folder
		}
	}
	tt.Errorf("no function %q", id)
	return ""
}

func TestEveryFolderIsAFunction(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("../../functions")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, e := range entries {
		folders = append(folders, e.Name())
	}
	functions := read(t).functions(t)
	for folder, f := range functions {
		if !slices.Contains(folders, folder) {
			t.Errorf("there is no functions/%s", folder)
		}
		if got, want := text(f, "FunctionName", "Fn::Sub"), "${AWS::StackName}-"+folder; got != want {
			t.Errorf("%s is called %q, want %q", folder, got, want)
		}
	}
	if len(functions) != len(folders) {
		t.Errorf("%d functions, %d folders", len(functions), len(folders))
	}
	for id, r := range read(t).resources("AWS::Serverless::Function") {
		if text(r, "Metadata", "BuildMethod") != "go1.x" {
			t.Errorf("%s is not built as Go", id)
		}
	}
}
