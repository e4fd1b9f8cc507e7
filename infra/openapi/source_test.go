package openapi_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// source is the code under shared, without tests, by import path.
type source map[string][]*ast.File

func parseSource(t testing.TB) source {
	t.Helper()
	s := source{}
	root := filepath.Join("..", "..", "shared")
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		at := path.Join("rubrica/shared", filepath.ToSlash(folder))
		s[at] = append(s[at], parsed)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// served is the code that the endpoints are made of: what package api imports,
// directly or not.
func (s source) served() source {
	reached := source{}
	var reach func(pkg string)
	reach = func(pkg string) {
		if s[pkg] == nil || reached[pkg] != nil {
			return
		}
		reached[pkg] = s[pkg]
		for _, file := range s[pkg] {
			for _, spec := range file.Imports {
				imported, _ := literal(spec.Path)
				reach(imported)
			}
		}
	}
	reach("rubrica/shared/api")
	return reached
}

// constants are the values of a package's constants of a named string type.
func constants(t testing.TB, pkg, typeName string) (values []string) {
	t.Helper()
	for _, file := range parseSource(t)[pkg] {
		eachConstant(file, func(_ string, typ ast.Expr, value string) {
			if id, ok := typ.(*ast.Ident); ok && id.Name == typeName {
				values = append(values, value)
			}
		})
	}
	if len(values) == 0 {
		t.Fatalf("%s has no constants of type %s", pkg, typeName)
	}
	return values
}

func eachConstant(file *ast.File, do func(name string, typ ast.Expr, value string)) {
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			v := spec.(*ast.ValueSpec)
			for i, name := range v.Names {
				if i < len(v.Values) {
					if s, ok := literal(v.Values[i]); ok {
						do(name.Name, v.Type, s)
					}
				}
			}
		}
	}
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// resolver knows the string constants of a file: its package's by name, those
// of packages that it imports by package and name.
type resolver map[string]string

func (s source) resolver(pkg string, file *ast.File) resolver {
	r := resolver{}
	add := func(prefix, pkg string) {
		for _, f := range s[pkg] {
			eachConstant(f, func(name string, _ ast.Expr, value string) { r[prefix+name] = value })
		}
	}
	add("", pkg)
	for _, spec := range file.Imports {
		imported, _ := literal(spec.Path)
		prefix := path.Base(imported)
		if spec.Name != nil {
			prefix = spec.Name.Name
		}
		add(prefix+".", imported)
	}
	return r
}

// value is the string that an expression is, if it is one that does not vary.
func (r resolver) value(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return literal(e)
	case *ast.Ident:
		v, ok := r[e.Name]
		return v, ok
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			v, ok := r[x.Name+"."+e.Sel.Name]
			return v, ok
		}
	}
	return "", false
}
