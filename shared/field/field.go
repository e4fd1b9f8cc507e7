// Package field is what a workspace says of the fields of its contacts: the
// standard ones, which are always there, and its own; in which folder each is
// shown, who manages it, and what values it takes. Pure rules; the ledger keeps
// a Set in one row, api/fields speaks of it.
package field

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"rubrica/shared/problem"
)

// Limits of a workspace.
const (
	MaxCustom      = 200       // custom fields
	MaxFolders     = 50        // folders beyond the default ones
	MaxOptions     = 200       // options of a list
	MaxOptionBytes = 150 << 10 // of all fields together, as JSON: a Set is one row, which has at most 400 KB
	MaxValues      = 64 << 10  // bytes of all custom values of one contact, as JSON
)

// Definition is one field.
type Definition struct {
	// ID tells a field from a former one with the same key: values are kept
	// under it, so that a field made anew starts empty. It is the number of the
	// field among all that the workspace ever made; of a standard field its key.
	ID  string `json:"id"`
	Key string `json:"key"`
	// Label is what people read; standard fields have the one of their key.
	Label string `json:"label"`
	Type  Type   `json:"type"`
	// Folder is a folder's id, Position its place in it, from 0.
	Folder   string `json:"folder"`
	Position int    `json:"position"`
	// Options are the words of a list or multilist, in order.
	Options []string `json:"options,omitempty"`
	// ManagedBy is the integration that alone may change values (C6); "" is
	// everybody.
	ManagedBy string `json:"managedBy,omitzero"`
	// Hidden leaves the field out of the card.
	Hidden bool `json:"hidden,omitzero"`
	// Standard fields are members of every contact.
	Standard bool `json:"standard,omitzero"`
}

// Folder is a named group of fields.
type Folder struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Position int    `json:"position"`
	// Standard folders cannot be renamed or deleted.
	Standard bool `json:"standard"`
}

// Set is all fields and folders of a workspace. The zero Set is that of one
// that never changed any: use All and Folders, which know the standard ones.
type Set struct {
	// Version rises with every change.
	Version int64 `json:"version"`
	// Custom are the workspace's own fields, in the order in which they were made;
	// Made counts them and those that were deleted since.
	Custom []Definition `json:"custom,omitempty"`
	Made   int          `json:"made,omitzero"`
	// Changed are standard fields whose folder, position, manager or visibility
	// the workspace has changed, by key.
	Changed map[string]Definition `json:"changed,omitempty"`
	// Own are folders beyond the default ones; Moved are positions of those.
	Own   []Folder       `json:"own,omitempty"`
	Moved map[string]int `json:"moved,omitempty"`
}

// The default folders.
const (
	FolderContact    = "contact"
	FolderGeneral    = "general"
	FolderAdditional = "additional"
)

var defaultFolders = []Folder{
	{ID: FolderContact, Name: "Contact", Position: 0, Standard: true},
	{ID: FolderGeneral, Name: "General Info", Position: 1, Standard: true},
	{ID: FolderAdditional, Name: "Additional Info", Position: 2, Standard: true},
}

// Folders are all folders in their order.
func (s *Set) Folders() []Folder {
	all := slices.Clone(defaultFolders)
	for i := range all {
		if at, ok := s.Moved[all[i].ID]; ok {
			all[i].Position = at
		}
	}
	all = append(all, s.Own...)
	slices.SortStableFunc(all, func(a, b Folder) int { return cmp.Compare(a.Position, b.Position) })
	return all
}

// Folder returns the folder with the given id.
func (s *Set) Folder(id string) (Folder, bool) {
	for _, f := range s.Folders() {
		if f.ID == id {
			return f, true
		}
	}
	return Folder{}, false
}

// All are all fields, by folder and position.
func (s *Set) All() []Definition {
	all := make([]Definition, 0, len(standard)+len(s.Custom))
	for _, d := range standard {
		if changed, ok := s.Changed[d.Key]; ok {
			d.Folder, d.Position, d.ManagedBy, d.Hidden = changed.Folder, changed.Position, changed.ManagedBy, changed.Hidden
		}
		all = append(all, d)
	}
	all = append(all, s.Custom...)
	order := map[string]int{}
	for i, f := range s.Folders() {
		order[f.ID] = i
	}
	slices.SortStableFunc(all, func(a, b Definition) int {
		return cmp.Or(cmp.Compare(order[a.Folder], order[b.Folder]), cmp.Compare(a.Position, b.Position))
	})
	return all
}

// Field returns the field with the given key, standard or custom.
func (s *Set) Field(key string) (Definition, bool) {
	for _, d := range s.All() {
		if d.Key == key {
			return d, true
		}
	}
	return Definition{}, false
}

// CustomField returns the custom field with the given key.
func (s *Set) CustomField(key string) (*Definition, bool) {
	return s.custom(func(d *Definition) bool { return d.Key == key })
}

// CustomID returns the custom field with the given id.
func (s *Set) CustomID(id string) (*Definition, bool) {
	return s.custom(func(d *Definition) bool { return d.ID == id })
}

func (s *Set) custom(is func(*Definition) bool) (*Definition, bool) {
	for i := range s.Custom {
		if is(&s.Custom[i]) {
			return &s.Custom[i], true
		}
	}
	return nil, false
}

// Knows tells whether the Set is new enough to say what the id of a custom field
// stands for: a field, or one that was deleted. Of ids that it does not know a
// later Set does.
func (s *Set) Knows(id string) bool {
	n, err := strconv.Atoi(id)
	return err != nil || n <= s.Made
}

// ManagedBy is the integration that manages a member ("phone", "externalIds.sap")
// or a custom field ("fields.score"); "" if nobody does.
func (s *Set) ManagedBy(member string) string {
	name, key, _ := strings.Cut(member, ".")
	if name != "fields" {
		return s.Changed[name].ManagedBy
	}
	if d, ok := s.CustomField(key); ok {
		return d.ManagedBy
	}
	return ""
}

// Errors of changing definitions.
var (
	errNoField  = problem.New(problem.NotFound, "There is no such field.")
	errNoFolder = problem.New(problem.NotFound, "There is no such folder.")
)
