package dynamo_test

import (
	"context"
	"crypto/rand"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"rubrica/shared/table/dynamo"
	"rubrica/shared/table/dynamo/streams"
	"rubrica/shared/table/tabletest"
)

// endpoint is the engine at RUBRICA_DYNAMODB, whoever made it.
func endpoint(t *testing.T) (url *string, credentials aws.CredentialsProvider) {
	t.Helper()
	s := os.Getenv("RUBRICA_DYNAMODB")
	if s == "" {
		t.Skip("RUBRICA_DYNAMODB is not set: go run ./infra/conformance run -- go test ./shared/table/dynamo/...")
	}
	return &s, aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
	})
}

// open makes a table of its own.
func open(t *testing.T) tabletest.Opened {
	t.Helper()
	client, name := newTable(t)
	url, credentials := endpoint(t)
	var ahead atomic.Int64
	stream := streams.New(client, dynamodbstreams.New(dynamodbstreams.Options{Region: "eu-west-1", BaseEndpoint: url, Credentials: credentials}), name)
	return tabletest.Opened{
		Driver: dynamo.New(client, name, dynamo.Options{
			Now:    func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
			Stream: stream,
		}),
		Advance: func(d time.Duration) { ahead.Add(int64(d)) },
		Lacks:   tabletest.Lacks{Reopen: "the engine is somebody else's, and keeps its data in memory"},
	}
}

func newTable(t *testing.T) (client *dynamodb.Client, name string) {
	t.Helper()
	url, credentials := endpoint(t)
	client = dynamodb.New(dynamodb.Options{Region: "eu-west-1", BaseEndpoint: url, Credentials: credentials})
	name = "rubrica-" + rand.Text()
	for range 2 { // the second time it is there
		if err := dynamo.EnsureTable(t.Context(), client, name); err != nil {
			t.Fatal(err)
		}
	}
	return client, name
}

func TestConformance(t *testing.T) {
	t.Parallel()
	endpoint(t) // or skipped
	tabletest.Run(t, open)
}
