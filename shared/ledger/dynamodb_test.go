package ledger_test

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"rubrica/shared/audit"
	"rubrica/shared/ledger"
	"rubrica/shared/table"
	"rubrica/shared/table/dynamo"
	"rubrica/shared/workspace"
)

// dynamoVariable names the address of a DynamoDB to test with.
const dynamoVariable = "RUBRICA_DYNAMODB"

// TestVerifyRepairAndCloseOverDynamoDB walks tables that are not in order of
// their keys, shared with another workspace.
func TestVerifyRepairAndCloseOverDynamoDB(t *testing.T) {
	t.Parallel()
	address := os.Getenv(dynamoVariable)
	if address == "" {
		t.Skip(dynamoVariable + " is not set: verify is tested over the embedded store alone")
	}
	client := dynamodb.NewFromConfig(aws.Config{
		Region: "eu-west-1", BaseEndpoint: &address, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	open := func(name string) *table.Table {
		name = "ledger-" + strings.ToLower(rand.Text()[:8]) + "-" + name
		if err := dynamo.EnsureTable(t.Context(), client, name); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if _, err := client.DeleteTable(context.WithoutCancel(t.Context()), &dynamodb.DeleteTableInput{TableName: &name}); err != nil {
				t.Log(err)
			}
		})
		return table.New(dynamo.New(client, name, dynamo.Options{}))
	}
	s := &system{clock: new(clock), main: open("main"), audit: open("audit")}
	s.Ledger = ledger.New(s.main, audit.NewLog(s.audit), s.clock.now)
	s = s.inNewWorkspace(t)
	neighbour := s.inNewWorkspace(t)
	neighbour.create(t, everything(0))

	s.policy(t, workspace.Reject)
	a := s.create(t, everything(0))
	s.change(t, a, everything(11))
	for range 60 {
		s.create(t, `{"city":"Roma","owner":"u1"}`)
	}
	s.delete(t, s.create(t, `{"email":"gone@example.it"}`))
	if r := s.mustVerify(t); !r.Clean() || r.Contacts != 61 {
		t.Fatalf("%+v", r)
	}
	s.put(t, s.main, table.Row{Key: table.In(s.ws, "owner", "nobody", shardOf(a)).Row(a)})
	s.remove(t, s.main, table.In(s.ws, "identity", "email", emailOf(11)).Row(a))
	want := kinds(ledger.EntryMissing, ledger.NotPurged, ledger.StaleLeft, ledger.HintMissing, ledger.HintOrphaned)
	expectKinds(t, "Verify", s.mustVerify(t, ledger.Idle()), want)
	repairs, err := s.Repair(context.Background(), s.ws)
	if err != nil || len(repairs.Mended) != len(want) {
		t.Fatalf("%+v, %v", repairs, err)
	}
	s.mustBeClean(t)
	if _, err := s.CloseWorkspace(context.Background(), s.ws, admin, "", 0); err != nil {
		t.Fatal(err)
	}
	s.isClosed(t)
	if r := neighbour.mustVerify(t); !r.Clean() || r.Contacts != 1 {
		t.Errorf("%+v", r)
	}
}
