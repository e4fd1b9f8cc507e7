package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"rubrica/shared/table/dynamo"
)

// dynamoVariable names the address of a DynamoDB to test with.
const dynamoVariable = "RUBRICA_DYNAMODB"

// TestOverDynamoDB goes through the commands over a DynamoDB, with tables named
// by prefix and by name.
func TestOverDynamoDB(t *testing.T) {
	t.Parallel()
	address := os.Getenv(dynamoVariable)
	if address == "" {
		t.Skip(dynamoVariable + " is not set: the commands are tested over the embedded store alone")
	}
	client := dynamodb.NewFromConfig(aws.Config{
		Region: "eu-west-1", BaseEndpoint: &address, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	prefix := "admin-" + strings.ToLower(rand.Text()[:8]) + "-"
	admin := func(args ...string) result {
		var out, notes bytes.Buffer
		code := run(t.Context(), append([]string{"-dynamodb", address}, args...), &out, &notes)
		return result{code, out.String(), notes.String()}
	}
	if r := admin("workspaces", "-prefix", prefix); r.code != exitFailed || !strings.Contains(r.notes, "has no table "+prefix+"rubrica-main") {
		t.Errorf("without tables: %+v", r)
	}
	for _, name := range []string{"rubrica-main", "rubrica-audit"} {
		if err := dynamo.EnsureTable(t.Context(), client, prefix+name); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if _, err := client.DeleteTable(context.WithoutCancel(t.Context()), &dynamodb.DeleteTableInput{TableName: aws.String(prefix + name)}); err != nil {
				t.Log(err)
			}
		})
	}
	for _, args := range [][]string{
		{"create-workspace", "acme"}, {"token", "acme"}, {"shards", "acme", "5"}, {"suspend", "acme"}, {"resume", "acme"},
		{"verify", "acme"}, {"repair", "acme"}, {"verify", "acme", "-idle"}, {"workspaces"},
	} {
		if r := admin(append(args, "-prefix", prefix)...); r.code != exitOK {
			t.Errorf("%v: %+v", args, r)
		}
	}
	if r := admin("workspaces", "-table", prefix+"rubrica-main", "-audit-table", prefix+"rubrica-audit"); !lineHas(r.out, "acme", "active", "5") {
		t.Errorf("%+v", r)
	}
}
