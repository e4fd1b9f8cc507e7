// Command demo loads the rows of a CSV file, such as contact managers export,
// through the API, so that there is something to look at and to try with:
//
//	go run ./infra/demo [-url http://127.0.0.1:3000] [-token TOKEN] [-file contacts.csv]
//
// Without -file it loads a small sample of its own, without -token it asks the
// local server for one. Columns that are no members of a contact become custom
// fields, made if they are missing. Rows that the API refuses are named, with the
// line they begin on and the reasons. Loading a file again within a day stores
// nothing twice.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

//go:embed sample.csv
var sample []byte

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run loads what the arguments say and tells out about it. Rows that are refused
// are no error; an address that does not answer, or a file that is none, is.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(out)
	url := flags.String("url", "http://127.0.0.1:3000", "where the API is")
	token := flags.String("token", "", "token to call it with; without one the local server is asked for an owner's of the workspace demo")
	name := flags.String("file", "", "CSV file to load; without one a small sample")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	file := io.Reader(bytes.NewReader(sample))
	if *name != "" {
		f, err := os.Open(*name)
		if err != nil {
			return err
		}
		defer f.Close()
		file = f
	}
	rows, err := newRows(file)
	if err != nil {
		return err
	}
	api, err := connect(ctx, strings.TrimSuffix(*url, "/"), *token)
	if err != nil {
		return err
	}
	defer api.http.CloseIdleConnections()
	made, err := api.ensureFields(ctx, rows)
	if err != nil {
		return err
	}
	if len(made) > 0 {
		fmt.Fprintf(out, "Made the custom fields %s\n", strings.Join(made, ", "))
	}
	if len(rows.ignored) > 0 {
		fmt.Fprintf(out, "Not loaded, for there is nothing yet that takes them: %s\n", strings.Join(rows.ignored, ", "))
	}
	return load(ctx, api, rows, out)
}
