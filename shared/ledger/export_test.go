package ledger

import (
	"rubrica/shared/audit"
	"rubrica/shared/seal"
	"rubrica/shared/table"
)

// Opened is what rows of contacts, of absorbed ones and of merges hold in clear, once
// all is opened that the keys of contacts which are there open. For tests of what is
// left of one who is not.
func Opened(rows []table.Row) (texts []string, err error) {
	keys := audit.Keys{}
	for _, row := range rows {
		if row.Key.Partition().Parts()[0] != "contacts" {
			continue
		}
		c, err := decodeRecord(row)
		if err != nil {
			return nil, err
		}
		for id, key := range c.keys() {
			keys[id] = key
		}
	}
	open := func(key seal.Key, sealed, purpose string) {
		if plain, err := key.Open(sealed, purpose); err == nil {
			texts = append(texts, purpose+": "+string(plain))
		}
	}
	for _, row := range rows {
		switch parts := row.Key.Partition().Parts(); parts[0] {
		case "contacts":
			texts = append(texts, string(row.Doc))
		case "former":
			var f former
			if err := f.decode(row); err != nil {
				return nil, err
			}
			open(keys[parts[1]], f.Sealed, absorbedPurpose(parts[1]))
		case "merges":
			m, err := decodeMerge(row)
			if err != nil {
				return nil, err
			}
			open(keys[m.Survivor], m.Sealed, mergePurpose(m.id))
		}
	}
	return texts, nil
}
