// Package httpfn starts the functions that answer HTTP requests over the tables.
package httpfn

import (
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"rubrica/shared/api/frame"
	"rubrica/shared/audit"
	"rubrica/shared/boot"
	"rubrica/shared/boot/gateway"
	"rubrica/shared/boot/tables"
	"rubrica/shared/caller"
	"rubrica/shared/ledger"
	"rubrica/shared/table"
)

// Endpoints makes the endpoints that a function serves.
type Endpoints func(*ledger.Ledger) []frame.Endpoint

// Start serves the endpoints over the deployment's tables.
func Start(endpoints Endpoints) boot.Start {
	return func(env *boot.Environment) lambda.Handler {
		t := tables.Open(env)
		return New(env, boot.Function(env), t.Main(), t.Audit(), endpoints)
	}
}

// New returns the handler of a function over the given tables.
func New(env *boot.Environment, function string, main, log *table.Table, endpoints Endpoints) lambda.Handler {
	l := ledger.New(main, audit.NewLog(log), time.Now)
	return gateway.New(env, function, l, verifier(env, main), endpoints(l)...)
}

// verifier verifies callers against the keys that refresh-keys stores.
func verifier(env *boot.Environment, main *table.Table) *caller.Verifier {
	return &caller.Verifier{
		Issuer: env.Optional(boot.Issuer), Audience: env.Optional(boot.Audience),
		Claims: caller.ClaimNames{
			Subject: env.Optional(boot.ClaimSubject), Workspace: env.Optional(boot.ClaimWorkspace), Role: env.Optional(boot.ClaimRole),
			Restrictions: env.Optional(boot.ClaimRestrictions), Integration: env.Optional(boot.ClaimIntegration),
		},
		Keys: caller.NewStoredKeys(main, time.Now),
	}
}
