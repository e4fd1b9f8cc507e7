package fields

import (
	"slices"

	"rubrica/shared/contact"
	"rubrica/shared/field"
)

// differences lists what differs between two states of a field, for the log; the
// zero Definition is before it was made and after it was deleted.
func differences(before, after field.Definition) []contact.Change {
	var changes []contact.Change
	there := func(d field.Definition, v any) any {
		if d.ID == "" {
			return nil
		}
		return v
	}
	add := func(member string, from, to any) {
		if from, to = there(before, from), there(after, to); from != to {
			changes = append(changes, contact.Change{Field: member, From: from, To: to})
		}
	}
	add("label", before.Label, after.Label)
	add("type", string(before.Type), string(after.Type))
	add("folder", before.Folder, after.Folder)
	add("position", before.Position, after.Position)
	if !slices.Equal(before.Options, after.Options) {
		changes = append(changes, contact.Change{Field: "options", From: orNil(before.Options), To: orNil(after.Options)})
	}
	if before.ManagedBy != after.ManagedBy {
		add("managedBy", before.ManagedBy, after.ManagedBy)
	}
	add("shown", !before.Hidden, !after.Hidden)
	return changes
}

func orNil(options []string) any {
	if len(options) == 0 {
		return nil
	}
	return options
}
