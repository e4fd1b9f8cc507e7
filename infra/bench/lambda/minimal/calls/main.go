// Command calls is a minimal handler that makes the same calls to DynamoDB as a
// function does for its event, and nothing of their answers: what is left between
// the two is the function's own.
//
// RUBRICA_BENCH_CALLS holds them: a JSON array of rounds, each an array of calls
// that are made side by side, {"action": "Query", "input": {…}} as on the wire.
// Conditions are left out, so that a write can be repeated.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "calls:", err)
		os.Exit(1)
	}
}

func run() error {
	client := dynamodb.NewFromConfig(aws.Config{
		Region: os.Getenv("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")),
	}, func(o *dynamodb.Options) { o.BaseEndpoint = aws.String(os.Getenv("RUBRICA_DYNAMODB")) })
	var recorded [][]recorded
	if err := json.Unmarshal([]byte(os.Getenv("RUBRICA_BENCH_CALLS")), &recorded); err != nil {
		return err
	}
	rounds := make([][]call, len(recorded))
	for i, round := range recorded {
		for _, r := range round {
			c, err := r.call(client)
			if err != nil {
				return err
			}
			rounds[i] = append(rounds[i], c)
		}
	}
	lambda.Start(func(ctx context.Context, _ events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		for _, round := range rounds {
			if err := together(ctx, round); err != nil {
				return events.APIGatewayV2HTTPResponse{}, err
			}
		}
		return events.APIGatewayV2HTTPResponse{StatusCode: 200}, nil
	})
	return nil
}

func together(ctx context.Context, round []call) error {
	if len(round) == 1 {
		return round[0](ctx)
	}
	all, ctx := errgroup.WithContext(ctx)
	for _, c := range round {
		all.Go(func() error { return c(ctx) })
	}
	return all.Wait()
}
