package dynamo_test

import (
	"bytes"
	"strconv"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rubrica/shared/table"
)

// oneRow is an engine that keeps the last item it was given.
func oneRow() *engine {
	var kept string
	return &engine{script: []func(request) answer{func(r request) answer {
		if r.op == "PutItem" {
			b, err := json.Marshal(r.body["Item"])
			if err != nil {
				panic(err)
			}
			kept = string(b)
			return ok(`{}`)
		}
		return ok(`{"Item":` + kept + `}`)
	}}}
}

func TestRowAsItem(t *testing.T) {
	t.Parallel()
	ctx, ws := workspace(t, "acme")
	key := table.In(ws, "contacts", "a/b").Row("1")
	for name, tc := range map[string]struct {
		row  table.Row
		want string // but for _rev
	}{
		"Bare":          {table.Row{}, `{}`},
		"EmptyDocument": {table.Row{Doc: []byte(`{}`)}, `{"_empty":{"BOOL":true}}`},
		"OwnMembers": {
			table.Row{Schema: 3, Expires: time.Unix(1900000000, 0), Out: "audit,reindex", Count: -7},
			`{"_schema":{"N":"3"},"_expires":{"N":"1900000000"},"_out":{"S":"audit,reindex"},"_count":{"N":"-7"}}`,
		},
		"Scalars": {
			table.Row{Doc: []byte(`{"s":"è \u2028\n","e":"","t":true,"f":false,"z":null}`)},
			`{"s":{"S":"è \u2028\n"},"e":{"S":""},"t":{"BOOL":true},"f":{"BOOL":false},"z":{"NULL":true}}`,
		},
		"NumbersKeepTheirText": {
			table.Row{Doc: []byte(`{"a":0,"b":-12,"c":9007199254740992,"d":12.50,"e":0.5,"f":1e3}`)},
			`{"a":{"N":"0"},"b":{"N":"-12"},"c":{"N":"9007199254740992"},"d":{"N":"12.50"},"e":{"N":"0.5"},"f":{"N":"1e3"}}`,
		},
		"Nested": {
			table.Row{Doc: []byte(`{"m":{"pk":"1","_x":{}},"l":[1,[],{"a":null}]}`)},
			`{"m":{"M":{"pk":{"S":"1"},"_x":{"M":{}}}},"l":{"L":[{"N":"1"},{"L":[]},{"M":{"a":{"NULL":true}}}]}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := oneRow()
			tc.row.Key = key
			if err := over(e).Write(ctx, table.Put(tc.row)); err != nil {
				t.Fatal(err)
			}
			got := e.requests[0].body["Item"].(map[string]any)
			if rev, _ := at(got, "_rev", "S").(string); rev == "" {
				t.Errorf("no revision in %v", got)
			}
			delete(got, "_rev")
			want := decoded(t, []byte(tc.want)).(map[string]any)
			want["pk"], want["sk"] = map[string]any{"S": "acme/contacts/a%2Fb"}, map[string]any{"S": "1"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			row, err := over(e).GetOne(ctx, key)
			if err != nil {
				t.Fatal(err)
			}
			if tc.row.Doc != nil && canonical(t, row.Doc) != canonical(t, tc.row.Doc) || tc.row.Doc == nil && row.Doc != nil {
				t.Errorf("came back as %s", row.Doc)
			}
			if row.Key != key || row.Schema != tc.row.Schema || !row.Expires.Equal(tc.row.Expires) || row.Out != tc.row.Out || row.Count != tc.row.Count {
				t.Errorf("came back as %+v", row)
			}
		})
	}
}

func TestDuplicateMembersAreRefused(t *testing.T) {
	t.Parallel()
	ctx, ws := workspace(t, "acme")
	for _, doc := range []string{`{"a":1,"a":2}`, `{"m":{"a":1,"a":2}}`} {
		e := says(ok(`{}`))
		if err := over(e).Write(ctx, table.Put(table.Row{Key: table.In(ws, "x").Row("1"), Doc: []byte(doc)})); err == nil || len(e.requests) > 0 {
			t.Errorf("%s: err = %v, sent %v", doc, err, e.ops())
		}
	}
}

func TestItemsThatAreNoRowsAreRefused(t *testing.T) {
	t.Parallel()
	ctx, ws := workspace(t, "acme")
	for name, more := range map[string]string{
		"Set":            `,"a":{"SS":["x"]}`,
		"Binary":         `,"a":{"M":{"b":{"B":"eA=="}}}`,
		"NumberOfNoJSON": `,"a":{"N":"+.5"}`,
		"TextAsExpiry":   `,"_expires":{"S":"tomorrow"}`,
		"FractionCount":  `,"_count":{"N":"0.5"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := says(ok(`{"Item":` + storedItem("r", more) + `}`))
			if row, err := over(e).GetOne(ctx, table.In(ws, "contacts").Row("1")); err == nil || len(e.requests) != 1 {
				t.Errorf("row = %+v after %d requests", row, len(e.requests))
			}
		})
	}
}

func TestDocumentsComeBack(t *testing.T) {
	t.Parallel()
	ctx, ws := workspace(t, "acme")
	key := table.In(ws, "contacts").Row("1")
	rapid.Check(t, func(rt *rapid.T) {
		doc := []byte(object(rt, 0))
		e := oneRow()
		if err := over(e).Write(ctx, table.Put(table.Row{Key: key, Doc: doc})); err != nil {
			rt.Fatal(err)
		}
		row, err := over(e).GetOne(ctx, key)
		if err != nil {
			rt.Fatal(err)
		}
		if got, want := canonical(rt, row.Doc), canonical(rt, doc); got != want {
			rt.Fatalf("got  %s\nwant %s", got, want)
		}
	})
}

func object(rt *rapid.T, depth int) string {
	members := rapid.MapOfN(rapid.StringMatching(`[a-zè"\\][^_]{0,5}`), rapid.Custom(func(rt *rapid.T) string { return value(rt, depth+1) }), 0, 5).Draw(rt, "object")
	b := []byte{'{'}
	for name, v := range members {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b, _ = jsontext.AppendQuote(b, name+"x")
		b = append(append(b, ':'), v...)
	}
	return string(append(b, '}'))
}

func value(rt *rapid.T, depth int) string {
	kinds := []string{"string", "number", "literal", "object", "array"}
	if depth > 3 {
		kinds = kinds[:3]
	}
	switch rapid.SampledFrom(kinds).Draw(rt, "kind") {
	case "string":
		b, _ := jsontext.AppendQuote(nil, rapid.String().Draw(rt, "string"))
		return string(b)
	case "number":
		return strconv.FormatInt(rapid.Int64Range(-1<<53, 1<<53).Draw(rt, "number"), 10) + rapid.SampledFrom([]string{"", ".25", ".0"}).Draw(rt, "fraction")
	case "literal":
		return rapid.SampledFrom([]string{"true", "false", "null"}).Draw(rt, "literal")
	case "object":
		return object(rt, depth)
	default:
		b := []byte{'['}
		for i, n := 0, rapid.IntRange(0, 4).Draw(rt, "length"); i < n; i++ {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, value(rt, depth+1)...)
		}
		return string(append(b, ']'))
	}
}

type failer interface {
	Helper()
	Fatal(...any)
}

// canonical sorts members and keeps the text of numbers.
func canonical(t failer, doc []byte) string {
	t.Helper()
	var b bytes.Buffer
	e := jsontext.NewEncoder(&b, jsontext.ReorderRawObjects(true), jsontext.CanonicalizeRawFloats(false), jsontext.CanonicalizeRawInts(false))
	if err := e.WriteValue(doc); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func decoded(t failer, doc []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(doc, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
