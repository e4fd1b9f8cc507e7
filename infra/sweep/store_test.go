package sweep

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"rubrica/shared/queue"
	"rubrica/shared/queue/embedded"
	"rubrica/shared/table"
	"rubrica/shared/table/dynamo"
	"rubrica/shared/table/dynamo/streams"
	"rubrica/shared/table/pebble"
)

// store is what outlives every process.
type store struct {
	main, audit table.Driver
	queues      queue.Driver
	clock       *clock
	// position is where the event source stands in the change stream.
	position string
	// wait returns when there may be changes; of embedded stores alone.
	wait  func(ctx context.Context, after string) error
	close func() error
}

// clock is the real time and what was added to it.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// opener opens the store of one run.
type opener func() (*store, error)

// embeddedStores opens an empty store in memory each time.
func embeddedStores() (*store, error) {
	c := new(clock)
	s, err := pebble.Open("", pebble.Options{Memory: true, Now: c.now})
	if err != nil {
		return nil, err
	}
	return &store{
		main: s.Table("main"), audit: s.Table("audit"), queues: embedded.New(s.Engine(), embedded.Options{}),
		clock: c, wait: s.Table("main").Wait, close: s.Close,
	}, nil
}

// dynamoStores makes a pair of tables at the address in RUBRICA_DYNAMODB, which
// the runs of one operation share. Queues are embedded ones, each run has its own.
func dynamoStores(t *testing.T) opener {
	t.Helper()
	c := new(clock)
	cfg := aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(os.Getenv(dynamoVariable)),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}
	client := dynamodb.NewFromConfig(cfg)
	main, audit := "sweep-"+rand.Text()+"-main", "sweep-"+rand.Text()+"-audit"
	for _, name := range []string{main, audit} {
		if err := dynamo.EnsureTable(t.Context(), client, name); err != nil {
			t.Fatal(err)
		}
	}
	stream := streams.New(client, dynamodbstreams.NewFromConfig(cfg), main)
	shared := store{
		main:  dynamo.New(client, main, dynamo.Options{Now: c.now, Stream: stream}),
		audit: dynamo.New(client, audit, dynamo.Options{Now: c.now}),
		clock: c,
	}
	return func() (*store, error) {
		s, err := pebble.Open("", pebble.Options{Memory: true, Now: c.now})
		if err != nil {
			return nil, err
		}
		shared.queues, shared.close = embedded.New(s.Engine(), embedded.Options{}), s.Close
		return &shared, nil
	}
}

const dynamoVariable = "RUBRICA_DYNAMODB"

// randomName is a name that no other run has.
func randomName() string { return "sweep-" + strings.ToLower(rand.Text()[:16]) }
