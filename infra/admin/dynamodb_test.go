package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"rubrica/shared/audit"
	"rubrica/shared/ledger"
	"rubrica/shared/table"
	"rubrica/shared/table/dynamo"
	"rubrica/shared/tenant"
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
	client := newClient(address)
	prefix := randomPrefix()
	admin := adminAt(t, address)
	if r := admin("workspaces", "-prefix", prefix); r.code != exitFailed || !strings.Contains(r.notes, "has no table "+prefix+"rubrica-main") {
		t.Errorf("without tables: %+v", r)
	}
	makeTables(t, client, prefix+"rubrica-main", prefix+"rubrica-audit")
	for _, args := range [][]string{
		{"create-workspace", "acme"}, {"token", "acme"}, {"shards", "acme", "5"}, {"suspend", "acme"}, {"resume", "acme"},
		{"verify", "acme"}, {"repair", "acme"}, {"rebuild-suggestions", "acme"}, {"verify", "acme", "-idle"}, {"workspaces"},
	} {
		if r := admin(append(args, "-prefix", prefix)...); r.code != exitOK {
			t.Errorf("%v: %+v", args, r)
		}
	}
	if r := admin("workspaces", "-table", prefix+"rubrica-main", "-audit-table", prefix+"rubrica-audit"); !lineHas(r.out, "acme", "active", "5") {
		t.Errorf("%+v", r)
	}
}

// TestRestoreOverDynamoDB restores as the handbook says: the main table of a time
// before comes back under a name of its own, its rows are copied into the empty
// table of the stack, and who came back is erased again.
func TestRestoreOverDynamoDB(t *testing.T) {
	t.Parallel()
	address := os.Getenv(dynamoVariable)
	if address == "" {
		t.Skip(dynamoVariable + " is not set: erasing again is tested over the embedded store alone")
	}
	client := newClient(address)
	prefix := randomPrefix()
	old, log, restored, now := prefix+"main", prefix+"audit", prefix+"main-restored", prefix+"main-2"
	makeTables(t, client, old, log, restored, now)
	admin := adminAt(t, address)
	if r := admin("create-workspace", "acme", "-table", old, "-audit-table", log); r.code != exitOK {
		t.Fatalf("%+v", r)
	}
	main := old
	testEraseReturned(t,
		func(args ...string) result { return admin(append(args, "-table", main, "-audit-table", log)...) },
		func(do func(*folder)) {
			ws, err := tenant.Parse("acme")
			if err != nil {
				t.Fatal(err)
			}
			f := &folder{
				main: table.New(dynamo.New(client, main, dynamo.Options{})), audit: table.New(dynamo.New(client, log, dynamo.Options{})),
				ws: ws, ctx: tenant.Bind(t.Context(), ws),
			}
			f.Ledger = ledger.New(f.main, audit.NewLog(f.audit), time.Now)
			f.back = func(rows []table.Row) {
				all := tenant.BindOperator(t.Context())
				if err := table.New(dynamo.New(client, restored, dynamo.Options{})).Batch(all, rows, nil); err != nil {
					t.Fatal(err)
				}
				main = now
				if r := admin("copy-rows", "-from", restored, "-table", now, "-audit-table", log); r.code != exitOK || !lineHas(r.out, strconv.Itoa(len(rows)), "rows", "copied,", "0", "were") {
					t.Errorf("%+v", r)
				}
				if r := admin("copy-rows", "-from", restored, "-table", now, "-audit-table", log); r.code != exitOK || !lineHas(r.out, "0", "rows", "copied,", strconv.Itoa(len(rows))) {
					t.Errorf("again: %+v", r)
				}
			}
			do(f)
		})
	if r := admin("copy-rows", "-from", prefix+"none", "-table", now, "-audit-table", log); r.code != exitFailed || !strings.Contains(r.notes, "has no table") {
		t.Errorf("%+v", r)
	}
}

func newClient(address string) *dynamodb.Client {
	return dynamodb.NewFromConfig(aws.Config{
		Region: "eu-west-1", BaseEndpoint: &address, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

func randomPrefix() string { return "admin-" + strings.ToLower(rand.Text()[:8]) + "-" }

// adminAt runs command lines over a DynamoDB.
func adminAt(t *testing.T, address string) func(...string) result {
	return func(args ...string) result {
		var out, notes bytes.Buffer
		code := run(t.Context(), append([]string{"-dynamodb", address}, args...), &out, &notes)
		return result{code, out.String(), notes.String()}
	}
}

// makeTables makes tables that go with the test.
func makeTables(t *testing.T, client *dynamodb.Client, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := dynamo.EnsureTable(t.Context(), client, name); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if _, err := client.DeleteTable(context.WithoutCancel(t.Context()), &dynamodb.DeleteTableInput{TableName: &name}); err != nil {
				t.Log(err)
			}
		})
	}
}
