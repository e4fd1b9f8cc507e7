package sweep

import "rubrica/shared/table"

// bug is a mistake built into the process under test; the zero bug is none.
type bug struct {
	name string
	// table stands between the ledger and the main table.
	table func(table.Driver) table.Driver
	// forward stands in for the relay.
	forward func(forward) forward
	// acknowledgesFirst deletes messages before they are handled.
	acknowledgesFirst bool
}

func (b bug) around(d table.Driver) table.Driver {
	if b.table == nil {
		return d
	}
	return b.table(d)
}

func (b bug) relay(f forward) forward {
	if b.forward == nil {
		return f
	}
	return b.forward(f)
}
