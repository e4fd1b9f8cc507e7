package field

import (
	"maps"
	"slices"
	"strings"

	"rubrica/shared/body"
	"rubrica/shared/problem"
)

// Draft is what a body says of a field: of a new one, or what to change in one.
// Members that it says nothing of are nil.
type Draft struct {
	Key       string
	Type      Type
	Label     *string
	Folder    *string
	Position  *int
	Options   []string
	ManagedBy *string
	Shown     *bool
}

// ReadDraft takes the members of a field from a body; what is wrong is noted.
func ReadDraft(f *body.Form, creating bool) Draft {
	var d Draft
	if creating {
		d.Key = f.Text("key", 63)
		f.Require("key", d.Key != "" || f.Refused("key"))
		if d.Key != "" && !validKey(d.Key) {
			f.Refuse("key", "invalid_key", "Must be 1 to 63 of a-z, 0-9 and _, beginning with a letter.")
		}
		names := make([]string, len(Types))
		for i, t := range Types {
			names[i] = string(t)
		}
		d.Type = Type(f.Choice("type", names...))
		f.Require("type", d.Type != "" || f.Refused("type"))
	} else {
		for _, fixed := range []string{"key", "type", "standard"} {
			if f.Has(fixed) {
				f.Refuse(fixed, body.CodeReadOnly, "This never changes; make another field instead.")
			}
		}
	}
	if f.Has("label") {
		label := f.Text("label", 100)
		if label == "" && !f.Refused("label") {
			f.Refuse("label", body.CodeRequired, "A label has at least one character.")
		}
		d.Label = &label
	}
	if f.Has("folder") {
		d.Folder = new(f.Text("folder", 64))
	}
	if n, given := f.Int("position", 0, 10_000); given {
		d.Position = &n
	}
	if f.Has("managedBy") {
		d.ManagedBy = new(f.Text("managedBy", 64))
	}
	if shown, given := f.Bool("shown"); given {
		d.Shown = &shown
	}
	d.Options = readOptions(f)
	isList := d.Type == List || d.Type == MultiList
	switch {
	case creating && isList && len(d.Options) == 0 && !f.Refused("options"):
		f.Refuse("options", body.CodeRequired, "A list has at least one option.")
	case creating && !isList && d.Options != nil:
		f.Refuse("options", body.CodeInvalid, "Only lists have options.")
	}
	return d
}

func readOptions(f *body.Form) []string {
	given, ok := f.Strings("options", MaxOptions)
	if !ok {
		return nil
	}
	options := make([]string, 0, len(given))
	for i, o := range given {
		o = strings.TrimSpace(o)
		switch {
		case o == "" || len([]rune(o)) > 255:
			f.Refuse(body.Index("options", i), body.CodeInvalid, "An option has 1 to 255 characters.")
		case slices.Contains(options, o):
			f.Refuse(body.Index("options", i), body.CodeDuplicate, "This option stands there already.")
		}
		options = append(options, o)
	}
	return options
}

func validKey(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (i == 0 || (c < '0' || c > '9') && c != '_') {
			return false
		}
	}
	return s != "" && len(s) <= 63
}

// Clone returns a copy that shares nothing with s.
func (s Set) Clone() Set {
	s.Custom, s.Own = slices.Clone(s.Custom), slices.Clone(s.Own)
	s.Changed, s.Moved = maps.Clone(s.Changed), maps.Clone(s.Moved)
	return s
}

// Create adds a custom field under a new id.
func (s Set) Create(id string, d Draft) (Set, Definition, error) {
	s = s.Clone()
	if isStandard(d.Key) {
		return s, Definition{}, problem.Conflicting("standard_field", "This is the key of a standard field.")
	}
	if _, there := s.CustomField(d.Key); there {
		return s, Definition{}, problem.Conflicting("field_exists", "There is a field with this key.")
	}
	if len(s.Custom) == MaxCustom {
		return s, Definition{}, problem.Conflicting("too_many_fields", "A workspace has at most %d custom fields.", MaxCustom)
	}
	made := Definition{ID: id, Key: d.Key, Type: d.Type, Label: d.Key, Folder: FolderAdditional, Options: d.Options}
	made.Position = s.lastIn(made.Folder)
	if d.Folder != nil && *d.Folder != "" {
		made.Folder = *d.Folder
		made.Position = s.lastIn(made.Folder)
	}
	if err := s.apply(&made, d); err != nil {
		return s, Definition{}, err
	}
	s.Custom = append(s.Custom, made)
	return s, made, nil
}

// lastIn is the position behind all fields of a folder.
func (s *Set) lastIn(folder string) int {
	last := 0
	for _, d := range s.All() {
		if d.Folder == folder {
			last = max(last, d.Position+1)
		}
	}
	return last
}

func (s *Set) apply(to *Definition, d Draft) error {
	if d.Label != nil {
		to.Label = *d.Label
	}
	if d.Folder != nil && *d.Folder != "" {
		if _, ok := s.Folder(*d.Folder); !ok {
			return problem.InvalidField("folder", "unknown_folder", "There is no folder with this id.")
		}
		to.Folder = *d.Folder
	}
	if d.Position != nil {
		to.Position = *d.Position
	}
	if d.ManagedBy != nil {
		to.ManagedBy = *d.ManagedBy
	}
	if d.Shown != nil {
		to.Hidden = !*d.Shown
	}
	return nil
}

// Update changes a field. Of a standard one the label stays.
func (s Set) Update(key string, d Draft) (Set, Definition, error) {
	s = s.Clone()
	before, ok := s.Field(key)
	if !ok {
		return s, before, errNoField
	}
	after := before
	if before.Standard && (d.Label != nil || d.Options != nil) {
		return s, before, problem.Conflicting("standard_field", "A standard field keeps its label and its options.")
	}
	if d.Options != nil {
		if before.Type != List && before.Type != MultiList {
			return s, before, problem.InvalidField("options", body.CodeInvalid, "Only lists have options.")
		}
		if len(d.Options) == 0 {
			return s, before, problem.InvalidField("options", body.CodeRequired, "A list has at least one option.")
		}
		after.Options = d.Options
	}
	if err := s.apply(&after, d); err != nil {
		return s, before, err
	}
	if before.Standard {
		if s.Changed == nil {
			s.Changed = map[string]Definition{}
		}
		s.Changed[key] = after
		return s, after, nil
	}
	custom, _ := s.CustomField(key)
	*custom = after
	return s, after, nil
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

// CreateFolder adds a folder under a new id.
func (s Set) CreateFolder(id, name string, position *int) (Set, Folder, error) {
	s = s.Clone()
	if s.named(name, "") {
		return s, Folder{}, folderExists()
	}
	if len(s.Own) == MaxFolders {
		return s, Folder{}, problem.InvalidField("name", body.CodeTooMany, "A workspace has at most %d folders of its own.", MaxFolders)
	}
	made := Folder{ID: id, Name: name}
	for _, f := range s.Folders() {
		made.Position = max(made.Position, f.Position+1)
	}
	if position != nil {
		made.Position = *position
	}
	s.Own = append(s.Own, made)
	return s, made, nil
}

// named tells whether a folder other than the given one has the name, whatever
// its case.
func (s *Set) named(name, except string) bool {
	return slices.ContainsFunc(s.Folders(), func(f Folder) bool { return f.ID != except && strings.EqualFold(f.Name, name) })
}

func folderExists() error {
	return problem.Conflicting("folder_exists", "There is a folder with this name.")
}

// UpdateFolder renames or moves a folder; a default one can only be moved.
func (s Set) UpdateFolder(id string, name *string, position *int) (Set, Folder, error) {
	s = s.Clone()
	before, ok := s.Folder(id)
	if !ok {
		return s, before, errNoFolder
	}
	after := before
	if name != nil {
		if before.Standard && *name != before.Name {
			return s, before, problem.Conflicting("standard_folder", "A default folder keeps its name.")
		}
		if s.named(*name, id) {
			return s, before, folderExists()
		}
		after.Name = *name
	}
	if position != nil {
		after.Position = *position
	}
	if before.Standard {
		if position != nil {
			if s.Moved == nil {
				s.Moved = map[string]int{}
			}
			s.Moved[id] = *position
		}
		return s, after, nil
	}
	for i := range s.Own {
		if s.Own[i].ID == id {
			s.Own[i] = after
		}
	}
	return s, after, nil
}

// DeleteFolder removes a folder that holds no fields.
func (s Set) DeleteFolder(id string) (Set, Folder, error) {
	s = s.Clone()
	before, ok := s.Folder(id)
	switch {
	case !ok:
		return s, before, errNoFolder
	case before.Standard:
		return s, before, problem.Conflicting("standard_folder", "A default folder cannot be deleted.")
	case slices.ContainsFunc(s.All(), func(d Definition) bool { return d.Folder == id }):
		return s, before, problem.Conflicting("folder_not_empty", "The folder holds fields; move or delete them first.")
	}
	s.Own = slices.DeleteFunc(s.Own, func(f Folder) bool { return f.ID == id })
	return s, before, nil
}

// cutFields splits "fields.score" into its key.
func cutFields(member string) (key string, custom bool) { return strings.CutPrefix(member, "fields.") }
