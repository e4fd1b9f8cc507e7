// Package dynamo is the table over Amazon DynamoDB, or over an engine that
// speaks its protocol.
//
// A row is one item with native attributes: its keys, the table's own members
// under their underscored names, and every top-level member of its document as
// an attribute of its own, so that the console shows what is stored.
//
// Reads are strongly consistent. A Write of one action is a plain conditional
// write where a repeat can recognise its own success, else a transaction with a
// token; throttling and conflicts are retried with jitter until the context's
// deadline. The SDK's own retries are off, because they would hide whether an
// attempt may have been applied without an answer.
//
// What a row means, and limits, are none of this package's business: table.Table
// stands in front of it.
package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"rubrica/shared/table"
)

// Stream reads the table's change stream; streams.New makes one.
type Stream interface {
	Changes(ctx context.Context, after string, limit int) (table.Changes, error)
}

// Options of a Driver. The zero value is right on Lambda.
type Options struct {
	// Now is the clock that expiry is held against; time.Now if nil.
	Now func() time.Time
	// Stream serves Changes. On Lambda nobody asks: records are delivered there.
	Stream Stream
	// Attempt is how long one attempt may take before it is given up as lost
	// and repeated; 5 seconds if zero.
	Attempt time.Duration
}

// Driver is a table.Driver. It is safe for concurrent use.
//
// A Read sends one request for its keys and one per range, all at once: an HTTP
// client that keeps as many idle connections per host spares their handshakes.
type Driver struct {
	client  *dynamodb.Client
	table   *string
	now     func() time.Time
	stream  Stream
	attempt time.Duration
}

var _ table.Driver = (*Driver)(nil)

// New returns a driver for one table. It takes the client's settings over,
// except for its retries.
func New(client *dynamodb.Client, tableName string, o Options) *Driver {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Attempt == 0 {
		o.Attempt = 5 * time.Second
	}
	once := dynamodb.New(client.Options(), func(c *dynamodb.Options) {
		c.Retryer = aws.NopRetryer{}
		c.RetryMaxAttempts = 0
	})
	return &Driver{client: once, table: &tableName, now: o.Now, stream: o.Stream, attempt: o.Attempt}
}

// Changes returns changes behind a position, from the Stream of the Options.
func (d *Driver) Changes(ctx context.Context, after string, limit int) (table.Changes, error) {
	if d.stream == nil {
		return table.Changes{}, errors.New("table: no change stream was configured")
	}
	return d.stream.Changes(ctx, after, limit)
}
