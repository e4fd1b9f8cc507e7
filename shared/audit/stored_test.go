package audit_test

import (
	"testing"

	"rubrica/shared/audit"
	"rubrica/shared/object/objecttest"
	"rubrica/shared/table"
)

func TestAnEntryIsStoredWithAllItHas(t *testing.T) {
	t.Parallel()
	objecttest.Encodes(t, (*audit.Entry).Encode)
	objecttest.Stores(t, (*audit.Entry).Encode, func(doc []byte) (audit.Entry, error) {
		return audit.Decode(table.Row{Schema: audit.Schema, Doc: doc})
	})
}
