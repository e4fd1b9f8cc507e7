// Command queue is a function over SQS as it is usually begun: the client is made
// of the default configuration, and for an event of a change stream it sends one
// message. What our functions take is held against it.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "queue:", err)
		os.Exit(1)
	}
	client := sqs.NewFromConfig(cfg, func(o *sqs.Options) {
		if address := os.Getenv("RUBRICA_SQS"); address != "" {
			o.BaseEndpoint = &address
		}
	})
	queue := os.Getenv("RUBRICA_QUEUE_AUDIT")
	lambda.Start(func(ctx context.Context, e events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
		keys := e.Records[0].Change.Keys
		_, err := client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{
			QueueUrl: &queue, Entries: []types.SendMessageBatchRequestEntry{{
				Id: aws.String("0"), MessageGroupId: aws.String("demo"),
				MessageBody: aws.String(`{"pk":"` + keys["pk"].String() + `","sk":"` + keys["sk"].String() + `"}`),
			}},
		})
		return events.DynamoDBEventResponse{}, err
	})
}
