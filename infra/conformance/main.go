// Command conformance runs a command, such as the tests, beside a DynamoDB and
// an SQS of somebody else's making, dynoxide and ElasticMQ:
//
//	go run ./infra/conformance fetch
//	go run ./infra/conformance run -- go test ./...
//
// fetch builds dynoxide with cargo (about four minutes) and fetches ElasticMQ
// with mvn (about one), both into a folder of the user's cache; what is there
// already is no work. run starts both on free ports of the loopback interface,
// in memory, runs the command with their addresses in RUBRICA_DYNAMODB and
// RUBRICA_SQS, stops them, and exits as the command did (under go run any
// failure is 1). It fetches first what is missing.
//
// Neither engine is part of Rubrica, nor needed to build or run it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
)

func main() {
	// The engines die with the thread that started them (see process_linux.go).
	runtime.LockOSThread()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], engines(), os.Stdout, os.Stderr)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() > 0 {
		os.Exit(exit.ExitCode())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

const usage = "usage: conformance [-engines FOLDER] fetch | run -- COMMAND [ARGUMENT...]"

// run returns the *exec.ExitError of a COMMAND that failed as it is.
func run(ctx context.Context, args []string, all []engine, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("conformance", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprintln(stderr, usage); flags.PrintDefaults() }
	folder := flags.String("engines", os.Getenv("RUBRICA_ENGINES"),
		"folder that the engines are kept in; by default $RUBRICA_ENGINES, or rubrica/engines in the user's cache")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *folder == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return err
		}
		*folder = filepath.Join(cache, "rubrica", "engines")
	}
	verb, command := flags.Arg(0), flags.Args()
	switch {
	case verb == "fetch" && len(command) == 1:
		return fetch(ctx, *folder, all, stderr)
	case verb == "run" && len(command) > 1:
		command = command[1:]
		if command[0] == "--" {
			command = command[1:]
		}
	default:
		command = nil
	}
	if len(command) == 0 {
		return errors.New(usage)
	}
	if err := fetch(ctx, *folder, all, stderr); err != nil {
		return err
	}
	return beside(ctx, *folder, all, command, stdout, stderr)
}
