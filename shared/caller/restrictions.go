package caller

import (
	"errors"
	"strings"

	"github.com/go-json-experiment/json"
)

// Restrictions is a set of what narrows a role; the zero set narrows nothing.
// In JSON it is an array of names, sorted as declared here.
type Restrictions uint8

// The restrictions of api.md, and no others.
const (
	NoDelete Restrictions = 1 << iota
	NoExport
	OnlyAssigned
)

// restrictions has every restriction's name on the wire, in order.
var restrictions = [...]struct {
	is   Restrictions
	name string
}{
	{NoDelete, "no-delete"},
	{NoExport, "no-export"},
	{OnlyAssigned, "only-assigned"},
}

var errRestriction = errors.New("no such restriction: want no-delete, no-export or only-assigned")

// ParseRestrictions makes a set of names; one that is not known is an error, so
// that what should narrow a role is never dropped.
func ParseRestrictions(names ...string) (Restrictions, error) {
	var set Restrictions
	for _, name := range names {
		one := restrictionNamed(name)
		if one == 0 {
			return 0, errRestriction
		}
		set |= one
	}
	return set, nil
}

func restrictionNamed(name string) Restrictions {
	for _, r := range restrictions {
		if r.name == name {
			return r.is
		}
	}
	return 0
}

// parseRestrictionList is ParseRestrictions for names with commas between, as
// identity providers without lists write them; spaces around a name are dropped
// and a blank text is the empty set.
func parseRestrictionList(list string) (Restrictions, error) {
	if strings.TrimSpace(list) == "" {
		return 0, nil
	}
	names := strings.Split(list, ",")
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
	}
	return ParseRestrictions(names...)
}

// Has tells whether all of the given restrictions are in the set.
func (r Restrictions) Has(all Restrictions) bool { return r&all == all }

// Names returns the names of the set, never nil.
func (r Restrictions) Names() []string {
	names := make([]string, 0, len(restrictions))
	for _, one := range restrictions {
		if r.Has(one.is) {
			names = append(names, one.name)
		}
	}
	return names
}

// MarshalJSON writes the set as an array of names.
func (r Restrictions) MarshalJSON() ([]byte, error) { return json.Marshal(r.Names()) }

// UnmarshalJSON takes an array of known names; null is the empty set.
func (r *Restrictions) UnmarshalJSON(data []byte) error {
	var names []string
	if err := json.Unmarshal(data, &names); err != nil {
		return err
	}
	set, err := ParseRestrictions(names...)
	if err != nil {
		return err
	}
	*r = set
	return nil
}
