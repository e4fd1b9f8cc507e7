package suggest

import "slices"

// Dismissed are the sets of contacts for which a value was dismissed.
type Dismissed []Known

// maxDismissed is how many sets are kept of a value: several only where callers
// see different contacts. The oldest goes first, and what it hid is shown again.
const maxDismissed = 8

// With adds the contacts of one more dismissal. What they include is dropped.
func (d Dismissed) With(ids []string) Dismissed {
	d = slices.DeleteFunc(slices.Clone(d), func(k Known) bool { return k.Count(ids) >= k.N })
	if len(d) == maxDismissed {
		d = d[1:]
	}
	return append(d, Know(ids))
}

// Covers tells whether nothing is new: all contacts were there when the value was
// dismissed. Some may have left since.
func (d Dismissed) Covers(ids []string) bool {
	return slices.ContainsFunc(d, func(k Known) bool { return k.Has(ids) })
}
