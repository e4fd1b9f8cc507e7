// Package boot starts Lambda functions: settings from the environment, a logger,
// a handler, the Runtime API. It and the packages below it are the only place
// that knows both AWS and the rest of Rubrica.
//
// They are cut by what they link, since a function pays for every package at
// each cold start: boot knows no service; boot/tables adds DynamoDB, boot/streamfn
// SQS. Each package *fn starts the functions of one kind of trigger; what those do
// is none of its business.
package boot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// Start makes a function's handler out of its environment. It makes no calls:
// a function must start also while what it needs does not answer.
type Start func(env *Environment) lambda.Handler

// Main runs the function until Lambda ends the process. A setting that is
// missing is one log line that names it, and exit status 1.
func Main(start Start) {
	env := NewEnvironment(os.LookupEnv, os.Stdout)
	handler, err := Open(env, start)
	if err != nil {
		env.Log.Error("the function cannot start", "error", err)
		os.Exit(1)
	}
	if env.Optional("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	lambda.Start(handler)
}

// gcPercent is how much the heap may grow between two collections. A request
// leaves next to nothing behind, so the heap stays at the runtime's least, four
// megabytes at 100 percent, which a page of contacts fills in four requests; and a
// function's share of a processor is small, with none of it idle. At 130 there is a
// third less to collect, for a megabyte of the hundreds that a function is billed
// for anyway. At 150 it would be half, but more than 1.3 times the memory of a
// minimal handler that makes the same calls.
const gcPercent = 130

// Open returns the function's handler, or an error that names all settings that
// are missing. For Main and for tests.
func Open(env *Environment, start Start) (lambda.Handler, error) {
	handler := start(env)
	if err := env.err(); err != nil {
		return nil, err
	}
	return handler, nil
}

// Function is the name of the function that this program is: its folder's, as
// the build notes it in the program.
func Function(env *Environment) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		env.Refuse(errors.New("boot: the program does not know its package"))
		return ""
	}
	name, ok := strings.CutPrefix(info.Path, "rubrica/functions/")
	if !ok {
		env.Refuse(fmt.Errorf("boot: the package %s is not a folder of functions", info.Path))
	}
	return name
}

// margin is what is left of an invocation's time when its work is given up, so
// that an answer still gets out: Lambda gives none after a timeout.
const margin = 500 * time.Millisecond

// InTime returns a context that ends a margin before the invocation does.
func InTime(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, deadline.Add(-margin))
}
