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

// store is what outlives every process. The runs of an operation share one, each
// in a workspace of its own, and begin with renew.
type store struct {
	main, audit table.Driver
	queues      queue.Driver
	clock       *clock
	// position is where the event source stands in the change stream.
	position string
	// renew puts empty tables in the place of those that a run has filled, where
	// what all runs leave would make each next one slower; nil where it does not.
	renew func(context.Context) error
	// wait returns when there may be changes; of embedded stores alone.
	wait func(ctx context.Context, after string) error
}

// clock is the real time and what was added to it.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// embeddedStore opens an empty store in memory.
func embeddedStore(t testing.TB) *store {
	t.Helper()
	s := &store{clock: new(clock)}
	engine := s.memory(t)
	s.main, s.audit, s.wait = engine.Table("main"), engine.Table("audit"), engine.Table("main").Wait
	return s
}

// memory opens an engine in memory that ends with the test, and puts the queues
// there.
func (s *store) memory(t testing.TB) *pebble.Store {
	t.Helper()
	engine, err := pebble.Open("", pebble.Options{Memory: true, Now: s.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	s.queues = embedded.New(engine.Engine(), embedded.Options{})
	return engine
}

// needsDynamoDB passes a test over where no DynamoDB is given.
func needsDynamoDB(t testing.TB) {
	t.Helper()
	if os.Getenv(dynamoVariable) == "" {
		t.Skip(dynamoVariable + " is not set: go run ./infra/conformance run -- go test ./infra/sweep/...")
	}
}

// dynamoStore makes a pair of tables for each run at the address in
// RUBRICA_DYNAMODB; the last ones go with the test. Its queues are embedded ones.
func dynamoStore(t testing.TB) *store {
	t.Helper()
	s := &store{clock: new(clock)}
	s.memory(t)
	cfg := aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(os.Getenv(dynamoVariable)),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}
	client, changes := dynamodb.NewFromConfig(cfg), dynamodbstreams.NewFromConfig(cfg)
	var there []string
	remove := func(ctx context.Context) error {
		for len(there) > 0 {
			if _, err := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &there[0]}); err != nil {
				return err
			}
			there = there[1:]
		}
		return nil
	}
	s.renew = func(ctx context.Context) error {
		if err := remove(ctx); err != nil {
			return err
		}
		prefix := "sweep-" + rand.Text()
		for _, name := range []string{prefix + "-main", prefix + "-audit"} {
			if err := dynamo.EnsureTable(ctx, client, name); err != nil {
				return err
			}
			there = append(there, name)
		}
		stream := streams.New(client, changes, there[0])
		s.main = dynamo.New(client, there[0], dynamo.Options{Now: s.clock.now, Stream: stream})
		s.audit = dynamo.New(client, there[1], dynamo.Options{Now: s.clock.now})
		s.position = ""
		return nil
	}
	t.Cleanup(func() {
		if err := remove(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return s
}

const dynamoVariable = "RUBRICA_DYNAMODB"

// randomName is a name that no other run has.
func randomName() string { return "sweep-" + strings.ToLower(rand.Text()[:16]) }
