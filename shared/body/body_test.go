package body_test

import (
	"strings"
	"testing"

	"rubrica/shared/body"
	"rubrica/shared/problem"
)

func TestABodyThatNoClientShouldSendIsRefused(t *testing.T) {
	t.Parallel()
	deep := func(n int) string { return `{"a":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + `}` }
	for name, c := range map[string]struct{ raw, field, code string }{
		"empty":                     {"", "", body.CodeMalformed},
		"only space":                {" \n", "", body.CodeMalformed},
		"an array":                  {`[{"a":1}]`, "", body.CodeType},
		"a string":                  {`"a"`, "", body.CodeType},
		"null":                      {`null`, "", body.CodeType},
		"cut short":                 {`{"a":1`, "", body.CodeMalformed},
		"trailing data":             {`{"a":1}{}`, "", body.CodeMalformed},
		"trailing text":             {`{"a":1} x`, "", body.CodeMalformed},
		"a byte order mark":         {"\uFEFF{}", "", body.CodeMalformed},
		"bad UTF-8":                 {"{\"a\":\"\xff\"}", "", body.CodeUTF8},
		"half a surrogate pair":     {`{"a":"\ud800"}`, "a", body.CodeMalformed},
		"a member twice":            {`{"a":1,"a":2}`, "a", body.CodeDuplicate},
		"a member twice, escaped":   {`{"a":1,"\u0061":2}`, "a", body.CodeDuplicate},
		"a member twice, deeper":    {`{"a":[{"b":1,"b":2}]}`, "a[0].b", body.CodeDuplicate},
		"a number beyond a double":  {`{"a":{"b":1e400}}`, "a.b", body.CodeRange},
		"a negative one beyond one": {`{"a":-1e999}`, "a", body.CodeRange},
		"33 levels":                 {deep(33), "", body.CodeDepth},
		"a comment":                 {`{"a":1/*x*/}`, "", body.CodeMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := body.Parse([]byte(c.raw))
			p := problem.Of(err)
			if p.Kind != problem.Validation || len(p.Fields) != 1 {
				t.Fatalf("got %v", err)
			}
			got := p.Fields[0]
			if got.Code != c.code || c.field != "" && got.Field != c.field {
				t.Errorf("got %s at %q, want %s at %q", got.Code, got.Field, c.code, c.field)
			}
		})
	}
	if _, err := body.Parse([]byte(deep(32))); err != nil {
		t.Errorf("32 levels are fine, got %v", err)
	}
}

func TestMembersAreHandedOutAsTheyStand(t *testing.T) {
	t.Parallel()
	f, err := body.Parse([]byte(" { \"a\" : \"x\\ny\" , \"b\":[1, {\"c\" : null}],\"d\":{},\n\"e\":-1.5e3 , \"\" : true } "))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range f.Members() {
		got = append(got, m.Name+"="+string(m.Value))
	}
	want := `a="x\ny"|b=[1, {"c" : null}]|d={}|e=-1.5e3|=true`
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got %s\nwant %s", s, want)
	}
	if err := f.Err(); err != nil {
		t.Errorf("nothing is wrong, got %v", err)
	}
}

func TestEverythingWrongIsToldAtOnce(t *testing.T) {
	t.Parallel()
	f, err := body.Parse([]byte(`{"name":3,"role":"king","n":1.5,"list":["a",2,"b"],"inner":{"x":1},"more":1,"flag":"no"}`))
	if err != nil {
		t.Fatal(err)
	}
	f.Text("name", 10)
	f.Choice("role", "owner", "agent")
	f.Int("n", 0, 9)
	f.Strings("list", 5, func(path, value string) {
		if value != "a" {
			f.Refuse(path, body.CodeInvalid, "Must be an a.")
		}
	})
	f.Bool("flag")
	f.Object("inner").Close()
	f.Require("missing", f.Has("missing"))
	want := "name wrong_type|role invalid_choice|n wrong_type|list[1] wrong_type|list[2] invalid_value|flag wrong_type|inner.x unknown_member|missing required|more unknown_member"
	var got []string
	for _, e := range problem.Of(f.Err()).Fields {
		got = append(got, e.Field+" "+e.Code)
	}
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":[1,2,{"b":"\u00e9"}]}`, `{"a":1e308,"b":null}`, "{\"a\":\"\xff\"}", `[`, `{"":""}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		form, err := body.Parse(raw)
		if err != nil {
			if problem.Of(err).Kind != problem.Validation {
				t.Fatalf("an internal error: %v", err)
			}
			return
		}
		for _, m := range form.Members() {
			if !m.Value.IsValid() {
				t.Fatalf("member %q: %q is no JSON value", m.Name, m.Value)
			}
		}
	})
}
