package object_test

import (
	"bytes"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rubrica/shared/object"
	"rubrica/shared/object/objecttest"
)

type everything struct {
	Text   string                    `json:"text"`
	Maybe  string                    `json:"maybe,omitzero"`
	Number int64                     `json:"number"`
	Flag   bool                      `json:"flag"`
	Often  bool                      `json:"often,omitzero"`
	Texts  []string                  `json:"texts"`
	Some   []string                  `json:"some,omitempty"`
	Map    map[string]string         `json:"map"`
	Raw    map[string]jsontext.Value `json:"raw,omitempty"`
}

func (e *everything) encode() []byte {
	var w object.Writer
	w.Open()
	w.Text("text", e.Text)
	w.TextUnlessEmpty("maybe", e.Maybe)
	w.Int("number", e.Number)
	w.Bool("flag", e.Flag)
	w.TrueUnlessFalse("often", e.Often)
	w.Texts("texts", e.Texts)
	w.TextsUnlessEmpty("some", e.Some)
	object.Map(&w, "map", e.Map, object.AppendText)
	object.MapUnlessEmpty(&w, "raw", e.Raw, object.AppendRaw[jsontext.Value])
	w.Close()
	return w.Bytes
}

func TestWriterWritesWhatReflectionWould(t *testing.T) {
	t.Parallel()
	objecttest.Encodes(t, (*everything).encode)
}

func TestTextIsEscapedAsByTheEncoder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		want, err := json.Marshal(s)
		if err != nil {
			t.Skip("no UTF-8")
		}
		got := object.AppendText(nil, s)
		if !bytes.Equal(want, got) {
			t.Fatalf("got %s, want %s", got, want)
		}
		if back, err := object.Text(string(got)); err != nil || back != s {
			t.Fatalf("got back %q, error %v", back, err)
		}
	})
}

func TestReaderFindsWhatTheDecoderFinds(t *testing.T) {
	t.Parallel()
	value := rapid.Deferred(func() *rapid.Generator[any] {
		text := rapid.String().AsAny()
		return rapid.OneOf(text, rapid.Float64Range(-1e9, 1e9).AsAny(), rapid.Bool().AsAny(), rapid.Just(any(nil)),
			rapid.SliceOfN(text, 0, 3).AsAny(), rapid.MapOfN(rapid.String(), text, 0, 3).AsAny())
	})
	rapid.Check(t, func(t *rapid.T) {
		var options []json.Options
		if rapid.Bool().Draw(t, "spaces") {
			options = append(options, jsontext.Multiline(true))
		}
		doc, err := json.Marshal(rapid.MapOfN(rapid.String(), value, 0, 5).Draw(t, "object"), options...)
		if err != nil {
			t.Skip("no UTF-8")
		}
		var want map[string]any
		if err := json.Unmarshal(doc, &want); err != nil {
			t.Fatal(err)
		}
		got := map[string]any{}
		r := object.Members(string(doc))
		for r.Next() {
			var v any
			if err := json.Unmarshal([]byte(r.Value), &v); err != nil {
				t.Fatalf("%q of %s: %v", r.Value, doc, err)
			}
			got[r.Name] = v
		}
		if r.Err() != nil {
			t.Fatalf("%s: %v", doc, r.Err())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestWhatIsNoObjectIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, ` `, `1`, `[]`, `"a"`, `{`, `{"a`, `{"a"`, `{"a":`, `{"a":1`, `{"a":"b`, `{"a":"b\"`, `{"a":{"b":1}`, `{"a":["]"`,
		`{"a":1 "b":2}`, `{,}`, `{1:2}`, `{"a":1}}`, `{"a":1} x`, `{"a":}`, `{"\x":1}`,
	} {
		r := object.Members(text)
		for r.Next() {
		}
		if r.Err() == nil {
			t.Errorf("%q was read", text)
		}
		if r.Next() {
			t.Errorf("%q goes on after the error", text)
		}
	}
}

func TestBool(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{"true": true, "false": false} {
		if got, err := object.Bool(value); err != nil || got != want {
			t.Errorf("%s is %t, error %v", value, got, err)
		}
	}
	for _, value := range []string{"", "1", "null", `"true"`, "True"} {
		if _, err := object.Bool(value); err == nil {
			t.Errorf("%q is a truth value", value)
		}
	}
}

func FuzzMembers(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":[1,{"b":"\u00e9"}],"c":null}`, `{"a":"\\"}`, `{"a" : true , "":-1e5}`, `{"\\\"":{}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := object.Members(text)
		n := 0
		for r.Next() {
			n++
		}
		var members map[string]jsontext.Value
		if json.Unmarshal([]byte(text), &members) == nil && members != nil && (r.Err() != nil || n != len(members)) {
			t.Errorf("%d members of %d, error %v", n, len(members), r.Err())
		}
	})
}
