// Command admin is what only the operator does: workspaces, their first tokens,
// verify and repair.
//
//	go run ./infra/admin [-data DIR | -dynamodb URL | -table NAME -audit-table NAME] COMMAND …
//
// It works on the data folder of a one-machine server that is stopped, on a
// DynamoDB at an address, or on the tables of a deployment with AWS's default
// credentials and region. It ends with 0, with 1 if something went wrong, with 2
// if verify or repair leave findings.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"rubrica/shared/problem"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// Exit codes.
const (
	exitOK = iota
	exitFailed
	exitFindings
)

// errFindings says that what was asked was done, and showed that something is
// wrong with the data.
var errFindings = errors.New("there are findings")

// run is the command without its process; it returns the exit code. What was
// asked for goes to out, everything else to notes.
func run(ctx context.Context, args []string, out, notes io.Writer) int {
	err := do(ctx, args, out, notes)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFindings):
		return exitFindings
	}
	fmt.Fprintln(notes, "admin:", oneLine(err))
	return exitFailed
}

func do(ctx context.Context, args []string, out, notes io.Writer) error {
	inv, err := parse(args)
	if err != nil {
		return err
	}
	if inv.help {
		inv.printHelp(out)
		return nil
	}
	s, err := inv.open(ctx, out, notes)
	if err != nil {
		return err
	}
	return errors.Join(inv.act(ctx, s), s.close())
}

// oneLine is an error as a sentence for a person, without what only a caller of
// the API would want.
func oneLine(err error) string {
	text := err.Error()
	if p, ok := errors.AsType[*problem.Error](err); ok && p.Kind != problem.Unavailable {
		text = p.Detail
	}
	return strings.Join(strings.Fields(text), " ")
}
