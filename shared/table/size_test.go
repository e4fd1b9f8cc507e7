package table_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"rubrica/shared/table"
)

// bare is what a row without a document takes.
func bare(t testing.TB) int {
	t.Helper()
	n, err := table.Size(table.Row{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSizeOfDocuments(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]int{
		`{}`:                          0,
		` `[1:]:                       0,
		`{"ab":"cde"}`:                5,
		`{"ab":"é😀"}`:                 8,
		`{"ab":"\u00e9\ud83d\ude00"}`: 8,
		`{"\u0061b":"\n\"\\"}`:        5,
		`{"a":true,"b":null}`:         4,
		`{"a":1}`:                     1 + 2,
		`{"a":-12345.5e-3}`:           1 + 7,
		`{"a":[]}`:                    1 + 3,
		`{"a":{}}`:                    1 + 3,
		`{"a":["b",true]}`:            1 + 3 + 2 + 2,
		`{"a":{"b":"c","d":{}}}`:      1 + 3 + 3 + (1 + 3 + 1),
		"{ \"a\" :\n[ \"b\" , {\t\"c\":\r\"d\" } ] } ": 1 + 3 + 2 + (3 + 3 + 1),
		`{"a":{"_b":1,"pk":1}}`:                        1 + 3 + (2 + 2 + 1) + (2 + 2 + 1),
	} {
		if got, err := table.Size(table.Row{Doc: []byte(doc)}); err != nil || got-bare(t) != want {
			t.Errorf("%s: %d, want %d, error %v", doc, got-bare(t), want, err)
		}
	}
}

func TestSizeRefusesWhatIsNoDocument(t *testing.T) {
	t.Parallel()
	deep := func(n int) string { return strings.Repeat(`{"a":`, n-1) + `{}` + strings.Repeat(`}`, n-1) }
	if _, err := table.Size(table.Row{Doc: []byte(deep(32))}); err != nil {
		t.Errorf("32 levels: %v", err)
	}
	for _, doc := range []string{
		` {}`, `[]`, `1`, `null`, `"a"`, `{`, `{}{}`, `{} x`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a":1 "b":2}`, `{a:1}`, `{'a':1}`,
		`{"a":[1,]}`, `{"a":[1 2]}`, `{"a":[}`, `{"a":tru}`, `{"a":nul}`, `{"a":True}`, `{"a":01}`, `{"a":-}`, `{"a":1.}`, `{"a":.5}`,
		`{"a":1e}`, `{"a":1e+}`, `{"a":+1}`, `{"a":0x1}`, `{"a":1_0}`, `{"a":NaN}`, `{"a":"`, `{"a":"b`, `{"a":"\`, `{"a":"\"`, `{"a":"\x"}`,
		`{"a":"\u12"}`, `{"a":"\ud800"}`, `{"a":"\udc00\ud800"}`, "{\"a\":\"\n\"}", "{\"a\":\"\x00\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\xed\xa0\x80\"}",
		"{\"\xff\":1}", "{\"a\":\u00a01}", `{"_a":1}`, `{"pk":1}`, `{"sk":1}`, `{"a":1,"_rev":2}`, `{"\u005frev":1}`, `{"\u0070k":1}`,
		deep(33), strings.Repeat(`{"a":[`, 20), `{"a":` + strings.Repeat(`[`, 100_000),
	} {
		if n, err := table.Size(table.Row{Doc: []byte(doc)}); err == nil {
			t.Errorf("%.40s: size %d, want an error", doc, n)
		}
	}
}

// The walk by hand and the library agree on what JSON is and how long it is.
func TestSizeAgreesWithTheLibrary(t *testing.T) {
	t.Parallel()
	text := rapid.StringOf(rapid.RuneFrom([]rune{'a', 'b', '_', '"', '\\', '\n', ' ', 'é', '漢', '😀', '\u2028', '{', ']', ','}))
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		kinds := []*rapid.Generator[any]{
			text.AsAny(), rapid.Int64Range(-1<<53, 1<<53).AsAny(), rapid.Float64Range(-1e9, 1e9).AsAny(), rapid.Bool().AsAny(), rapid.Just[any](nil),
		}
		if depth > 0 {
			kinds = append(kinds, rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[any] { return value(depth - 1) }), 0, 4).AsAny(),
				rapid.MapOfN(text, rapid.Deferred(func() *rapid.Generator[any] { return value(depth - 1) }), 0, 4).AsAny())
		}
		return rapid.OneOf(kinds...)
	}
	rapid.Check(t, func(rt *rapid.T) {
		doc, err := json.Marshal(rapid.MapOfN(text, value(3), 0, 5).Draw(rt, "document"))
		if err != nil {
			rt.Fatal(err)
		}
		switch rapid.IntRange(0, 3).Draw(rt, "form") {
		case 1:
			if err := (*jsontext.Value)(&doc).Indent(); err != nil {
				rt.Fatal(err)
			}
		case 2: // another byte somewhere, mostly not JSON then
			doc[rapid.IntRange(0, len(doc)-1).Draw(rt, "at")] = rapid.SampledFrom([]byte("{}[]\",:\\01e-+.tn \x00\x80\xff")).Draw(rt, "byte")
		case 3:
			doc = doc[:rapid.IntRange(1, len(doc)).Draw(rt, "cut")]
		}
		got, err := table.Size(table.Row{Doc: doc})
		want, wantErr := sizeByLibrary(doc)
		if (err == nil) != (wantErr == nil) || err == nil && got-bare(t) != want {
			rt.Fatalf("%s: %d, error %v; the library says %d, error %v", doc, got-bare(t), err, want, wantErr)
		}
	})
}

func sizeByLibrary(doc []byte) (n int, err error) {
	if doc[0] != '{' {
		return 0, errors.New("no object")
	}
	d := jsontext.NewDecoder(bytes.NewReader(doc), jsontext.AllowDuplicateNames(true))
	for values := 0; ; {
		tok, err := d.ReadToken()
		if errors.Is(err, io.EOF) && values == 1 {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
		depth := d.StackDepth()
		if depth == 0 {
			values++
		}
		kind, count := d.StackIndex(depth)
		name := kind == '{' && count%2 == 1
		switch tok.Kind() {
		case '}', ']':
			continue
		case '"':
			if s := tok.String(); name && depth == 1 && (strings.HasPrefix(s, "_") || s == "pk" || s == "sk") {
				return 0, fmt.Errorf("member %q", s)
			}
			n += len(tok.String())
		case '0':
			n += len(tok.String())/2 + 2
		case '{', '[':
			if depth == 1 {
				continue // the document
			}
			if n += 3; depth > 2 {
				n++
			}
			continue
		default:
			n++
		}
		if depth > 1 && !name {
			n++
		}
	}
}

func BenchmarkSize(b *testing.B) {
	row := table.Row{Doc: fmt.Appendf(nil, `{"firstName":"Ada","lastName":"Lovelace","phone":"+4915112345678","tags":["a","b"],"fields":{"a":1,"b":2.5,"c":"x"},"notes":%q}`,
		strings.Repeat("lorem ipsum ", 25))}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := table.Size(row); err != nil {
			b.Fatal(err)
		}
	}
}
