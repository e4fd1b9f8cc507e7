package ledger

import (
	"github.com/go-json-experiment/json"

	"rubrica/shared/audit"
	"rubrica/shared/instant"
	"rubrica/shared/object"
	"rubrica/shared/table"
)

// former is what is left of a contact that is no more.
//
// Of one that was deleted: that it was, and the change that says by whom. It is
// the change record of the deletion, and kept as long as one: the contact answers
// 410 for the first 30 days of that. It holds nothing of the person but, until
// the purge, the hints still to remove.
//
// Of one that was absorbed: where it went, and the contact as it was, sealed with
// its own key, which is its survivor's to keep. It stays for as long as the
// survivor.
type former struct {
	Deleted bool `json:"deleted"`
	// Assigned are the users who could see it though they see only their own.
	Assigned []string `json:"assigned,omitempty"`
	// Change is the deletion; it has no values.
	Change audit.Entry `json:"change"`
	// Rest are hints that did not fit into the transaction.
	Rest []Hint `json:"rest,omitempty"`
	// Seats are theirs.
	Seats seats `json:"seats,omitempty"`
	// Staged says that it is the other way round: since when the contact is to be
	// created, and Rest are hints that were put for it. There is nothing else then.
	Staged instant.Instant `json:"staged,omitzero"`
	// Purged says that the purge is through.
	Purged instant.Instant `json:"purged,omitzero"`
	// Absorbed are the contacts that a deleted one had absorbed: they are purged
	// with it.
	Absorbed []string `json:"absorbed,omitempty"`
	// Freed are digests of the values that a deleted one held, until the purge.
	Freed []string `json:"freed,omitempty"`

	// Into is the contact that stands for an absorbed one, Merge what put it there,
	// Version its last: that of the merge.
	Into    string `json:"into,omitzero"`
	Merge   string `json:"merge,omitzero"`
	Version int64  `json:"version,omitzero"`
	Sealed  string `json:"sealed,omitzero"`
}

const formerSchema = 1

// decode reads the row of a former contact into the zero one.
func (f *former) decode(row table.Row) error {
	if row.Schema <= formerSchema && f.read(string(row.Doc)) == nil {
		return nil
	}
	*f = former{} // what is unusual, or wrong, is told by the general way
	return decode(row, formerSchema, f)
}

// read is decode without reflection: a deletion comes to it four times.
func (f *former) read(doc string) (err error) {
	members := object.Members(doc)
	for err == nil && members.Next() {
		switch members.Name {
		case "deleted":
			f.Deleted, err = object.Bool(members.Value)
		case "change":
			err = f.Change.ReadStored(members.Value)
		case "purged":
			f.Purged, err = object.Instant(members.Value)
		default:
			into := f.rare(members.Name)
			if into == nil {
				return object.ErrSyntax
			}
			err = json.Unmarshal([]byte(members.Value), into)
		}
	}
	if err != nil {
		return err
	}
	return members.Err()
}

// rare are the members that few have, by name.
func (f *former) rare(name string) any {
	switch name {
	case "assigned":
		return &f.Assigned
	case "rest":
		return &f.Rest
	case "seats":
		return &f.Seats
	case "staged":
		return &f.Staged
	case "absorbed":
		return &f.Absorbed
	case "freed":
		return &f.Freed
	case "into":
		return &f.Into
	case "merge":
		return &f.Merge
	case "version":
		return &f.Version
	case "sealed":
		return &f.Sealed
	}
	return nil
}

// doc makes the document of its row, with no more seats than it has hints.
func (f *former) doc() []byte {
	f.Seats = f.Seats.only(f.Rest)
	return f.encode()
}

// encode makes the document that read reads.
func (f *former) encode() []byte {
	w := object.Writer{Bytes: make([]byte, 0, 512+len(f.Sealed))}
	w.Open()
	w.Bool("deleted", f.Deleted)
	w.Name("change")
	w.Bytes = append(w.Bytes, f.Change.Encode()...)
	w.TextsUnlessEmpty("assigned", f.Assigned)
	rare := func(name string, there bool) {
		if there {
			w.Name(name)
			w.Bytes = append(w.Bytes, encode(f.rare(name))...)
		}
	}
	rare("rest", len(f.Rest) > 0)
	rare("seats", len(f.Seats) > 0)
	rare("staged", f.Staged != 0)
	if f.Purged != 0 {
		w.Instant("purged", f.Purged)
	}
	w.TextsUnlessEmpty("absorbed", f.Absorbed)
	w.TextsUnlessEmpty("freed", f.Freed)
	w.TextUnlessEmpty("into", f.Into)
	w.TextUnlessEmpty("merge", f.Merge)
	rare("version", f.Version != 0)
	w.TextUnlessEmpty("sealed", f.Sealed)
	w.Close()
	return w.Bytes
}

// deletionIn returns the deletion that a former contact's row tells of; false of
// one that was absorbed, or is still to be created.
func deletionIn(row table.Row) (e audit.Entry, deleted bool, err error) {
	var f former
	err = f.decode(row)
	return f.Change, f.Deleted, err
}
