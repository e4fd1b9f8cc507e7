// Command table is a function over DynamoDB as it is usually begun: the client is
// made of the default configuration, and a request of an HTTP API is answered with
// one item. What our functions take is held against it.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
	client := dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		if address := os.Getenv("RUBRICA_DYNAMODB"); address != "" {
			o.BaseEndpoint = &address
		}
	})
	table := os.Getenv("RUBRICA_TABLE")
	lambda.Start(func(ctx context.Context, _ events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		out, err := client.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: &table, ConsistentRead: aws.Bool(true),
			Key: map[string]types.AttributeValue{
				"pk": &types.AttributeValueMemberS{Value: "demo/settings"}, "sk": &types.AttributeValueMemberS{Value: "-"},
			},
		})
		if err != nil {
			return events.APIGatewayV2HTTPResponse{}, err
		}
		id, _ := out.Item["id"].(*types.AttributeValueMemberS)
		if id == nil {
			return events.APIGatewayV2HTTPResponse{StatusCode: 404}, nil
		}
		return events.APIGatewayV2HTTPResponse{
			StatusCode: 200, Headers: map[string]string{"Content-Type": "application/json"}, Body: `{"id":"` + id.Value + `"}`,
		}, nil
	})
}
