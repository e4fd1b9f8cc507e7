package ledger

import (
	"testing"

	"rubrica/shared/object/objecttest"
	"rubrica/shared/table"
)

func TestARecordIsStoredWithAllItHas(t *testing.T) {
	t.Parallel()
	objecttest.Stores(t, (*record).encode, func(doc []byte) (r record, err error) {
		s, err := decodeRecord(table.Row{Schema: recordSchema, Doc: doc})
		return s.record, err
	})
}

func TestAFormerContactIsStoredWithAllItHas(t *testing.T) {
	t.Parallel()
	objecttest.Stores(t, (*former).encode, func(doc []byte) (f former, err error) {
		err = f.decode(table.Row{Schema: formerSchema, Doc: doc})
		return f, err
	})
}
