package filter_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rubrica/shared/contact"
)

// Few values, so that they often meet.
var (
	words  = []string{"a", "A", "ab", "Ab", "b", "é", "É"}
	people = []string{"user_1", "user_2", "user_3"}
	stamps = []string{"2026-11-19T23:59:59.999Z", "2026-11-20T00:00:00Z", "2026-11-20T12:00:00Z", "2026-11-21T00:00:00Z"}
)

func drawContact(t *rapid.T) *contact.Contact {
	maybe := func(from []string, label string) string {
		return rapid.SampledFrom(append([]string{""}, from...)).Draw(t, label)
	}
	c := &contact.Contact{
		ID: mariaID, Version: rapid.Int64Range(1, 3).Draw(t, "version"), City: maybe(words, "city"), Owner: maybe(people, "owner"),
		Followers: rapid.SliceOfDistinct(rapid.SampledFrom(people), rapid.ID).Draw(t, "followers"), VIP: rapid.Bool().Draw(t, "vip"),
		Inactive: rapid.Bool().Draw(t, "inactive"), Tags: rapid.SliceOfDistinct(rapid.SampledFrom([]string{leadID, goneID}), rapid.ID).Draw(t, "tags"),
	}
	if err := c.CreatedAt.UnmarshalText([]byte(rapid.SampledFrom(stamps).Draw(t, "createdAt"))); err != nil {
		t.Fatal(err)
	}
	return c
}

func quoted(of []string) []string {
	all := make([]string, len(of))
	for i, s := range of {
		all[i] = fmt.Sprintf("%q", s)
	}
	return all
}

// pools are fields with ops that order, or do not, and values.
var pools = []struct {
	field   string
	values  []string
	ordered bool
}{
	{"city", quoted(words), true}, {"owner", quoted(people), true}, {"followers", quoted(people), false}, {"version", []string{"1", "2", "3"}, true},
	{"vip", []string{"true", "false"}, false}, {"status", []string{`"active"`, `"Inactive"`}, false}, {"tag", []string{`"lead größe"`, `"x"`, `"` + leadID + `"`}, false},
	{"createdAt", append(quoted(stamps), `"2026-11-20"`), true},
}

func drawLeaf(t *rapid.T) string {
	p := rapid.SampledFrom(pools).Draw(t, "field")
	ops := []string{"eq", "ne", "in", "exists"}
	if p.ordered {
		ops = append(ops, "gt", "gte", "lt", "lte")
	}
	o, value := rapid.SampledFrom(ops).Draw(t, "op"), rapid.SampledFrom(p.values).Draw(t, "value")
	switch o {
	case "in":
		value = "[" + value + "," + rapid.SampledFrom(p.values).Draw(t, "other") + "]"
	case "exists":
		value = rapid.SampledFrom([]string{"true", "false"}).Draw(t, "there")
	}
	return leafOf(p.field + " " + o + " " + value)
}

func drawFilter(t *rapid.T, depth int) string {
	if depth == 0 {
		return drawLeaf(t)
	}
	part := func() string { return drawFilter(t, rapid.IntRange(0, depth-1).Draw(t, "depth")) }
	switch rapid.SampledFrom([]string{"and", "or", "not"}).Draw(t, "as") {
	case "and":
		return both(part(), part())
	case "or":
		return either(part(), part())
	}
	return no(part())
}

func both(parts ...string) string   { return `{"and":[` + strings.Join(parts, ",") + `]}` }
func either(parts ...string) string { return `{"or":[` + strings.Join(parts, ",") + `]}` }
func no(part string) string         { return `{"not":` + part + `}` }

// TestLaws of logic: pairs of filters that keep the same contacts.
func TestLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawContact(t)
		keeps := func(raw string) bool { return must(t, raw).Match(c, terms()) }
		same := func(law, a, b string) {
			if keeps(a) != keeps(b) {
				t.Fatalf("%s: %s and %s differ", law, a, b)
			}
		}
		a, b := drawFilter(t, 2), drawFilter(t, 2)
		same("not not", no(no(a)), a)
		same("de Morgan", no(both(a, b)), either(no(a), no(b)))
		same("de Morgan", no(either(a, b)), both(no(a), no(b)))
		same("order", both(a, b), both(b, a))
		same("order", either(a, b), either(b, a))
		same("absorption", both(a, either(a, b)), a)
		if keeps(a) == keeps(no(a)) {
			t.Fatalf("%s and its opposite agree", a)
		}
		p := rapid.SampledFrom(pools).Draw(t, "pool")
		v, w := rapid.SampledFrom(p.values).Draw(t, "v"), rapid.SampledFrom(p.values).Draw(t, "w")
		is := func(op, value string) string { return leafOf(p.field + " " + op + " " + value) }
		same("ne", is("ne", v), no(is("eq", v)))
		same("in", is("in", "["+v+","+w+"]"), either(is("eq", v), is("eq", w)))
		same("exists", is("exists", "false"), no(is("exists", "true")))
		if keeps(is("eq", v)) && !keeps(is("exists", "true")) {
			t.Fatalf("%s is equal to %s and is not there", p.field, v)
		}
		if p.ordered {
			same("gte", is("gte", v), either(is("gt", v), is("eq", v)))
			same("lte", is("lte", v), either(is("lt", v), is("eq", v)))
			same("one of three", is("exists", "true"), either(is("lt", v), is("gt", v), is("eq", v)))
			same("not both", both(is("lt", v), is("gte", v)), both(is("exists", "true"), is("exists", "false")))
		}
	})
}

// TestModel holds leaves to what a naive reading of the contract says.
func TestModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawContact(t)
		word, user := rapid.SampledFrom(words).Draw(t, "word"), rapid.SampledFrom(people).Draw(t, "user")
		city := strings.ToLower(c.City)
		for line, want := range map[string]bool{
			fmt.Sprintf("city eq %q", word):         strings.EqualFold(c.City, word),
			fmt.Sprintf("city ne %q", word):         !strings.EqualFold(c.City, word),
			fmt.Sprintf("city gt %q", word):         city > strings.ToLower(word),
			fmt.Sprintf("city lt %q", word):         city != "" && city < strings.ToLower(word),
			fmt.Sprintf("city contains %q", word):   strings.Contains(city, strings.ToLower(word)),
			fmt.Sprintf("city startsWith %q", word): strings.HasPrefix(city, strings.ToLower(word)),
			fmt.Sprintf("owner ne %q", user):        c.Owner != user,
			fmt.Sprintf("followers eq %q", user):    slices.Contains(c.Followers, user),
			fmt.Sprintf("followers ne %q", user):    !slices.Contains(c.Followers, user),
			`tag eq "LEAD GRÖSSE"`:                  slices.Contains(c.Tags, leadID),
			`tag exists true`:                       slices.Contains(c.Tags, leadID),
			`createdAt eq "2026-11-20"`:             c.CreatedAt.String()[:10] == "2026-11-20",
			`createdAt after "2026-11-20"`:          c.CreatedAt.String()[:10] > "2026-11-20",
			`createdAt before "2026-11-20"`:         c.CreatedAt.String()[:10] < "2026-11-20",
		} {
			if got := must(t, leafOf(line)).Match(c, terms()); got != want {
				t.Fatalf("%s of %+v: %t, want %t", line, c, got, want)
			}
		}
	})
}
