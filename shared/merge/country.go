package merge

import (
	"slices"

	"rubrica/shared/contact"
)

// A country that was read off a phone, and one that was cleared, are true of that
// phone. Where an undo brings one back, or takes its phone away, the survivor may have
// another phone by then, and the country is that one's.

// countryOf notes which phone the country before the merge belongs to.
func (w *Wrote) countryOf(before *contact.Contact) {
	if _, ok := w.Values["country"]; ok {
		w.CountryOf = new(before.Phone)
	}
}

// country lets the country follow the phone that the survivor has now, phoneBefore
// until the undo, and puts its identities in order.
func (u *undoing) country(w *Wrote, phoneBefore string) {
	was, of := u.Contact.Value("country"), u.Contact.Phone
	back := w.CountryOf != nil && !slices.Contains(u.Kept, "country")
	switch {
	case back:
		of = *w.CountryOf
	case u.Contact.CountryFollows(phoneBefore) && !u.anyShows(was):
		of = phoneBefore
	}
	u.Contact, _ = u.Contact.Settled(of) // limits cannot be broken by what goes
	if is := u.Contact.Value("country"); back && is != was {
		u.passCountry(Step[contact.Value]{was, is}, of)
	}
}

// pinned tells whether a hand has written over what was derived since, though the same.
func pinned(derived, now contact.Value) bool {
	return derived.Origin == contact.Derived && now.Origin == ""
}

// anyShows tells whether one who stays has the country: it may be chosen, and not
// follow the phone.
func (u *undoing) anyShows(country contact.Value) bool {
	return slices.ContainsFunc(u.staying, func(s Staying) bool { return s.Contact.Value("country") == country })
}

// passCountry notes what the country was with the merge that the phone is of, if it
// is of one: when that is taken back too, it is so again.
func (u *undoing) passCountry(step Step[contact.Value], of string) {
	pass := u.holder(func(c *contact.Contact) bool { return c.Phone == u.Contact.Phone })
	if pass == nil {
		return
	}
	if pass.Values == nil {
		pass.Values = map[string]Step[contact.Value]{}
	}
	pass.Values["country"], pass.CountryOf = step, &of
}
