package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUndoAndCountry: a country that comes back with an undo belonged to the phone of
// before the merge; where the survivor has another one by then, it is that one's,
// unless a hand wrote it. Each case ends with one more phone, which tells what the
// country is: a derived one follows.
func TestUndoAndCountry(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	const italian, spanish, spanish2, french, british = "+393511110088", "+34612345678", "+34612345679", "+33612345678", "+447403282226"
	for _, c := range []struct {
		name            string
		survivor, other Object
		before          Object   // a patch of the survivor before the merge
		choose          []string // members that are the other's
		since           []Object // patches after the merge
		kept            []string
		phone, country  any
		follows         bool
	}{
		{"NothingChanged", Object{"phone": italian}, Object{"phone": spanish}, nil, []string{"phone"}, nil, nil, italian, "IT", true},
		{"ThePhoneWasChosenAndChanged", Object{"phone": italian}, Object{"phone": spanish}, nil, []string{"phone"}, []Object{{"phone": spanish2}}, []string{"phone"}, spanish2, "ES", true},
		{"TheCountryWasChosenAndThePhoneChanged", Object{"phone": italian}, Object{"country": "FR"}, nil, []string{"country"}, []Object{{"phone": spanish}}, nil, spanish, "ES", true},
		{"TheCountryWasChosenAndThePhoneCleared", Object{"phone": italian}, Object{"country": "FR"}, nil, []string{"country"}, []Object{{"phone": nil}}, nil, nil, nil, true},
		{"ItWasSetByHandBefore", Object{"phone": italian, "country": "CH"}, Object{"country": "FR"}, nil, []string{"country"}, []Object{{"phone": spanish}}, nil, spanish, "CH", false},
		{"ItWasSetByHandSince", Object{"phone": italian}, Object{"phone": spanish}, nil, []string{"phone"}, []Object{{"country": "CH"}}, []string{"country"}, italian, "CH", false},
		{"TheSameWasSetByHandSince", Object{"phone": italian}, Object{"phone": spanish}, nil, []string{"phone"}, []Object{{"country": "ES"}}, []string{"country"}, italian, "ES", false},
		{"ItWasClearedBefore", Object{"phone": italian}, Object{"country": "FR"}, Object{"country": nil}, nil, nil, nil, italian, nil, true},
		{"ItWasClearedBeforeAndThePhoneChanged", Object{"phone": italian}, Object{"country": "FR"}, Object{"country": nil}, nil, []Object{{"phone": spanish}}, nil, spanish, "ES", true},
		{"ItWasClearedSince", Object{"phone": italian}, Object{"phone": spanish}, nil, []string{"phone"}, []Object{{"country": nil}}, []string{"country"}, italian, nil, true},
		{"ItWasDerivedAnewSince", Object{"country": "CH"}, Object{"phone": spanish}, nil, nil, []Object{{"country": nil}, {"phone": french}, {"phone": spanish}}, nil, nil, nil, true},
		{"ThereWasNoPhone", Object{"firstName": "Ann"}, Object{"phone": spanish}, nil, nil, []Object{{"phone": french}}, []string{"country", "phone"}, french, "FR", true},
		{"ThereWasNoPhoneAndItIsOfTheSameCountry", Object{"firstName": "Ann"}, Object{"phone": spanish}, nil, nil, []Object{{"phone": spanish2}}, []string{"phone"}, spanish2, "ES", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			survivor, other := owner.Create(t, c.survivor).ID(), owner.Create(t, c.other).ID()
			path := "/v1/contacts/" + survivor
			if c.before != nil {
				owner.Patch(t, path, c.before).Is(200)
			}
			choose := Object{}
			for _, member := range c.choose {
				choose[member] = other
			}
			id := owner.Post(t, "/v1/merges", Object{"survivor": survivor, "contacts": []string{other}, "choose": choose}).Is(201).JSON().ID()
			for _, patch := range c.since {
				owner.Patch(t, path, patch).Is(200)
			}
			undone := owner.Post(t, "/v1/merges/"+id+"/undo", nil).Is(200).JSON()
			var kept []string
			for _, k := range undone["kept"].([]any) {
				kept = append(kept, Object(k.(map[string]any)).Text("field"))
			}
			if diff := cmp.Diff(c.kept, kept); diff != "" {
				t.Errorf("kept: %s", diff)
			}
			got := undone["survivor"].(map[string]any)
			if got["phone"] != c.phone || got["country"] != c.country {
				t.Errorf("%v of %v, want %v of %v", got["country"], got["phone"], c.country, c.phone)
			}
			owner.Get(t, path).Is(200).Has(Object{"phone": c.phone, "country": c.country})
			last := c.country
			if c.follows {
				last = "GB"
			}
			owner.Patch(t, path, Object{"phone": british}).Is(200).Has(Object{"country": last})
		})
	}
	w.Verified(t)
}

// TestUndoInAnyOrderAndCountry: a country that the undo of an earlier merge derives
// from the phone of a later one goes with that phone.
func TestUndoInAnyOrderAndCountry(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	for name, c := range map[string]struct {
		cleared bool
		end     any
	}{"Derived": {false, "IT"}, "Cleared": {true, nil}} {
		t.Run(name, func(t *testing.T) {
			survivor := owner.Create(t, Object{"phone": "+393511110088"}).ID()
			path := "/v1/contacts/" + survivor
			if c.cleared {
				owner.Patch(t, path, Object{"country": nil}).Is(200)
			}
			merge := func(body Object, member string) string {
				other := owner.Create(t, body).ID()
				a := owner.Post(t, "/v1/merges", Object{"survivor": survivor, "contacts": []string{other}, "choose": Object{member: other}}).Is(201)
				return "/v1/merges/" + a.JSON().ID() + "/undo"
			}
			first, second := merge(Object{"country": "FR"}, "country"), merge(Object{"phone": "+34612345678"}, "phone")
			owner.Get(t, path).Is(200).Has(Object{"phone": "+34612345678", "country": "FR"})
			owner.Post(t, first, nil).Is(200)
			owner.Get(t, path).Is(200).Has(Object{"phone": "+34612345678", "country": "ES"})
			owner.Post(t, second, nil).Is(200)
			owner.Get(t, path).Is(200).Has(Object{"phone": "+393511110088", "country": c.end})
		})
	}
	w.Verified(t)
}
