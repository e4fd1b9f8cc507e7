package e2e

import "testing"

// TestCountry walks one contact through everything that can happen to its phone
// and its country (api.md, "Country"). Each step is a patch, what the country is
// then, and by how much the version rises.
func TestCountry(t *testing.T) {
	t.Parallel()
	owner := Owner(t)
	const italian, french, british, nowhere = "+393514117320", "+33612345678", "+447403282226", "+80012345678"
	type step struct {
		patch   Object
		country any
		changes int
	}
	for _, c := range []struct {
		name  string
		body  Object
		first any
		steps []step
	}{
		{"FollowsThePhone", Object{"phone": italian}, "IT", []step{
			{Object{"phone": french}, "FR", 1},
			{Object{"phone": nowhere}, nil, 1},
			{Object{"phone": british}, "GB", 1},
			{Object{"firstName": "Ann"}, "GB", 1},
			{Object{"phone": nil}, nil, 1},
			{Object{"phone": italian}, "IT", 1},
		}},
		{"StaysOnceSetByHand", Object{"phone": italian, "country": "CH"}, "CH", []step{
			{Object{"phone": french}, "CH", 1},
			{Object{"phone": nil}, "CH", 1},
			{Object{"phone": british}, "CH", 1},
		}},
		{"IsPinnedByTheSameValueWithoutAVersion", Object{"phone": italian}, "IT", []step{
			{Object{"country": "IT"}, "IT", 0},
			{Object{"phone": french}, "IT", 1},
			{Object{"phone": nil}, "IT", 1},
		}},
		{"IsDerivedAgainAfterNull", Object{"phone": italian, "country": "CH"}, "CH", []step{
			{Object{"country": nil}, nil, 1},
			{Object{"firstName": "Ann"}, nil, 1},
			{Object{"phone": french}, "FR", 1},
			{Object{"country": ""}, nil, 1},
			{Object{"phone": british}, "GB", 1},
		}},
		{"StaysClearedUntilThePhoneChanges", Object{"phone": italian}, "IT", []step{
			{Object{"country": nil}, nil, 1},
			{Object{"phone": italian}, nil, 0},
			{Object{"phone": french}, "FR", 1},
		}},
		{"SetTogetherWithThePhoneIsTheHands", Object{"phone": italian}, "IT", []step{
			{Object{"phone": french, "country": "BE"}, "BE", 1},
			{Object{"phone": british}, "BE", 1},
		}},
		{"SetWithoutAPhoneStays", Object{"country": "IT"}, "IT", []step{
			{Object{"phone": french}, "IT", 1},
		}},
		{"IsNotDerivedFromOtherPhones", Object{"otherPhones": []any{italian}}, nil, []step{
			{Object{"otherPhones": []any{french}}, nil, 1},
		}},
		{"FollowsEverySpelling", Object{"phone": "+551187654321"}, "BR", []step{
			{Object{"phone": "+5215512345678"}, "MX", 1},
			{Object{"phone": "+5491123456789"}, "AR", 1},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := owner.Post(t, "/v1/contacts", c.body).Is(201)
			contact := a.Has(Object{"country": c.first})
			version := 1
			for _, s := range c.steps {
				version += s.changes
				a := owner.Patch(t, "/v1/contacts/"+contact.ID(), s.patch).Is(200)
				a.Has(Object{"country": s.country, "version": float64(version)})
				owner.Get(t, "/v1/contacts/"+contact.ID()).Is(200).Has(Object{"country": s.country, "version": float64(version)})
			}
			entries := owner.All(t, "/v1/contacts/"+contact.ID()+"/audit")
			if len(entries) != version {
				t.Errorf("%d entries of %d versions: %v", len(entries), version, entries)
			}
		})
	}

	t.Run("IsDerivedOnUpsert", func(t *testing.T) {
		t.Parallel()
		owner.Put(t, "/v1/contacts/phone:+33612345679", Object{}).Is(201).Has(Object{"country": "FR", "phone": "+33612345679"})
		owner.Put(t, "/v1/contacts/phone:+33612345670", Object{"country": "BE"}).Is(201).Has(Object{"country": "BE"})
	})
}
