package field

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/body"
	"rubrica/shared/format"
	"rubrica/shared/problem"
)

// choice checks the value of a list: one of its options, to the letter.
func (d *Definition) choice(s string) (string, error) {
	s, err := format.Line(s, maxOption)
	if err != nil || !slices.Contains(d.Options, s) {
		return "", &format.Error{Code: codeOption, Detail: "Must be one of the options: " + d.someOptions() + "."}
	}
	return s, nil
}

// choices checks the value of a multilist: each option once, in the order of the
// options, whatever order they came in.
func (d *Definition) choices(path string, v jsontext.Value) (jsontext.Value, []problem.Field) {
	if v.Kind() != '[' {
		return refused(path, body.CodeType, d.right())
	}
	elements := body.Elements(v)
	if len(elements) > MaxOptions {
		return refused(path, body.CodeTooMany, "Must be each option once at most: "+d.someOptions()+".")
	}
	chosen := make(map[string]bool, len(elements))
	var wrong []problem.Field
	for i, e := range elements {
		s, ok := body.Text(e)
		if !ok {
			wrong = append(wrong, problem.Field{Field: body.Index(path, i), Code: body.CodeType, Detail: "Must be a string."})
			continue
		}
		s, err := d.choice(strings.TrimSpace(s))
		if err != nil {
			wrong = append(wrong, problem.Field{Field: body.Index(path, i), Code: codeOption, Detail: err.(*format.Error).Detail})
			continue
		}
		chosen[s] = true
	}
	if len(wrong) > 0 || len(chosen) == 0 {
		return nil, wrong
	}
	return kept(slices.DeleteFunc(slices.Clone(d.Options), func(o string) bool { return !chosen[o] })), nil
}

// someOptions lists the options, as many as fit into a sentence: a body can have
// hundreds of wrong choices, each of which is told with them.
func (d *Definition) someOptions() string {
	const most = 300 // bytes
	n, bytes := 0, 0
	for ; n < len(d.Options); n++ {
		if bytes += len(d.Options[n]) + len(", "); bytes > most && n > 0 {
			break
		}
	}
	list := strings.Join(d.Options[:n], ", ")
	if n < len(d.Options) {
		list += ", …"
	}
	return list
}
