package ledger

import (
	"context"
	"slices"

	"rubrica/shared/filter"
	"rubrica/shared/tenant"
)

// narrowness are the indexes from that with the fewest contacts under a value to
// that with the most, as far as one can tell beforehand; never changed.
var narrowness = []filter.Index{
	filter.ByEmail, filter.ByPhone, filter.ByExternal, filter.ByOwner, filter.ByFollower, filter.ByBlocked,
	filter.ByTag, filter.ByCompany, filter.ByVIP,
}

// narrowest is the key of the filter under which the fewest contacts are.
func narrowest(f *filter.Filter) (filter.Key, bool) {
	keys := f.Keys()
	if len(keys) == 0 {
		return filter.Key{}, false
	}
	return slices.MinFunc(keys, func(a, b filter.Key) int {
		return slices.Index(narrowness, a.By) - slices.Index(narrowness, b.By)
	}), true
}

// Narrow returns the hint under which every contact is found that the filter
// keeps, the zero Hint if no index serves it: then all have to be looked at.
// anybody is false if the filter names a tag that is none, so that it keeps nobody.
// No round trip after WantFilter.
func (l *Ledger) Narrow(ctx context.Context, s *Scope, f *filter.Filter) (h Hint, anybody bool, err error) {
	key, ok := narrowest(f)
	if !ok {
		return Hint{}, true, nil
	}
	h = Hint{Index(key.By), key.Value}
	if key.By == filter.ByTag {
		h.Value, err = l.FindTag(ctx, s, key.Value)
		return h, h.Value != "", err
	}
	return h, true, nil
}

// GuessNarrow is Narrow as far as this process knows: to read ahead, and for
// nothing else.
func (l *Ledger) GuessNarrow(ws tenant.Workspace, f *filter.Filter) Hint {
	key, ok := narrowest(f)
	if ok && key.By == filter.ByTag {
		key.Value = l.GuessTag(ws, key.Value)
		ok = key.Value != ""
	}
	if !ok {
		return Hint{}
	}
	return Hint{Index(key.By), key.Value}
}

// WantFilter asks for what Narrow reads.
func WantFilter(ws tenant.Workspace, f *filter.Filter) Want {
	if key, ok := narrowest(f); ok && key.By == filter.ByTag {
		return WantTags(ws, key.Value)
	}
	return Want{}
}
