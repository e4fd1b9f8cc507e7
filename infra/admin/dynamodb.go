package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"rubrica/shared/table"
	"rubrica/shared/table/dynamo"
)

const (
	// longest is how long a function may run: a call that began before now has
	// ended after it.
	longest = 90 * time.Second
	// patience is how long to wait for the engine's first answer.
	patience = 15 * time.Second
	// connections are kept open, since verify asks for many things at once.
	connections = 128
)

// openAWS opens a deployment's tables with AWS's default credentials and region.
func openAWS(ctx context.Context, main, audit string) (store, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(httpClient()))
	if err != nil {
		return store{}, fmt.Errorf("AWS's default configuration: %w", err)
	}
	if cfg.Region == "" {
		return store{}, errors.New("no AWS region: set AWS_REGION, or choose a profile that has one")
	}
	return openTables(ctx, dynamodb.NewFromConfig(cfg), "DynamoDB in "+cfg.Region, main, audit)
}

// openDynamoDB opens tables at an address. Credentials and region are dummies:
// local engines want some.
func openDynamoDB(ctx context.Context, address, main, audit string) (store, error) {
	cfg := aws.Config{
		Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""), HTTPClient: httpClient(),
	}
	client := dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.BaseEndpoint = &address })
	return openTables(ctx, client, "the DynamoDB at "+address, main, audit)
}

func httpClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConns, t.MaxIdleConnsPerHost = connections, connections
	})
}

// openTables opens the two tables of a deployment.
func openTables(ctx context.Context, client *dynamodb.Client, where, main, audit string) (store, error) {
	open := func(ctx context.Context, name string) (table.Driver, error) {
		return openTable(ctx, client, where, name)
	}
	s := store{inFlight: longest, close: func() error { return nil }, sibling: open}
	var err error
	if s.main, err = open(ctx, main); err != nil {
		return store{}, err
	}
	if s.audit, err = open(ctx, audit); err != nil {
		return store{}, err
	}
	return s, nil
}

// openTable checks that the table is there, so that what is wrong with the
// address, the credentials or the name is said at once.
func openTable(ctx context.Context, client *dynamodb.Client, where, name string) (table.Driver, error) {
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := client.DescribeTable(soon, &dynamodb.DescribeTableInput{TableName: &name}, func(o *dynamodb.Options) { o.RetryMaxAttempts = 1 })
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return nil, fmt.Errorf("%s has no table %s", where, name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s does not answer as one: %w", where, innermost(err))
	}
	return dynamo.New(client, name, dynamo.Options{}), nil
}

// innermost is the reason that all others wrap.
func innermost(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return err
}
