package suggest_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rubrica/shared/contact"
	"rubrica/shared/suggest"
)

// spellings are of six values: each row is one, in several ways of writing it.
var spellings = [][]string{
	{"ann@example.com", "Ann@Example.com"}, {"bob@example.com", "BOB@example.com"}, {"carl@example.com"},
	{"+5511987654321", "+551187654321"}, {"+525512345678", "+5215512345678"}, {"+390612345678"},
}

// drawContacts draws contacts that hold some of the values.
func drawContacts(t *rapid.T) []*contact.Contact {
	contacts := make([]*contact.Contact, rapid.IntRange(0, 7).Draw(t, "contacts"))
	for i := range contacts {
		c := &contact.Contact{ID: fmt.Sprintf("c%d", i)}
		for v, ways := range spellings {
			s := rapid.SampledFrom(ways).Draw(t, "spelling")
			switch how := rapid.IntRange(0, 3).Draw(t, "holds"); {
			case how < 2:
			case v < 3 && how == 2 && c.Email == "":
				c.Email = s
			case v < 3:
				c.OtherEmails = append(c.OtherEmails, s)
			case how == 2 && c.Phone == "":
				c.Phone = s
			default:
				c.OtherPhones = append(c.OtherPhones, s)
			}
		}
		contacts[i] = c
	}
	return contacts
}

// holds tells whether a contact has one of the spellings of a value.
func holds(c *contact.Contact, value int) bool {
	all := slices.Concat([]string{c.Email, c.Phone}, c.OtherEmails, c.OtherPhones)
	return slices.ContainsFunc(spellings[value], func(s string) bool { return slices.Contains(all, s) })
}

func identity(value int) contact.Identity {
	if s := spellings[value][0]; value >= 3 {
		return contact.PhoneIdentity(s)
	} else {
		return contact.EmailIdentity(s)
	}
}

// TestGroup: two values are in one suggestion just if the same contacts hold them,
// each that two hold is in one, and it shows each holder's spelling at its place.
func TestGroup(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		contacts := drawContacts(t)
		var held []suggest.Held
		want := map[string][]string{}
		for v := range spellings {
			h := suggest.Held{Value: identity(v)}
			var ids []string
			for _, c := range contacts {
				if holds(c, v) {
					h.By, ids = append(h.By, c), append(ids, c.ID)
				}
				if holds(c, v) != slices.Contains(suggest.Values(c), h.Value) {
					t.Fatalf("%v of %+v: %v", h.Value, c, suggest.Values(c))
				}
			}
			held = append(held, h)
			if key := strings.Join(ids, " "); len(ids) > 1 {
				want[key] = append(want[key], h.Value.Value)
			}
		}
		got := map[string][]string{}
		for _, g := range suggest.Group(held) {
			key := strings.Join(g.IDs(), " ")
			for _, v := range g.Values {
				got[key] = append(got[key], v.Value)
			}
			checkMatches(t, contacts, g)
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

func checkMatches(t *rapid.T, contacts []*contact.Contact, g suggest.Suggestion) {
	most := rapid.IntRange(1, 4).Draw(t, "most")
	matches := g.Matches(most)
	if len(matches) != len(g.Values) || !slices.IsSortedFunc(matches, func(a, b suggest.Match) int { return cmp.Compare(a.Kind, b.Kind) }) {
		t.Fatalf("%v of %v", matches, g.Values)
	}
	for _, m := range matches {
		if len(m.Values) != min(most, len(g.By)) {
			t.Fatalf("%v of %d contacts", m, len(g.By))
		}
		for i, o := range m.Values {
			c := contacts[slices.IndexFunc(contacts, func(c *contact.Contact) bool { return c.ID == o.ContactID })]
			at := map[string]string{"email": c.Email, "phone": c.Phone}
			for i, s := range c.OtherEmails {
				at[fmt.Sprintf("otherEmails[%d]", i)] = s
			}
			for i, s := range c.OtherPhones {
				at[fmt.Sprintf("otherPhones[%d]", i)] = s
			}
			if c.ID != g.By[i].ID || o.Value == "" || at[o.Field] != o.Value {
				t.Fatalf("%+v of %+v", o, c)
			}
		}
	}
}

func names(from, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprint("id ", from+i)
	}
	return ids
}

func TestKnown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 400).Draw(t, "ids")
		ids := names(rapid.IntRange(0, 1<<30).Draw(t, "from"), n)
		k := suggest.Know(ids)
		if !k.Has(ids) || k.N != n {
			t.Fatalf("%d of %d", k.Count(ids), n)
		}
		if most := 660*n/200 + 40; len(k.Bits) > most {
			t.Fatalf("%d ids take %d bytes, at most %d", n, len(k.Bits), most)
		}
	})
	// A million others, of whom four may be taken for some of them.
	if n := suggest.Know(names(0, 200)).Count(names(1000, 1_000_000)); n > 40 {
		t.Errorf("%d of a million that were never in it", n)
	}
	for _, bits := range []string{"", "!", "/////////////////////////////////"} {
		if n := (suggest.Known{N: 1 << 40, Bits: bits}).Count(names(0, 100)); n > 1 {
			t.Errorf("%q knows %d of a hundred", bits, n)
		}
	}
}

// TestDismissed: nothing is new just if one dismissal was of all the contacts.
func TestDismissed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}), 1, 5, rapid.ID[string])
		all := rapid.SliceOfN(some, 0, 8).Draw(t, "dismissed")
		var d suggest.Dismissed
		for _, ids := range all {
			d = d.With(ids)
		}
		now := some.Draw(t, "now")
		want := slices.ContainsFunc(all, func(ids []string) bool {
			return !slices.ContainsFunc(now, func(id string) bool { return !slices.Contains(ids, id) })
		})
		if got := d.Covers(now); got != want {
			t.Fatalf("covers: %v, want %v", got, want)
		}
	})
	var d suggest.Dismissed
	for i := range 100 {
		d = d.With(names(2*i, 2))
	}
	if len(d) != 8 || !d.Covers(names(198, 2)) || d.Covers(names(0, 2)) {
		t.Errorf("%d are kept, not the eight latest", len(d))
	}
}
