package openapi_test

import (
	"go/ast"
	"strings"
	"testing"

	"rubrica/shared/problem"
)

// elsewhere are codes that the API never answers: the operator's commands do.
var elsewhere = []string{"workspace_exists"}

// TestCodesAreTheClosedList reads the code behind the endpoints for the codes
// that it answers with, and holds the document's two lists to them.
func TestCodesAreTheClosedList(t *testing.T) {
	t.Parallel()
	s := parseSource(t).served()
	problems, fields := map[string]bool{}, map[string]bool{}
	for _, kind := range constants(t, "rubrica/shared/problem", "Kind") {
		if kind != string(problem.Conflict) { // a conflict says which
			problems[strings.ReplaceAll(kind, "-", "_")] = true
		}
	}
	for pkg, files := range s {
		for _, file := range files {
			collect(s.resolver(pkg, file), file, problems, fields)
		}
	}
	for _, code := range elsewhere {
		if !problems[code] {
			t.Errorf("%s is nowhere answered: take it out of elsewhere", code)
		}
		delete(problems, code)
	}
	same(t, "ProblemCode", "codes", enum(t, "ProblemCode"), keys(problems))
	same(t, "FieldErrorCode", "codes", enum(t, "FieldErrorCode"), keys(fields))
	for _, name := range []string{"ProblemCode", "FieldErrorCode"} {
		description := text(schemaOf(t, map[string]any{"$ref": "#/components/schemas/" + name}), "description")
		for _, code := range enum(t, name) {
			if !strings.Contains(description, "| `"+code+"` |") {
				t.Errorf("%s does not say what %s means", name, code)
			}
		}
	}
}

// codeAt is where functions that refuse something take the code.
var codeAt = map[string]int{"InvalidField": 1, "Refuse": 1, "RefuseQuery": 1}

// collect notes the codes in a file. What passes on the code of another error
// has no constant there and is skipped: its origin is found where it is made.
func collect(r resolver, file *ast.File, problems, fields map[string]bool) {
	note := func(into map[string]bool, e ast.Expr) {
		if code, ok := r.value(e); ok && code != "" {
			into[code] = true
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			switch name := called(n); {
			case name == "Conflicting":
				note(problems, n.Args[0])
			case codeAt[name] > 0 && len(n.Args) > codeAt[name]:
				note(fields, n.Args[codeAt[name]])
			case name == "refuse" || name == "refused": // several, each with its own order
				for _, arg := range n.Args {
					if isCode(r, arg) {
						note(fields, arg)
					}
				}
			}
		case *ast.CompositeLit:
			switch typeName(n.Type) {
			case "problem.Field", "Field":
				note(fields, element(n, "Code", 1))
			case "format.Error":
				note(fields, element(n, "Code", 0))
			case "Error":
				if file.Name.Name == "format" {
					note(fields, element(n, "Code", 0))
				}
			}
		case *ast.AssignStmt: // refused.Code = "…"
			if s, ok := n.Lhs[0].(*ast.SelectorExpr); ok && s.Sel.Name == "Code" && len(n.Rhs) == 1 {
				note(problems, n.Rhs[0])
			}
		}
		return true
	})
}

// isCode tells a code from a member's name and from a sentence.
func isCode(r resolver, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return strings.HasPrefix(e.Name, "code") || strings.HasPrefix(e.Name, "Code")
	case *ast.SelectorExpr:
		return strings.HasPrefix(e.Sel.Name, "Code")
	}
	s, ok := r.value(e)
	return ok && strings.Contains(s, "_") && !strings.Contains(s, " ")
}

// called is the name of the function or method that is called.
func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			return x.Name + "." + e.Sel.Name
		}
	}
	return ""
}

// element is a composite literal's element, by name or position; nil if it has
// none.
func element(c *ast.CompositeLit, name string, at int) ast.Expr {
	for i, e := range c.Elts {
		kv, named := e.(*ast.KeyValueExpr)
		switch {
		case !named && i == at:
			return e
		case named && typeName(kv.Key) == name:
			return kv.Value
		}
	}
	return nil
}
