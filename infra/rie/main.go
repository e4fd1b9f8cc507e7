// Command rie runs every function as it is deployed, its built bootstrap under
// AWS's Lambda Runtime Interface Emulator, over a DynamoDB and an SQS of somebody
// else's making:
//
//	go run ./infra/conformance run -- go run ./infra/rie
//	go run ./infra/rie [-build .aws-sam/build] [-rie PROGRAM] [-sam sam]
//	go run ./infra/rie find
//
// Each function must refuse to start without its settings, answer its sample
// event (events/), and have the routes that the code declares. One line for each
// says so; the last one counts, and tells the exit status.
//
// The emulator comes with aws-sam-cli; find prints where it is. Without -build the
// functions are built for this machine; what sam build makes runs on arm64 alone.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "rie:", err)
		os.Exit(1)
	}
}

// errFailed says that a function failed, which has been printed already.
var errFailed = errors.New("not all functions answer as they should")

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("rie", flag.ContinueOnError)
	build := flags.String("build", "", "folder of built functions, such as .aws-sam/build; by default they are built")
	emulator := flags.String("rie", "", "the emulator's program; by default the one that comes with aws-sam-cli")
	sam := flags.String("sam", "sam", "the program of aws-sam-cli")
	if err := flags.Parse(args); err != nil {
		return err
	}
	found := *emulator
	if found == "" {
		var err error
		if found, err = find(ctx, *sam); err != nil {
			return err
		}
	}
	switch {
	case flags.NArg() == 1 && flags.Arg(0) == "find":
		_, err := fmt.Fprintln(out, found)
		return err
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	dir, err := os.MkdirTemp("", "rubrica-rie-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if found, err = executable(found, dir); err != nil {
		return err
	}
	programs, err := bootstraps(ctx, *build, dir)
	if err != nil {
		return err
	}
	w, err := newWorld(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	return walk(ctx, out, w, found, programs)
}
