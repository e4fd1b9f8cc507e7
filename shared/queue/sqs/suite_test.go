package sqs_test

import (
	"context"
	"crypto/rand"
	"flag"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"rubrica/shared/queue"
	"rubrica/shared/queue/queuetest"
	"rubrica/shared/queue/sqs"
)

// TestMain runs more tests at a time than there are processors when there is an
// engine: they mostly wait for its clock.
func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv("RUBRICA_SQS") != "" {
		if err := flag.Set("test.parallel", "32"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// client speaks to the engine at RUBRICA_SQS, whoever made it.
func client(t *testing.T) *awssqs.Client {
	t.Helper()
	url := os.Getenv("RUBRICA_SQS")
	if url == "" {
		t.Skip("RUBRICA_SQS is not set: go run ./infra/conformance run -- go test ./shared/queue/sqs")
	}
	return awssqs.New(awssqs.Options{
		Region: "eu-west-1", BaseEndpoint: &url,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
}

func TestConformance(t *testing.T) {
	t.Parallel()
	client := client(t)
	queuetest.Run(t, func(t *testing.T) queuetest.Opened {
		return queuetest.Opened{
			Driver: sqs.New(client, sqs.Options{Prefix: "suite-"}),
			Unfair: "ElasticMQ takes groups for order only",
			Declare: func(t *testing.T, q queue.Spec) {
				if err := sqs.EnsureQueues(t.Context(), client, "suite-", q, q.Dead()); err != nil {
					t.Fatal(err)
				}
			},
		}
	})
}

func TestEnsureQueuesTwice(t *testing.T) {
	t.Parallel()
	client := client(t)
	prefix := "t" + rand.Text() + "-"
	standard, fifo := queue.Spec{Name: "a", MaxReceives: 3}, queue.Spec{Name: "b", FIFO: true}
	for range 2 {
		if err := sqs.EnsureQueues(t.Context(), client, prefix, standard, fifo); err != nil {
			t.Fatal(err)
		}
		standard.MaxReceives = 5 // a setting may change
	}
	for name, want := range map[string]bool{"a": true, "a-dead": true, "b.fifo": true, "b-dead.fifo": false, "a.fifo": false} {
		_, err := client.GetQueueUrl(t.Context(), &awssqs.GetQueueUrlInput{QueueName: aws.String(prefix + name)})
		if there := err == nil; there != want {
			t.Errorf("queue %s: there is %t, want %t (%v)", name, there, want, err)
		}
	}
}
