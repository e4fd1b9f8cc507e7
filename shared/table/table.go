// Package table is the storage seam: the vocabulary of a single-table design
// with a partition key and a sort key, as small as it can be, over DynamoDB
// (table/dynamo) or a store embedded in the process (table/pebble).
//
// A Table is the concrete type that everybody uses; it checks tenant and limits
// in front of the Driver, so that both drivers refuse the same things. A row's
// content is a JSON object that the table never looks into. What rows exist and
// what they mean belongs to the ledger, not here.
//
// Consistency: Read (so Get and Query) is strongly consistent per row: it sees
// every write answered before it began. It is no snapshot over several rows.
// Write is all or nothing over its rows, and serializable with other Writes.
package table

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"
)

// Limits, DynamoDB's own, checked in front of every driver.
const (
	MaxActions   = 100       // actions in one Write
	MaxWriteSize = 4 << 20   // bytes of all rows in one Write
	MaxRowSize   = 400 << 10 // bytes of one row, keys and attribute names included
	MaxGet       = 100       // keys in one Get
	MaxPage      = 1 << 20   // bytes that one Query reads before it cuts its page short
	MaxPK        = 2048      // bytes of a partition key
	MaxSK        = 1024      // bytes of a sort key
)

// Row is one stored item.
type Row struct {
	Key Key
	// Rev is a token unique to the last write of the row. The Table assigns it;
	// a Put returns with it filled in.
	Rev Rev
	// Schema is the version of Doc's form; its owner upgrades it when reading.
	Schema int
	// Expires is when the row stops being there, for reads and for conditions
	// alike, to the second; zero is never. Its removal is no change.
	Expires time.Time
	// Out names the work that the row's being written must cause, as topics
	// with commas between; the change stream carries rows that have one.
	Out string
	// Count is the value of a counter; only Add changes it.
	Count int64
	// Doc is a JSON object, encoded once by its owner. Numbers in it must be
	// integers of at most 2^53 or short decimals: what DynamoDB keeps exactly.
	Doc []byte
}

// Exists tells a row from the zero Row that stands for an absent one.
func (r Row) Exists() bool { return r.Rev != "" }

// Rev is the storage revision of a row: opaque, never reused, "" for absent.
type Rev string

func newRev() Rev {
	var b [9]byte
	_, _ = rand.Read(b[:])
	return Rev(base64.RawURLEncoding.EncodeToString(b[:]))
}

// Range is one Query: rows of one partition in the order of their sort keys.
type Range struct {
	Of Partition
	// Prefix keeps rows whose sort key begins with it.
	Prefix string
	// From and To bound the sort key, both inclusive; "" is open. They cannot
	// be combined with Prefix.
	From, To string
	// After is the sort key to go on behind, exclusive, in the direction of
	// Descending. It need not be a row's.
	After string
	// Limit is how many rows to read at most, expired ones included; at least 1.
	Limit      int
	Descending bool
}

// Page is what one Range read. Rows that had expired are not among Rows, so it
// may be short, even empty, and still have a Next.
type Page struct {
	Rows []Row
	// Next is the After that continues; "" says that there is nothing more.
	Next string
}

// Segment is one of Of equal parts of a Scan; Index counts from 0.
type Segment struct {
	Index, Of int
	// After is a former page's Next.
	After string
	Limit int
}

// Change says that a row with an Out was written.
type Change struct {
	Key Key
	Out string
}

// Changes is a page of the change stream.
type Changes struct {
	Items []Change
	// Next is the position to ask from next time, never empty. Whoever asks
	// from it is done with everything before it, which may then be forgotten.
	Next string
}

// Driver is what a storage engine does. It may rely on the checks of Table:
// limits, tenants, revisions already assigned.
type Driver interface {
	// Read does Get and Query for all keys and ranges in one round trip (side
	// by side where there is a network). rows[i] belongs to keys[i], the zero
	// Row where absent; pages[i] belongs to ranges[i].
	Read(ctx context.Context, keys []Key, ranges []Range) (rows []Row, pages []Page, err error)
	// Write applies all actions or none. A condition that does not hold is a
	// *ConditionError. A Write that failed otherwise may have been applied.
	Write(ctx context.Context, actions []Action) error
	// Batch puts and deletes without conditions, each row on its own, and
	// returns when all are done.
	Batch(ctx context.Context, puts []Row, deletes []Key) error
	// Changes returns changes behind after, oldest first, in order per
	// partition, at least once; an empty page when there are none now. "" asks
	// from the oldest that is kept.
	Changes(ctx context.Context, after string, limit int) (Changes, error)
	// Scan reads all rows of a segment page by page, in no useful order. For
	// operators' commands alone.
	Scan(ctx context.Context, s Segment) (Page, error)
}

// ConditionError says which conditions of a Write did not hold. Nothing was
// written.
type ConditionError struct {
	Failed []Failed
}

// Failed is one condition that did not hold.
type Failed struct {
	Index int // of the action in the Write
	Row   Row // as it is stored; the zero Row if absent
}

func (e *ConditionError) Error() string {
	return fmt.Sprintf("table: %d condition(s) not met, first of action %d", len(e.Failed), e.Failed[0].Index)
}

// At returns the failure of the action with the given index.
func (e *ConditionError) At(index int) (Failed, bool) {
	for _, f := range e.Failed {
		if f.Index == index {
			return f, true
		}
	}
	return Failed{}, false
}

// Errors of every driver; compare with errors.Is.
var (
	// ErrLimit says that a call breaks one of the limits; nothing was done.
	ErrLimit = errors.New("table: over a limit")
	// ErrTenant says that a key is not of the workspace that the context is
	// bound to; nothing was done. It is always a defect of ours.
	ErrTenant = errors.New("table: key of another workspace")
	// ErrUnavailable says that the engine did not answer, or too late; a Write
	// may have been applied.
	ErrUnavailable = errors.New("table: not available")
)
