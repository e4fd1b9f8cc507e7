package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"rubrica/shared/consume"
	"rubrica/shared/queue"
	"rubrica/shared/queue/embedded"
	"rubrica/shared/queue/sqs"
	"rubrica/shared/table"
	"rubrica/shared/table/dynamo"
	"rubrica/shared/table/dynamo/streams"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

// store is what a server keeps things in.
type store struct {
	main, audit table.Driver
	queues      queue.Driver
	// wait returns when there may be changes behind a position, or after a while.
	wait func(ctx context.Context, after string) error
	// position is where the relay's place in the change stream is kept; nil
	// where the stream forgets what was asked past.
	position func(*table.Table) consume.Position
	// bulk is how many batches of bulk work there may be at a time; 0 is any number.
	bulk int
	// compact rewrites files so that nothing that was deleted is left in them; nil
	// where there are none.
	compact func(context.Context) error
	close   func() error
}

func openStore(ctx context.Context, o Options) (store, error) {
	if o.DynamoDB != "" {
		return openEngines(ctx, o)
	}
	return openEmbedded(o)
}

func openEmbedded(o Options) (store, error) {
	if !o.Memory {
		if err := os.MkdirAll(o.Data, 0o700); err != nil {
			return store{}, fmt.Errorf("the data folder %s cannot be made: %w", o.Data, reason(err))
		}
	}
	s, err := pebble.Open(o.Data, pebble.Options{Memory: o.Memory, Now: o.Now, Logger: o.Log, Merging: o.Merging})
	if err != nil {
		return store{}, err
	}
	main := s.Table("main")
	compact := s.Compact
	if o.Memory {
		compact = nil
	}
	return store{
		compact: compact,
		bulk:    cmp.Or(o.Bulk, max(1, runtime.NumCPU()/2)),
		main:    main, audit: s.Table("audit"),
		// A folder is one process's at a time: whoever received before is gone.
		queues:   embedded.New(s.Engine(), embedded.Options{Release: true}),
		wait:     main.Wait,
		position: func(*table.Table) consume.Position { return nil },
		close:    s.Close,
	}, nil
}

// reason is the operating system's word for what went wrong, without the path.
func reason(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}

// enginesAnswer is how long engines may take until all tables and queues are made,
// on a machine that is busy with tests.
const enginesAnswer = 30 * time.Second

// openEngines uses a DynamoDB and an SQS at given addresses, and makes what is
// missing in them. Credentials and region are dummies: local engines want some.
func openEngines(ctx context.Context, o Options) (store, error) {
	cfg := aws.Config{
		Region:      "eu-west-1",
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}
	db := dynamodb.NewFromConfig(cfg, func(c *dynamodb.Options) { c.BaseEndpoint = aws.String(o.DynamoDB) })
	changes := dynamodbstreams.NewFromConfig(cfg, func(c *dynamodbstreams.Options) { c.BaseEndpoint = aws.String(o.DynamoDB) })
	q := awssqs.NewFromConfig(cfg, func(c *awssqs.Options) { c.BaseEndpoint = aws.String(o.SQS) })

	main, audit := o.Prefix+"rubrica-main", o.Prefix+"rubrica-audit"
	soon, cancel := context.WithTimeout(ctx, enginesAnswer)
	defer cancel()
	for _, name := range []string{main, audit} {
		if err := dynamo.EnsureTable(soon, db, name); err != nil {
			return store{}, fmt.Errorf("the DynamoDB at %s does not answer as one: %w", o.DynamoDB, shortest(err))
		}
	}
	prefix := o.Prefix + "rubrica-"
	for _, c := range consume.All(nil, nil) {
		if err := sqs.EnsureQueues(soon, q, prefix, c.Queue); err != nil {
			return store{}, fmt.Errorf("the SQS at %s does not answer as one: %w", o.SQS, shortest(err))
		}
	}
	return store{
		main:   dynamo.New(db, main, dynamo.Options{Now: o.Now, Stream: streams.New(db, changes, main)}),
		audit:  dynamo.New(db, audit, dynamo.Options{Now: o.Now}),
		queues: sqs.New(q, sqs.Options{Prefix: prefix}),
		wait: func(ctx context.Context, _ string) error {
			select {
			case <-ctx.Done():
			case <-time.After(200 * time.Millisecond):
			}
			return ctx.Err()
		},
		position: func(t *table.Table) consume.Position { return storedPosition{t} },
		close:    func() error { return nil },
	}, nil
}

// shortest is the innermost reason, for one clear line.
func shortest(err error) error {
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return errors.New("no answer in time")
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// listenError says in one line why an address cannot be listened on.
func listenError(addr string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("the address %s is taken by another process; choose one with -addr", addr)
	}
	return fmt.Errorf("cannot listen on %s: %w", addr, shortest(err))
}

// storedPosition keeps the relay's place in a row of the operator's.
type storedPosition struct{ table *table.Table }

func positionKey() table.Key { return table.In(tenant.System(), "relay").Row("-") }

func (p storedPosition) Load(ctx context.Context) (string, error) {
	row, err := p.table.GetOne(ctx, positionKey())
	if err != nil || !row.Exists() {
		return "", err
	}
	return positionIn(row.Doc)
}

func (p storedPosition) Store(ctx context.Context, position string) error {
	doc, err := positionDoc(position)
	if err != nil {
		return err
	}
	return p.table.Write(ctx, table.Put(table.Row{Key: positionKey(), Doc: doc}))
}
