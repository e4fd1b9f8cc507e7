package tabletest

import (
	"fmt"
	"strings"
	"testing"

	"rubrica/shared/table"
)

var documentSamples = map[string]string{
	"Empty":              `{}`,
	"EmptyString":        `{"a":""}`,
	"EmptyArray":         `{"a":[]}`,
	"EmptyObject":        `{"a":{}}`,
	"Null":               `{"a":null,"b":[null,{"c":null}]}`,
	"Booleans":           `{"a":true,"b":false,"c":[true,false]}`,
	"Nested":             `{"a":{"b":[{"c":[[],[1,[2,{"d":{}}]]]},"e"]},"f":[{"g":1},{"g":2}]}`,
	"MixedArray":         `{"a":[1,"1",true,null,{},[],1.5,""]}`,
	"Zero":               `{"a":0}`,
	"SmallIntegers":      `{"a":1,"b":-1,"c":42,"d":-1000000}`,
	"LargestInteger":     `{"a":9007199254740992,"b":9007199254740991}`,
	"SmallestInteger":    `{"a":-9007199254740992,"b":-9007199254740991}`,
	"Decimals":           `{"a":0.1,"b":-0.25,"c":1.5,"d":123456.789,"e":0.000001}`,
	"Exponents":          `{"a":1e3,"b":1.5e-3,"c":2E+2}`,
	"Unicode":            `{"a":"Ünïcödé ß ı İ ﬁ 漢字 عربى ไทย"}`,
	"Emoji":              `{"a":"😀👩‍👩‍👧‍👦🇩🇪👍🏽"}`,
	"RightToLeft":        "{\"a\":\"\u202eabc\u202c \u200f\u2067x\u2069\"}",
	"Combining":          "{\"a\":\"e\u0301 is not \u00e9\"}",
	"ControlCharacters":  `{"a":"\u0001\b\t\n\f\r\u001f\u007f\u0085\u2028\u2029"}`,
	"EscapedCharacters":  `{"a":"\"\\\/ \u00e9 \ud83d\ude00"}`,
	"Noncharacters":      "{\"a\":\"\ufffe\uffff\ufffd\U0010ffff\"}",
	"MarkupAndInjection": `{"a":"<script>'; DROP TABLE x; -- ${a} #{b} {{c}} %s :v0 #n0"}`,
	"OddNames":           `{"a b":1,"ä":2,"😀":3,"a.b":4,"a[0]":5,"#a":6,":a":7,"$a":8,"-":9,"size":10,"name":11,"n":{"_x":12,"pk":13,"sk":14}}`,
	"TypeNames":          `{"S":"s","N":1,"M":{"M":{"L":[]}},"L":[{"S":"x"}],"BOOL":true,"NULL":null,"SS":["a"],"B":"YQ=="}`,
	"NumberLikeStrings":  `{"a":"1","b":"-0","c":"1e3","d":"true","e":"null"}`,
	"WhiteSpace":         "{\"a\" : 1 ,\n\t\"b\" : [ 1 , 2 ] }",
	"ManyMembers":        manyMembers(300),
	"DeepNesting":        strings.Repeat(`{"a":[`, 14) + `1` + strings.Repeat(`]}`, 14),
	"LongString":         `{"a":"` + strings.Repeat("0123456789", 2_000) + `"}`,
}

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"member%d":%d`, i, i)
	}
	return "{" + b.String()[1:] + "}"
}

func exerciseDocuments(t *testing.T, open func(*testing.T) Opened) {
	shared := open(t)

	for name, doc := range documentSamples {
		t.Run("RoundTripOf"+name, func(t *testing.T) {
			t.Parallel()
			roundTrip(t, newSpace(t, shared.Driver), doc)
		})
	}

	t.Run("RoundTripOfNUL", func(t *testing.T) {
		t.Parallel()
		lacking(t, "U+0000 in the strings of documents", shared.Lacks.NUL)
		roundTrip(t, newSpace(t, shared.Driver), `{"a":"b\u0000c","d":["\u0000"],"e\u0000":1}`)
	})

	t.Run("RoundTripOfTheRowsOwnMembers", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		row := s.doc("a", `{"a":1}`)
		row.Schema, row.Out = 12, "audit,reindex"
		put := []table.Action{table.Put(row)}
		s.mustWrite(t, put...)
		row.Rev = put[0].Row.Rev
		mustEqualRow(t, s.mustGet(t, row.Key), row)
	})

	t.Run("ARowMayHaveNoDocument", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		s.mustWrite(t, table.Put(s.doc("a", "")))
		if got := s.mustGet(t, s.key("a")); !got.Exists() || len(got.Doc) != 0 {
			t.Errorf("row %+v, want one without a document", got)
		}
	})

	t.Run("AReadersRowIsItsOwn", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		doc := `{"a":"0123456789"}`
		given := []byte(doc)
		s.mustWrite(t, table.Put(table.Row{Key: s.key("a"), Doc: given}), table.Put(s.doc("b", doc)))
		clear(given) // the driver has its own copy
		page, err := s.Query(s.ctx, table.Range{Of: s.key("a").Partition(), Limit: 2})
		if err != nil || len(page.Rows) != 2 {
			t.Fatalf("page %+v, error %v", page, err)
		}
		first := page.Rows[0]
		key, rev := first.Key, strings.Clone(string(first.Rev))
		_ = append(first.Doc, "and more than there is room for"...)
		mustEqualJSON(t, page.Rows[1].Doc, doc)
		clear(first.Doc)
		mustEqualJSON(t, page.Rows[1].Doc, doc)
		if first.Key != key || string(first.Rev) != rev {
			t.Error("changing a row's document changed its key or revision")
		}
		mustEqualJSON(t, s.mustGet(t, s.key("a")).Doc, doc)
	})
}

// roundTrip writes a document in every way and reads it in every way.
func roundTrip(t *testing.T, s *space, doc string) {
	t.Helper()
	s.mustWrite(t, table.Put(s.doc("alone", doc)))
	s.mustWrite(t, table.Put(s.doc("together", doc)), table.Put(s.doc("other", `{}`)))
	s.mustBatch(t, []table.Row{s.doc("batch", doc)})
	page, err := s.Query(s.ctx, table.Range{Of: s.key("x").Partition(), Limit: 10})
	if err != nil || len(page.Rows) != 4 {
		t.Fatalf("%d rows, error %v", len(page.Rows), err)
	}
	for _, row := range page.Rows {
		if row.Key.SK() != "other" {
			mustEqualJSON(t, row.Doc, doc)
			mustEqualRow(t, s.mustGet(t, row.Key), row)
		}
	}
	failed := s.mustFail(t, []int{0}, table.Put(s.doc("alone", `{}`), table.Absent()))
	mustEqualJSON(t, failed.Failed[0].Row.Doc, doc)
}
