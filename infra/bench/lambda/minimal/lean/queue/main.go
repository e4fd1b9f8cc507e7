// Command queue is the least that a function over SQS can be: as minimal/queue,
// but the client is made of settings alone, without the chain that looks for them
// in files and services, which no Lambda has or needs.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func main() {
	client := sqs.NewFromConfig(aws.Config{
		Region: os.Getenv("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")),
	}, func(o *sqs.Options) {
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
