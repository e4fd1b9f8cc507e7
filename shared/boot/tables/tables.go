// Package tables opens a deployment's tables in DynamoDB, for the functions that
// read or write them.
package tables

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"rubrica/shared/boot"
	"rubrica/shared/table"
	"rubrica/shared/table/dynamo"
)

// Tables are the deployment's tables, over one client.
type Tables struct {
	env    *boot.Environment
	client *dynamodb.Client
}

// Open makes the client; no call is made.
func Open(env *boot.Environment) *Tables {
	return &Tables{env, dynamodb.NewFromConfig(boot.AWS(env), func(o *dynamodb.Options) {
		o.BaseEndpoint = boot.Endpoint(env, boot.DynamoDB)
	})}
}

// Main is the table of contacts and of all else but the log.
func (t *Tables) Main() *table.Table { return t.named(boot.Table) }

// Audit is the audit log's table.
func (t *Tables) Audit() *table.Table { return t.named(boot.AuditTable) }

func (t *Tables) named(setting string) *table.Table {
	return table.New(dynamo.New(t.client, t.env.Required(setting), dynamo.Options{}))
}
