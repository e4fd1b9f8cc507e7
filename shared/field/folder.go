package field

import (
	"slices"
	"strings"

	"rubrica/shared/body"
	"rubrica/shared/problem"
)

// CreateFolder adds a folder under a new id; without a position it is the last.
func (s Set) CreateFolder(id, name string, position *int) (Set, Folder, error) {
	s = s.Clone()
	if s.named(name, "") {
		return s, Folder{}, folderExists()
	}
	if len(s.Own) == MaxFolders {
		return s, Folder{}, problem.InvalidField("name", body.CodeTooMany, "A workspace has at most %d folders of its own.", MaxFolders)
	}
	made := Folder{ID: id, Name: name}
	if position == nil {
		position = new(lastPlace)
	}
	s.moveFolder(&made, nowhere, *position, lastPlace)
	s.Own = append(s.Own, made)
	return s, made, nil
}

// moveFolder gives a folder that stood at from the place at, home where that is
// lastPlace. The others give way, as fields do.
func (s *Set) moveFolder(f *Folder, from, at, home int) {
	others := slices.DeleteFunc(s.Folders(), func(other Folder) bool { return other.ID == f.ID })
	if at == lastPlace {
		at = home
	}
	if at == lastPlace {
		at = behind(others, from)
	}
	f.Position = at
	for i, at := range giveWay(others, from, at) {
		if others[i].Position != at {
			others[i].Position = at
			s.storeFolder(others[i])
		}
	}
}

// storeFolder puts a changed folder in the place of the one with its id.
func (s *Set) storeFolder(f Folder) {
	if f.Standard {
		if s.Moved == nil {
			s.Moved = map[string]int{}
		}
		s.Moved[f.ID] = f.Position
		return
	}
	for i := range s.Own {
		if s.Own[i].ID == f.ID {
			s.Own[i] = f
		}
	}
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
	after, home := before, lastPlace
	if before.Standard {
		home = slices.IndexFunc(defaultFolders, func(f Folder) bool { return f.ID == id })
	}
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
		s.moveFolder(&after, before.Position, *position, home)
	}
	s.storeFolder(after)
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
