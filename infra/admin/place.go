package main

import (
	"context"
	"errors"
	"flag"
	"time"

	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
)

// defaultData is the folder that infra/local takes too.
const defaultData = ".rubrica"

// place is where the data is, as the flags say.
type place struct {
	data, dynamoDB, prefix, table, auditTable string
}

func (p *place) declare(set *flag.FlagSet) {
	set.StringVar(&p.data, "data", "", "`folder` of a one-machine server that is stopped (default "+defaultData+")")
	set.StringVar(&p.dynamoDB, "dynamodb", "", "`address` of a DynamoDB, as the server's flag")
	set.StringVar(&p.prefix, "prefix", "", "put in front of the names of tables at -dynamodb, as the server's flag")
	set.StringVar(&p.table, "table", "", "`name` of a deployment's main table; credentials and region are AWS's defaults")
	set.StringVar(&p.auditTable, "audit-table", "", "`name` of its audit table")
}

func (p *place) check() error {
	switch {
	case p.data != "" && (p.dynamoDB != "" || p.table != "" || p.auditTable != ""):
		return errors.New("-data is a folder of its own: give it without -dynamodb, -table and -audit-table")
	case (p.table == "") != (p.auditTable == ""):
		return errors.New("-table and -audit-table go together: give both or neither")
	case p.prefix != "" && (p.dynamoDB == "" || p.table != ""):
		return errors.New("-prefix goes with -dynamodb, where tables are not named")
	}
	return nil
}

// store is an open place.
type store struct {
	main, audit table.Driver
	// inFlight is how long calls may be running that began before now.
	inFlight time.Duration
	// compact takes what was deleted off the disk; nil where that is not ours.
	compact func(context.Context) error
	close   func() error
	// sibling opens another table of the same place; nil where there is none.
	sibling func(ctx context.Context, name string) (table.Driver, error)
}

// open opens the place.
func (p *place) open(ctx context.Context) (store, error) {
	switch {
	case p.table != "" && p.dynamoDB == "":
		return openAWS(ctx, p.table, p.auditTable)
	case p.dynamoDB != "":
		main, audit := p.table, p.auditTable
		if main == "" {
			main, audit = p.prefix+"rubrica-main", p.prefix+"rubrica-audit"
		}
		return openDynamoDB(ctx, p.dynamoDB, main, audit)
	}
	if p.data == "" {
		p.data = defaultData
	}
	return openFolder(p.data)
}

// openFolder opens a data folder, which no server must be using. One that is not
// there, or holds something else, is a mistyped name: only the server makes one.
func openFolder(dir string) (store, error) {
	s, err := pebble.Open(dir, pebble.Options{Existing: true})
	if err != nil {
		return store{}, err
	}
	return store{main: s.Table("main"), audit: s.Table("audit"), compact: s.Compact, close: s.Close}, nil
}
