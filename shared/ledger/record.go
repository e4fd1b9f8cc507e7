package ledger

import (
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/object"
	"rubrica/shared/seal"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// recordSchema is the version of a contact row's form.
const recordSchema = 1

// record is what a contact's row holds: the contact, its data key, the hints
// that are stored though no longer true, and the leases of its phone.
type record struct {
	contact.Contact
	Key   seal.Key `json:"key"`
	Stale []Hint   `json:"stale,omitempty"`
	Locks []Lock   `json:"locks,omitempty"`
}

// stored is a record with the row it was read from; the zero stored is none.
type stored struct {
	record
	row table.Row
}

func decodeRecord(row table.Row) (stored, error) {
	s := stored{row: row}
	if row.Schema <= recordSchema && s.read(string(row.Doc)) == nil {
		return s, nil
	}
	s = stored{row: row} // what is unusual, or wrong, is told by the general way
	if err := decode(row, recordSchema, &s.record); err != nil {
		return stored{}, err
	}
	return s, nil
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
		if err != nil {
			return err
		}
		if !known {
			return object.ErrSyntax
		}
	}
	return members.Err()
}

// encode makes the document that read reads.
func (r *record) encode() []byte {
	w := object.Writer{Bytes: make([]byte, 0, 1024)}
	w.Open()
	r.WriteStored(&w)
	key, _ := r.Key.MarshalText() // never fails
	w.Text("key", string(key))
	if len(r.Stale) > 0 {
		w.Name("stale")
		w.Bytes = append(w.Bytes, encode(r.Stale)...)
	}
	if len(r.Locks) > 0 {
		w.Name("locks")
		w.Bytes = append(w.Bytes, encode(r.Locks)...)
	}
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

// toRow makes the contact's row; stale hints ask for a reindex.
func (r *record) toRow(ws tenant.Workspace) table.Row {
	row := table.Row{Key: ContactKey(ws, r.ID), Schema: recordSchema, Doc: r.encode()}
	if len(r.Stale) > 0 {
		row.Out = TopicReindex
	}
	return row
}

// derived are all hints that the record says are stored.
func (r *record) derived() []Hint { return append(Rows(&r.Contact), r.Stale...) }

// dropStale takes hints off the list of stale ones.
func (r *record) dropStale(gone []Hint) {
	r.Stale = slices.DeleteFunc(slices.Clone(r.Stale), func(h Hint) bool { return contains(gone, h) })
}

// former is what is left of a contact that is no more: that it was deleted, and
// the change that says by whom. It is the change record of the deletion, and
// kept as long as one: the contact answers 410 for the first 30 days of that. It
// holds nothing of the person but, until the purge, the hints still to remove.
type former struct {
	Deleted bool `json:"deleted"`
	// Assigned are the users who could see it though they see only their own.
	Assigned []string `json:"assigned,omitempty"`
	// Change is the deletion; it has no values.
	Change audit.Entry `json:"change"`
	// Rest are hints that did not fit into the transaction.
	Rest []Hint `json:"rest,omitempty"`
	// Staged says that it is the other way round: since when the contact is to be
	// created, and Rest are hints that were put for it. There is nothing else then.
	Staged instant.Instant `json:"staged,omitzero"`
	// Purged says that the purge is through.
	Purged instant.Instant `json:"purged,omitzero"`
}

const formerSchema = 1

// Retention is how long change records stay beside the audit log: longer than
// any outage of the way between them.
const Retention = 13 * 30 * 24 * time.Hour

// changeRow makes the change record of an entry.
func changeRow(ws tenant.Workspace, e *audit.Entry) table.Row {
	return table.Row{
		Key: changeKey(ws, e.Subject, e.Version), Schema: audit.Schema, Out: TopicAudit,
		Expires: e.At.Time().Add(Retention), Doc: e.Encode(),
	}
}

// EntryIn returns the entry that a row holds: that of a change record, of a
// former contact's deletion, or of a tag's creation.
func EntryIn(row table.Row) (audit.Entry, error) {
	switch kind := row.Key.Partition().Parts()[0]; kind {
	case "of":
		return audit.Decode(row)
	case "former":
		var f former
		err := decode(row, formerSchema, &f)
		return f.Change, err
	case "tags":
		t, err := decodeTag(row)
		return t.Created, err
	default:
		return audit.Entry{}, fmt.Errorf("ledger: row %s holds no change", row.Key)
	}
}
