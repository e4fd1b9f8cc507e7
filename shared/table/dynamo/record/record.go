// Package record reads the records of the table's change stream: the one rule
// of what is a change, for the relay's Lambda, which is handed records, and for
// table/dynamo/streams, which fetches them. It knows neither's types, so that
// neither links the other's.
package record

import (
	"fmt"

	"rubrica/shared/table"
)

// Change is what a record says to the relay: false if nothing. event is the
// record's event name; attribute returns a text attribute of the new image, ""
// if it is not there. A removal is no change, neither ours nor expiry's, nor is
// a row without an Out. The stream must show new images.
func Change(event string, attribute func(name string) string) (table.Change, bool, error) {
	if event != "INSERT" && event != "MODIFY" {
		return table.Change{}, false, nil
	}
	out := attribute(table.AttrOut)
	if out == "" {
		return table.Change{}, false, nil
	}
	key, err := table.StoredKey(attribute(table.AttrPK), attribute(table.AttrSK))
	if err != nil {
		return table.Change{}, false, fmt.Errorf("table: a stream record: %w", err)
	}
	return table.Change{Key: key, Out: out}, true, nil
}
