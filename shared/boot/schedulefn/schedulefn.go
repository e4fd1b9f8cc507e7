// Package schedulefn starts the functions that do one thing on a schedule.
package schedulefn

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"

	"rubrica/shared/boot"
	"rubrica/shared/boot/tables"
	"rubrica/shared/caller/oidc"
	"rubrica/shared/table"
)

// Task makes what a function does each time.
type Task func(env *boot.Environment, main *table.Table) func(context.Context) error

// Start does the task over the deployment's main table.
func Start(task Task) boot.Start {
	return func(env *boot.Environment) lambda.Handler {
		return New(env, tables.Open(env).Main(), task)
	}
}

// New returns the handler of a task over the given table. What the event says is
// not looked at. An error of the task counts as the function's: the schedule
// comes again, and template.yaml has an alarm.
func New(env *boot.Environment, main *table.Table, task Task) lambda.Handler {
	return handler{task(env, main)}
}

type handler struct{ do func(context.Context) error }

// Invoke does the task once.
func (h handler) Invoke(ctx context.Context, _ []byte) ([]byte, error) {
	soon, cancel := boot.InTime(ctx)
	defer cancel()
	if err := h.do(soon); err != nil {
		return nil, fmt.Errorf("schedulefn: %w", err)
	}
	return []byte("{}"), nil
}

// RefreshKeys fetches the identity provider's keys and stores them where the
// functions that answer requests read them.
func RefreshKeys(env *boot.Environment, main *table.Table) func(context.Context) error {
	issuer := env.Required(boot.Issuer)
	return func(ctx context.Context) error {
		changed, err := oidc.Refresh(ctx, http.DefaultClient, issuer, main)
		if err == nil {
			env.Log.InfoContext(ctx, "keys are fresh", "changed", changed)
		}
		return err
	}
}
