package e2e

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"rubrica/infra/local/server"
)

// sweep removes the tables and queues that a server made in engines of somebody
// else's making: some get slower with every row that they hold.
func sweep(ctx context.Context, t testing.TB, o server.Options) {
	t.Helper()
	cfg := aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}
	db := dynamodb.NewFromConfig(cfg, func(c *dynamodb.Options) { c.BaseEndpoint = &o.DynamoDB })
	q := sqs.NewFromConfig(cfg, func(c *sqs.Options) { c.BaseEndpoint = &o.SQS })
	for _, table := range []string{"rubrica-main", "rubrica-audit"} {
		if _, err := db.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(o.Prefix + table)}); err != nil {
			t.Logf("removing a table: %v", err)
		}
	}
	queues, err := q.ListQueues(ctx, &sqs.ListQueuesInput{QueueNamePrefix: &o.Prefix})
	if err != nil {
		t.Logf("listing queues: %v", err)
		return
	}
	for _, url := range queues.QueueUrls {
		if _, err := q.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: &url}); err != nil {
			t.Logf("removing a queue: %v", err)
		}
	}
}
