package contact_test

import (
	"testing"

	"rubrica/shared/contact"
	"rubrica/shared/object"
	"rubrica/shared/object/objecttest"
)

func TestAContactIsStoredWithAllItHas(t *testing.T) {
	t.Parallel()
	objecttest.Stores(t, func(c *contact.Contact) []byte {
		var w object.Writer
		w.Open()
		c.WriteStored(&w)
		w.Close()
		return w.Bytes
	}, func(doc []byte) (c contact.Contact, err error) {
		r := object.Members(string(doc))
		for r.Next() {
			known, err := c.ReadStored(r.Name, r.Value)
			if err != nil || !known {
				t.Errorf("member %s: known %t, error %v", r.Name, known, err)
			}
		}
		return c, r.Err()
	})
}

func TestAViewIsWrittenAsItsTagsSay(t *testing.T) {
	t.Parallel()
	objecttest.Encodes(t, func(v *contact.View) []byte { return v.AppendJSON(nil) })
}
