package merge_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"rubrica/shared/contact"
	"rubrica/shared/merge"
)

// TestUndoLeavesACountryThatFits: whatever was united and chosen, and whatever phones
// and blank countries a hand wrote since, a derived country is that of the phone.
func TestUndoLeavesACountryThatFits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, other := person(t, 0), person(t, 1)
		p := merge.Plan{Survivor: s, Others: []contact.Contact{other}, Choose: map[string]string{}}
		for _, member := range some(t, "chosen", "phone", "country") {
			p.Choose[member] = rapid.SampledFrom([]string{s.ID, other.ID}).Draw(t, "whose "+member)
		}
		r := unite(t, p)
		now, cleared := r.Contact, false
		for _, phone := range some(t, "since", "+34612345678", "+393514117320", "+5511912345678", "") {
			before := now.Phone
			now = now.With(map[string]contact.Value{"phone": {Text: phone}})
			if rapid.Bool().Draw(t, "country cleared") {
				now, cleared = now.With(map[string]contact.Value{"country": {}}), true
			} else if now, _ = now.Settled(before); now.Phone != before {
				cleared = false
			}
		}
		u := merge.Undo(now, r.Wrote, []string{other.ID}, nil).Contact
		switch {
		case u.Origins["country"] == contact.Derived && !u.CountryFollows(u.Phone):
			t.Fatalf("%s is derived, and the phone is %s", u.Country, u.Phone)
		case u.Country == "" && !cleared && u.Phone != "" && u.Phone != s.Phone:
			t.Fatalf("none, of %s; it was %q of %s", u.Phone, s.Country, s.Phone)
		}
	})
}

// TestUndoLeavesAPinnedCountry: one that a hand wrote over the same derived one is the
// hand's, also where the phone that it was derived from goes back.
func TestUndoLeavesAPinnedCountry(t *testing.T) {
	t.Parallel()
	s := contact.Contact{ID: "s", Version: 1, CreatedAt: 1, Phone: "+393514117320"}
	b := contact.Contact{ID: "b", Version: 1, CreatedAt: 1, Phone: "+34612345678"}
	s, _ = s.Settled("")
	r, err := merge.Unite(merge.Plan{Survivor: s, Others: []contact.Contact{b}, Choose: map[string]string{"phone": "b"}})
	if err != nil {
		t.Fatal(err)
	}
	hand := contact.Value{Text: "ES"}
	u := merge.Undo(r.Contact.With(map[string]contact.Value{"country": hand}), r.Wrote, []string{"b"}, nil)
	if got := u.Contact.Value("country"); got != hand || u.Contact.Phone != s.Phone || !slices.Equal(u.Kept, []string{"country"}) {
		t.Errorf("%v of %s, kept %v", got, u.Contact.Phone, u.Kept)
	}
}
