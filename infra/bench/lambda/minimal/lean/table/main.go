// Command table is the least that a function over DynamoDB can be: as
// minimal/table, but the client is made of settings alone, without the chain that
// looks for them in files and services, which no Lambda has or needs.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func main() {
	client := dynamodb.NewFromConfig(aws.Config{
		Region: os.Getenv("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")),
	}, func(o *dynamodb.Options) {
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
