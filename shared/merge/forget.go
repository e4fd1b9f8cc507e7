package merge

import (
	"slices"

	"rubrica/shared/contact"
)

// noPhone is the phone of a country whose phone is forgotten: none that a contact has.
const noPhone = "-"

// Forgetting is what a merge wrote without the identities that the survivor has lost
// since, by the undo of another merge, where they stand among what was before: whose
// they were may be erased. changed tells whether there were any.
func (w Wrote) Forgetting(lost []string) (less Wrote, changed bool) {
	forget := func(list *Step[[]string], of func(string) contact.Identity) *Step[[]string] {
		if list == nil {
			return nil
		}
		keep := func(values []string) []string {
			return slices.DeleteFunc(slices.Clone(values), func(s string) bool { return slices.Contains(lost, IdentityText(of(s))) })
		}
		kept := Step[[]string]{keep(list.Before), keep(list.After)}
		if len(kept.Before) == len(list.Before) && len(kept.After) == len(list.After) {
			return list
		}
		changed = true
		return &kept
	}
	w.Emails, w.Phones = forget(w.Emails, contact.EmailIdentity), forget(w.Phones, contact.PhoneIdentity)
	if w.CountryOf != nil && slices.Contains(lost, IdentityText(contact.PhoneIdentity(*w.CountryOf))) {
		w.CountryOf, changed = new(noPhone), true
	}
	return w, changed
}
