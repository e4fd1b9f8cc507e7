package ledger

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/object"
	"rubrica/shared/seal"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// recordSchema is the version of a contact row's form.
const recordSchema = 1

// record is what a contact's row holds: the contact, its data key, the hints
// that are stored though no longer true and those that are true and not stored
// yet, and the leases of its phone.
type record struct {
	contact.Contact
	Key   seal.Key `json:"key"`
	Stale []Hint   `json:"stale,omitempty"`
	Late  []Hint   `json:"late,omitempty"`
	Locks []lease  `json:"locks,omitempty"`
	// Seats are of stored hints, of what it carries and of stale ones.
	Seats seats `json:"seats,omitempty"`
	// Keys are those of the contacts that it absorbed, by their ids: they go when it
	// goes. Writers are the merges that wrote what it has of a member, the latest of
	// each.
	Keys    map[string]seal.Key `json:"keys,omitempty"`
	Writers map[string]string   `json:"writers,omitempty"`
	// Freed are digests of values that it held, and whose rows are to be refreshed.
	Freed []string `json:"freed,omitempty"`
}

// keyOf returns the key of the contact itself, or of one that it absorbed.
func (r *record) keyOf(id string) seal.Key {
	if id == r.ID {
		return r.Key
	}
	return r.Keys[id]
}

// keys are all that keyOf returns, by the ids.
func (r *record) keys() audit.Keys {
	keys := audit.Keys{r.ID: r.Key}
	maps.Copy(keys, r.Keys)
	return keys
}

// stored is a record with the row it was read from; the zero stored is none.
type stored struct {
	record
	row table.Row
}

func decodeRecord(row table.Row) (stored, error) {
	var s stored
	err := s.decode(row)
	return s, err
}

// decode is decodeRecord into what is there already, of which nothing is kept:
// for many rows one after the other, since a stored takes a kilobyte and more.
func (s *stored) decode(row table.Row) error {
	*s = stored{row: row}
	if row.Schema <= recordSchema && s.read(string(row.Doc)) == nil {
		return nil
	}
	*s = stored{row: row} // what is unusual, or wrong, is told by the general way
	if err := decode(row, recordSchema, &s.record); err != nil {
		*s = stored{}
		return err
	}
	return nil
}

// read is decode without reflection: a page has a hundred records. It fails on a
// document that has anything in it that records usually do not have.
func (r *record) read(doc string) error {
	members := object.Members(doc)
	for members.Next() {
		known, err := r.ReadStored(members.Name, members.Value)
		if !known && members.Name == "key" {
			var text string
			if text, err = object.Text(members.Value); err == nil {
				err = r.Key.UnmarshalText([]byte(text))
			}
			known = true
		}
		if into := r.rare(members.Name); !known && into != nil {
			known, err = true, json.Unmarshal([]byte(members.Value), into)
		}
		if err != nil {
			return err
		}
		if !known {
			return object.ErrSyntax
		}
	}
	return members.Err()
}

// rare are the members that few records have, by name.
func (r *record) rare(name string) any {
	switch name {
	case "stale":
		return &r.Stale
	case "late":
		return &r.Late
	case "seats":
		return &r.Seats
	case "locks":
		return &r.Locks
	case "keys":
		return &r.Keys
	case "writers":
		return &r.Writers
	case "freed":
		return &r.Freed
	}
	return nil
}

// encode makes the document that read reads.
func (r *record) encode() []byte {
	w := object.Writer{Bytes: make([]byte, 0, 1024)}
	w.Open()
	r.WriteStored(&w)
	key, _ := r.Key.MarshalText() // never fails
	w.Text("key", string(key))
	rare := func(name string, n int) {
		if n > 0 {
			w.Name(name)
			w.Bytes = append(w.Bytes, encode(r.rare(name))...)
		}
	}
	rare("stale", len(r.Stale))
	rare("late", len(r.Late))
	rare("seats", len(r.Seats))
	rare("locks", len(r.Locks))
	rare("keys", len(r.Keys))
	rare("writers", len(r.Writers))
	rare("freed", len(r.Freed))
	w.Close()
	return w.Bytes
}

// decode reads a row's document; a schema newer than ours is an error, so that
// an old function never writes over what it does not understand.
func decode(row table.Row, schema int, into any) error {
	if row.Schema > schema {
		return fmt.Errorf("ledger: row %s has schema %d, this version knows %d", row.Key, row.Schema, schema)
	}
	if err := json.Unmarshal(row.Doc, into); err != nil {
		return fmt.Errorf("ledger: row %s: %w", row.Key, err)
	}
	return nil
}

// encode makes a row's document. It cannot fail for our own types.
func encode(doc any) []byte {
	b, err := json.Marshal(doc)
	if err != nil {
		panic(fmt.Sprintf("ledger: encoding a %T: %v", doc, err))
	}
	return b
}

// toRow makes the contact's row; hints that are not as they should be ask for a
// reindex, values that it lost for a refresh.
func (r *record) toRow(ws tenant.Workspace) table.Row {
	r.Seats = r.Seats.only(r.derived())
	row := table.Row{Key: ContactKey(ws, r.ID), Schema: recordSchema, Doc: r.encode()}
	if r.unsettled() {
		row.Out = TopicReindex
	}
	if len(r.Freed) > 0 {
		row = refreshing(row)
	}
	return row
}

// unsettled tells whether hints are stored that should not be, or are to be.
func (r *record) unsettled() bool { return len(r.Stale)+len(r.Late)+len(r.borrowed()) > 0 }

// derived are all hints that the record says are stored, whatever their seats.
func (r *record) derived() []Hint {
	return append(hintsWithout(Rows(&r.Contact), r.Late), r.Stale...)
}

// hintsWithout are the hints of a list that another one has not.
func hintsWithout(hints, other []Hint) []Hint {
	if len(other) == 0 {
		return hints
	}
	return slices.DeleteFunc(slices.Clone(hints), func(h Hint) bool { return contains(other, h) })
}

// Retention is how long change records stay beside the audit log: longer than
// any outage of the way between them.
const Retention = 13 * 30 * 24 * time.Hour

// changeRow makes the change record of an entry.
func changeRow(ws tenant.Workspace, e *audit.Entry) table.Row {
	row := e.Row(changeKey(ws, e.Subject, e.Version), e.At.Time().Add(Retention))
	row.Out = TopicAudit
	return row
}

// EntryIn returns the entry that a row holds: that of a change record, of a
// former contact's deletion, or of a tag's creation.
func EntryIn(row table.Row) (audit.Entry, error) {
	switch kind := row.Key.Partition().Parts()[0]; kind {
	case "of":
		return audit.Decode(row)
	case "former":
		e, _, err := deletionIn(row)
		return e, err
	case "tags":
		t, err := decodeTag(row)
		return t.Created, err
	default:
		return audit.Entry{}, fmt.Errorf("ledger: row %s holds no change", row.Key)
	}
}
