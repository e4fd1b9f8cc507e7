package contact_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rubrica/shared/body"
	"rubrica/shared/contact"
)

// TestOfferWithout: what is left out is one member at a time, all that is left where
// the reason is another one, and in the end there is nothing more.
func TestOfferWithout(t *testing.T) {
	t.Parallel()
	const said = `{"displayName":"D","firstName":"F","email":"e@example.it","phone":"+390612345678","language":"it"}`
	all := map[string]string{"firstName": "F", "email": "e@example.it", "phone": "+390612345678", "country": "IT", "language": "it"}
	without := func(members ...string) map[string]string {
		left := map[string]string{}
		for name, value := range all {
			left[name] = value
		}
		for _, name := range members {
			delete(left, name)
		}
		return left
	}
	type step struct {
		member string
		want   map[string]string // nil where nothing was left to do without
	}
	for name, steps := range map[string][]step{
		"One":                    {{"firstName", without("firstName")}},
		"ThePhoneAndItsCountry":  {{"phone", without("phone", "country")}},
		"OneAfterAnother":        {{"email", without("email")}, {"language", without("email", "language")}, {"firstName", without("email", "language", "firstName")}},
		"TheCountryOfThePhone":   {{"country", without("country")}, {"email", without("country", "email")}},
		"WhatTheOthersHad":       {{"otherEmails", without("email")}, {"otherPhones", without("email", "phone", "country")}},
		"WhatItDoesNotSay":       {{"city", map[string]string{}}, {"city", nil}},
		"OneThatWasLeftOut":      {{"email", without("email")}, {"email", map[string]string{}}, {"email", nil}},
		"TheCountryMoreThanOnce": {{"country", without("country")}, {"country", map[string]string{}}, {"country", nil}},
		"NothingThatIsNamed":     {{"", map[string]string{}}, {"", nil}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form, err := body.Parse([]byte(said))
			if err != nil {
				t.Fatal(err)
			}
			offer := contact.ReadProfile(form)
			for i, s := range steps {
				less, ok := offer.Without(s.member)
				if ok != (s.want != nil) {
					t.Fatalf("step %d: %v", i, ok)
				}
				if !ok {
					return
				}
				offer = less
				c, err := offer.Apply(contact.Contact{ID: "c", Version: 1}, "", 0)
				if err != nil || c.Profile.DisplayName != "D" {
					t.Fatalf("step %d: %v, %+v", i, err, c.Profile)
				}
				got := map[string]string{}
				for name, v := range c.Values() {
					if name != contact.ProfileMember {
						got[name] = v.Text
					}
				}
				if diff := cmp.Diff(s.want, got); diff != "" {
					t.Errorf("step %d: %s", i, diff)
				}
			}
		})
	}
}
