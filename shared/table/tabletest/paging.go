package tabletest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rubrica/shared/table"
)

// sortKeySamples are in the order of their bytes, which is not that of any
// language, nor that of UTF-16.
var sortKeySamples = []string{
	"\x01", "\x01\x01", " ", "!", "-", "/", "0", "00", "1", "10", "9", "A", "AA", "Z", "_", "a", "a\x01", "a/", "a/b", "a/b/c", "a0",
	"aa", "ab", "b", "z", "~", "\x7f", "\u0080", "é", "ÿ", "Ā", "ا", "漢", "漢字", "\uffee", "\uffff", "😀", "😀a", "😁", "\U0010ffff",
}

func exercisePaging(t *testing.T, open func(*testing.T) Opened) {
	shared := open(t)

	t.Run("RowsAreInTheOrderOfTheirSortKeysBytes", func(t *testing.T) {
		t.Parallel()
		s := sampled(t, shared)
		of := s.key("x").Partition()
		if got := s.mustAll(t, table.Range{Of: of, Limit: 100}); !slices.Equal(got, sortKeySamples) {
			t.Errorf("ascending: %q", got)
		}
		got := s.mustAll(t, table.Range{Of: of, Limit: 100, Descending: true})
		slices.Reverse(got)
		if !slices.Equal(got, sortKeySamples) {
			t.Errorf("descending: %q", got)
		}
	})

	// Every range that can be asked, against a filter over the samples.
	t.Run("EveryRangeShowsWhatItSays", func(t *testing.T) {
		t.Parallel()
		s := sampled(t, shared)
		bound := rapid.OneOf(rapid.Just(""), rapid.SampledFrom(sortKeySamples),
			rapid.StringOfN(rapid.RuneFrom([]rune{'\x01', 'a', 'b', '/', 'é', '漢', '😀'}), 1, 3, -1))
		rapid.Check(t, func(rt *rapid.T) {
			r := table.Range{
				Of:         rapid.SampledFrom(s.forms()).Draw(rt, "of"),
				Limit:      rapid.SampledFrom([]int{1, 2, 7, len(sortKeySamples), 100}).Draw(rt, "limit"),
				Descending: rapid.Bool().Draw(rt, "descending"),
				After:      bound.Draw(rt, "after"),
			}
			if rapid.Bool().Draw(rt, "with prefix") {
				r.Prefix = bound.Draw(rt, "prefix")
			} else {
				r.From, r.To = bound.Draw(rt, "from"), bound.Draw(rt, "to")
			}
			want := slices.DeleteFunc(slices.Clone(sortKeySamples), func(sk string) bool {
				return !within(r, sk)
			})
			if r.Descending {
				slices.Reverse(want)
			}
			got := []string{}
			for {
				page, err := s.Query(s.ctx, r)
				if err != nil {
					rt.Fatal(err)
				}
				if len(page.Rows) > r.Limit {
					rt.Fatalf("a page of %d rows, limit %d", len(page.Rows), r.Limit)
				}
				got = append(got, sortKeys(page.Rows)...)
				if page.Next == "" {
					break
				}
				if len(page.Rows) == 0 {
					rt.Fatalf("an empty page in a partition where nothing expired goes on at %q", page.Next)
				}
				if page.Next != page.Rows[len(page.Rows)-1].Key.SK() {
					rt.Fatalf("a page that ends at %q goes on at %q", page.Rows[len(page.Rows)-1].Key.SK(), page.Next)
				}
				r.After = page.Next
			}
			if !slices.Equal(got, want) {
				rt.Fatalf("%q, want %q", got, want)
			}
		})
	})

	t.Run("APageThatHoldsAllIsTheLast", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		s.mustBatch(t, []table.Row{s.doc("a", `{}`), s.doc("b", `{}`), s.doc("c", `{}`)})
		of := s.key("x").Partition()
		for _, r := range []table.Range{
			{Of: of, Limit: 4},
			{Of: of, Limit: 4, Descending: true},
			{Of: of, Limit: 3, To: "b"},
			{Of: of, Limit: 2, Prefix: "c"},
			{Of: of, Limit: 1, After: "c"},
			{Of: of, Limit: 1, After: "a", Descending: true},
			{Of: of, Limit: 1, From: "b", To: "a"},
			{Of: table.In(s.ws, "nothing"), Limit: 1},
		} {
			page, err := s.Query(s.ctx, r)
			if err != nil || page.Next != "" {
				t.Errorf("%+v goes on at %q, error %v", r, page.Next, err)
			}
		}
		// One that is exactly full may say so or lead to an empty one.
		page, err := s.Query(s.ctx, table.Range{Of: of, Limit: 3})
		if err != nil || len(page.Rows) != 3 {
			t.Fatalf("%d rows, error %v", len(page.Rows), err)
		}
		if page.Next != "" {
			if page, err = s.Query(s.ctx, table.Range{Of: of, Limit: 3, After: page.Next}); err != nil || len(page.Rows) != 0 || page.Next != "" {
				t.Errorf("behind the end: %+v, error %v", page, err)
			}
		}
	})

	t.Run("PagesGoOnWhereRowsComeAndGo", func(t *testing.T) {
		t.Parallel()
		s := newSpace(t, shared.Driver)
		s.mustBatch(t, []table.Row{s.doc("b", `{}`), s.doc("d", `{}`), s.doc("f", `{}`)})
		page, err := s.Query(s.ctx, table.Range{Of: s.key("x").Partition(), Limit: 1})
		if err != nil || page.Next != "b" {
			t.Fatalf("page %+v, error %v", page, err)
		}
		s.mustBatch(t, []table.Row{s.doc("a", `{}`), s.doc("c", `{}`)}, s.key("b"), s.key("d"))
		if got := s.mustAll(t, table.Range{Of: s.key("x").Partition(), Limit: 1, After: "b"}); !slices.Equal(got, []string{"c", "f"}) {
			t.Errorf("%v, want c and f", got)
		}
	})

	t.Run("APageEndsAtAMegabyte", func(t *testing.T) {
		t.Parallel()
		lacking(t, "rows, pages and writes as long as the limits allow", shared.Lacks.Sizes)
		s := newSpace(t, shared.Driver)
		const rows, size = 7, 300 << 10
		want := []string{}
		for i := range rows {
			sk := fmt.Sprint(i)
			want = append(want, sk)
			s.mustWrite(t, table.Put(s.doc(sk, `{"s":"`+strings.Repeat("x", size)+`"}`)))
		}
		for _, descending := range []bool{false, true} {
			r := table.Range{Of: s.key("x").Partition(), Limit: 100, Descending: descending}
			got := []string{}
			for {
				page, err := s.Query(s.ctx, r)
				if err != nil {
					t.Fatal(err)
				}
				if len(page.Rows)*size > table.MaxPage+table.MaxRowSize {
					t.Fatalf("a page of %d rows of %d bytes", len(page.Rows), size)
				}
				got = append(got, sortKeys(page.Rows)...)
				if r.After = page.Next; page.Next == "" {
					break
				}
			}
			if descending {
				slices.Reverse(got)
			}
			if !slices.Equal(got, want) {
				t.Errorf("descending %t: %v", descending, got)
			}
		}
	})
}

func sampled(t *testing.T, o Opened) *space {
	t.Helper()
	s := newSpace(t, o.Driver)
	for _, of := range s.forms() {
		var rows []table.Row
		for _, sk := range sortKeySamples {
			rows = append(rows, table.Row{Key: of.Row(sk), Doc: []byte(`{}`)})
		}
		s.mustBatch(t, rows)
	}
	// Neighbours that no range of a partition may show.
	for _, parts := range [][]string{
		{"thing"}, {"things\x01"}, {"things/"}, {"thingt"}, {"things", "on"}, {"things", "one\x01"}, {"things", "one", ""}, {"things", "2"},
	} {
		s.mustBatch(t, []table.Row{{Key: table.In(s.ws, parts...).Row("a"), Doc: []byte(`{}`)}})
	}
	return s
}

// forms are partitions of all the forms that there are: of a workspace, of one
// subject, of a shard.
func (s *space) forms() []table.Partition {
	return []table.Partition{s.key("").Partition(), table.In(s.ws, "things", "one"), table.In(s.ws, "things", "of", "one"), table.In(s.ws, "things", "12")}
}

// within is the specification of Range.
func within(r table.Range, sk string) bool {
	switch {
	case !strings.HasPrefix(sk, r.Prefix), sk < r.From, r.To != "" && sk > r.To:
		return false
	case r.After == "":
		return true
	case r.Descending:
		return sk < r.After
	default:
		return sk > r.After
	}
}
