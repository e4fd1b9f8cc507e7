// Package tabletest is the conformance suite of table.Driver: what the doc
// comments of package table promise, as tests. Every driver runs it, over every
// engine it is used with; what holds here may be relied on everywhere.
//
// The suite works through table.Table, as everybody does. Each test has a random
// workspace of its own and runs beside the others. Limits on the number of rows
// keep it to seconds over an engine behind a network.
package tabletest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// Opened is a driver over an empty table.
type Opened struct {
	Driver table.Driver
	// Advance moves the clock that rows expire by. Lacks.Clock says why if nil.
	Advance func(time.Duration)
	// Reopen stops the engine and starts it over the same data; the old Driver
	// is not used anymore. Lacks.Reopen says why if nil.
	Reopen func(t *testing.T) table.Driver
	// Lacks is what this engine cannot do.
	Lacks Lacks
}

// Lacks gives the reason for each thing that an engine cannot do; "" is for what
// it can. The tests of what it lacks are skipped with the reason. Only for
// engines that stand in for a real one; a driver itself may lack nothing that is
// promised.
type Lacks struct {
	Clock   string // a clock that can be moved
	Reopen  string // stopping and starting on the same data
	Changes string // the change stream
	Sizes   string // rows, pages and writes as long as the limits allow
	NUL     string // U+0000 in the strings of documents
}

// Run runs the suite. It calls open for every concern once, and for some of
// their tests; what is opened is closed by the open's own t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Opened) {
	for _, concern := range []struct {
		name     string
		exercise func(*testing.T, func(*testing.T) Opened)
	}{
		{"Conditions", exerciseConditions},
		{"Atomicity", exerciseAtomicity},
		{"Counters", exerciseCounters},
		{"Expiry", exerciseExpiry},
		{"Read", exerciseRead},
		{"Paging", exercisePaging},
		{"Documents", exerciseDocuments},
		{"Limits", exerciseLimits},
		{"Batch", exerciseBatch},
		{"Changes", exerciseChanges},
		{"Scan", exerciseScan},
		{"Tenants", exerciseTenants},
		{"Concurrency", exerciseConcurrency},
		{"Durability", exerciseDurability},
	} {
		t.Run(concern.name, func(t *testing.T) {
			t.Parallel()
			concern.exercise(t, open)
		})
	}
}

// space is a table and a workspace that nobody else uses.
type space struct {
	*table.Table
	ctx context.Context
	ws  tenant.Workspace
}

func newSpace(t *testing.T, driver table.Driver) *space {
	t.Helper()
	s := &space{Table: table.New(driver), ws: newWorkspace(t)}
	s.ctx = tenant.Bind(t.Context(), s.ws)
	return s
}

func newWorkspace(t *testing.T) tenant.Workspace {
	t.Helper()
	ws, err := tenant.Parse("t-" + strings.ToLower(rand.Text()))
	if err != nil {
		t.Fatal(err)
	}
	return ws
}

// key names a row of the partition "things".
func (s *space) key(sk string) table.Key { return table.In(s.ws, "things").Row(sk) }

// doc is a row with a document, of the partition "things".
func (s *space) doc(sk, doc string) table.Row { return table.Row{Key: s.key(sk), Doc: []byte(doc)} }

// expired is a row that expired an hour ago.
func (s *space) expired(sk string) table.Row {
	r := s.doc(sk, `{"expired":true}`)
	r.Expires = time.Now().Add(-time.Hour).Truncate(time.Second)
	return r
}

func (s *space) mustWrite(t *testing.T, actions ...table.Action) {
	t.Helper()
	if err := s.Write(s.ctx, actions...); err != nil {
		t.Fatalf("write: %v", err)
	}
}

func (s *space) mustBatch(t *testing.T, puts []table.Row, deletes ...table.Key) {
	t.Helper()
	if err := s.Batch(s.ctx, puts, deletes); err != nil {
		t.Fatalf("batch: %v", err)
	}
}

func (s *space) mustGet(t *testing.T, key table.Key) table.Row {
	t.Helper()
	row, err := s.GetOne(s.ctx, key)
	if err != nil {
		t.Fatalf("get %s: %v", key, err)
	}
	return row
}

// mustAll reads a whole range, page by page, and returns the sort keys.
func (s *space) mustAll(t *testing.T, r table.Range) []string {
	t.Helper()
	sks := []string{}
	err := s.All(s.ctx, r, func(row table.Row) error {
		sks = append(sks, row.Key.SK())
		return nil
	})
	if err != nil {
		t.Fatalf("query: %v", err)
	}
	return sks
}

// mustFail demands that a write is refused because of exactly these actions.
func (s *space) mustFail(t *testing.T, indexes []int, actions ...table.Action) *table.ConditionError {
	t.Helper()
	err := s.Write(s.ctx, actions...)
	failed, ok := errors.AsType[*table.ConditionError](err)
	if !ok {
		t.Fatalf("write: %v, want a condition error", err)
	}
	got := []int{}
	for _, f := range failed.Failed {
		got = append(got, f.Index)
	}
	if fmt.Sprint(got) != fmt.Sprint(indexes) {
		t.Fatalf("conditions of actions %v failed, want %v", got, indexes)
	}
	return failed
}

// open1 opens a driver for one test.
func open1(t *testing.T, open func(*testing.T) Opened) (*space, Opened) {
	t.Helper()
	o := open(t)
	return newSpace(t, o.Driver), o
}

// lacking skips a test of what an engine cannot do.
func lacking(t *testing.T, what, reason string) {
	t.Helper()
	if reason != "" {
		t.Skipf("this engine lacks %s: %s", what, reason)
	}
}
