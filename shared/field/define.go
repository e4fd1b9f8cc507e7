package field

import (
	"maps"
	"slices"
	"strconv"

	"rubrica/shared/problem"
)

// Clone returns a copy whose fields and folders can be changed without changing
// those of s.
func (s Set) Clone() Set {
	s.Custom, s.Own = slices.Clone(s.Custom), slices.Clone(s.Own)
	s.Changed, s.Moved = maps.Clone(s.Changed), maps.Clone(s.Moved)
	return s
}

// Create adds a custom field.
func (s Set) Create(d Draft) (Set, Definition, error) {
	s = s.Clone()
	if err := problem.Invalid(s.Wrong("", d)...); err != nil {
		return s, Definition{}, err
	}
	if isStandard(d.Key) || slices.Contains(otherMembers, d.Key) {
		return s, Definition{}, problem.Conflicting("standard_field", "This is the key of a standard field, or another member of every contact.")
	}
	if _, there := s.CustomField(d.Key); there {
		return s, Definition{}, problem.Conflicting("field_exists", "There is a field with this key.")
	}
	if len(s.Custom) == MaxCustom {
		return s, Definition{}, problem.Conflicting("too_many_fields", "A workspace has at most %d custom fields.", MaxCustom)
	}
	s.Made++
	made := Definition{ID: strconv.Itoa(s.Made), Key: d.Key, Type: d.Type}
	home := Definition{Label: d.Key, Folder: FolderAdditional, Position: lastPlace}
	if d.Label == nil {
		d.Label = new("")
	}
	if d.Folder == nil {
		d.Folder = new("")
	}
	s.apply(&made, home, d)
	s.Custom = append(s.Custom, made)
	return s, made, nil
}

// Update changes a field. A standard one keeps its label and its options.
func (s Set) Update(key string, d Draft) (Set, Definition, error) {
	s = s.Clone()
	before, ok := s.Field(key)
	if !ok {
		return s, before, errNoField
	}
	if err := problem.Invalid(s.Wrong(key, d)...); err != nil {
		return s, before, err
	}
	home := Definition{Label: key, Folder: FolderAdditional, Position: lastPlace}
	if before.Standard {
		home = standardField(key)
		if d.Label != nil && *d.Label != "" && *d.Label != home.Label || d.Options != nil && !slices.Equal(*d.Options, home.Options) {
			return s, before, problem.Conflicting("standard_field", "A standard field keeps its label and its options.")
		}
	}
	after := before
	s.apply(&after, home, d)
	s.store(after)
	return s, after, nil
}

// apply changes a definition as a draft says; home has its defaults.
func (s *Set) apply(to *Definition, home Definition, d Draft) {
	if d.Label != nil {
		to.Label = or(*d.Label, home.Label)
	}
	if d.Options != nil && to.Type.hasOptions() {
		to.Options = *d.Options
	}
	if d.ManagedBy != nil {
		to.ManagedBy = *d.ManagedBy
	}
	if d.Shown != nil {
		to.Hidden = !*d.Shown
	}
	before := *to
	if d.Folder != nil {
		to.Folder = or(*d.Folder, home.Folder)
	}
	from := nowhere
	if to.Folder == before.Folder {
		from = before.Position
	}
	others := s.others(to.Folder, to.Key)
	switch {
	case d.Position != nil && *d.Position != lastPlace:
		to.Position = *d.Position
	case d.Position != nil && home.Position != lastPlace && to.Folder == home.Folder:
		to.Position = home.Position
	case d.Position != nil || from == nowhere:
		to.Position = behind(others, from)
	}
	for i, at := range giveWay(others, from, to.Position) {
		if others[i].Position != at {
			others[i].Position = at
			s.store(others[i])
		}
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// others are the fields of a folder but one, in their order.
func (s *Set) others(folder, except string) []Definition {
	return slices.DeleteFunc(s.All(), func(d Definition) bool { return d.Folder != folder || d.Key == except })
}

// store puts a changed definition in the place of the one with its key.
func (s *Set) store(d Definition) {
	if custom, ok := s.CustomField(d.Key); ok {
		*custom = d
		return
	}
	if s.Changed == nil {
		s.Changed = map[string]Definition{}
	}
	s.Changed[d.Key] = d
}

// Delete removes a custom field: its values are gone from every contact at once.
func (s Set) Delete(key string) (Set, Definition, error) {
	s = s.Clone()
	before, ok := s.Field(key)
	if !ok {
		return s, before, errNoField
	}
	if before.Standard {
		return s, before, problem.Conflicting("standard_field", "A standard field cannot be deleted.")
	}
	s.Custom = slices.DeleteFunc(s.Custom, func(d Definition) bool { return d.Key == key })
	return s, before, nil
}
