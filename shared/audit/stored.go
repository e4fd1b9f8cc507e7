package audit

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"rubrica/shared/object"
	"rubrica/shared/table"
)

// Row is the row of an entry, there or in change records.
func (e *Entry) Row(key table.Key, expires time.Time) table.Row {
	row := table.Row{Key: key, Schema: 1, Doc: e.Encode(), Expires: expires}
	if e.Shared != "" {
		row.Schema = Schema
	}
	return row
}

// Encode makes the document that an entry is stored as, as its tags say; a test
// holds the two together. Of every change three are made.
func (e *Entry) Encode() []byte {
	w := object.Writer{Bytes: make([]byte, 0, 384+16*len(e.Members)+len(e.Sealed)+len(e.Shared)+32*len(e.Others))}
	w.Open()
	w.Text("id", e.ID)
	w.Text("subject", e.Subject)
	w.Int("version", e.Version)
	w.TrueUnlessFalse("aside", e.Aside)
	w.Text("action", string(e.Action))
	w.Name("actor")
	w.Open()
	w.Text("type", string(e.Actor.Type))
	w.Text("id", e.Actor.ID)
	w.TextUnlessEmpty("onBehalfOf", e.Actor.OnBehalfOf)
	w.Close()
	w.Instant("at", e.At)
	w.Text("requestId", e.RequestID)
	w.TextsUnlessEmpty("members", e.Members)
	w.TextUnlessEmpty("sealed", e.Sealed)
	w.TextUnlessEmpty("shared", e.Shared)
	w.TextsUnlessEmpty("others", e.Others)
	w.Close()
	return w.Bytes
}

// ReadStored is json.Unmarshal of what Encode makes, without reflection; texts are
// parts of doc.
func (e *Entry) ReadStored(doc string) (err error) {
	r := object.Members(doc)
	for err == nil && r.Next() {
		switch r.Name {
		case "id":
			e.ID, err = object.Text(r.Value)
		case "subject":
			e.Subject, err = object.Text(r.Value)
		case "version":
			e.Version, err = object.Int(r.Value)
		case "action":
			var s string
			s, err = object.Text(r.Value)
			e.Action = Action(s)
		case "actor":
			err = e.Actor.read(r.Value)
		case "at":
			e.At, err = object.Instant(r.Value)
		case "aside":
			e.Aside, err = object.Bool(r.Value)
		case "requestId":
			e.RequestID, err = object.Text(r.Value)
		case "members":
			e.Members, err = object.Texts(r.Value)
		case "sealed":
			e.Sealed, err = object.Text(r.Value)
		case "shared":
			e.Shared, err = object.Text(r.Value)
		case "others":
			e.Others, err = object.Texts(r.Value)
		}
	}
	if err != nil {
		return err
	}
	return r.Err()
}

func (a *Actor) read(value string) (err error) {
	r := object.Members(value)
	for err == nil && r.Next() {
		var s string
		s, err = object.Text(r.Value)
		switch r.Name {
		case "type":
			a.Type = ActorType(s)
		case "id":
			a.ID = s
		case "onBehalfOf":
			a.OnBehalfOf = s
		}
	}
	if err != nil {
		return err
	}
	return r.Err()
}

// Decode reads the entry of a stored document, of the log or of a change record.
func Decode(row table.Row) (Entry, error) {
	var e Entry
	if row.Schema > Schema {
		return e, fmt.Errorf("audit: row %s has schema %d, this version knows %d", row.Key, row.Schema, Schema)
	}
	if err := e.ReadStored(string(row.Doc)); err == nil {
		return e, nil
	}
	e = Entry{} // what is wrong is told by the general way
	if err := json.Unmarshal(row.Doc, &e); err != nil {
		return e, fmt.Errorf("audit: row %s: %w", row.Key, err)
	}
	return e, nil
}
