// Command local serves all of Rubrica on one machine, over an embedded store
// that keeps its data in a folder: to try it, and as a small server.
//
//	go run ./infra/local [-addr 127.0.0.1:3000] [-data DIR] [-memory] [-dynamodb URL -sqs URL]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"syscall"
	"time"

	"rubrica/infra/local/server"
	"rubrica/shared/caller/issuer"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "rubrica:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("local", flag.ContinueOnError)
	flags.SetOutput(os.Stderr)
	flags.Usage = func() {} // an unknown flag is one line, not a page
	o := server.Options{}
	flags.StringVar(&o.Addr, "addr", "127.0.0.1:3000", "where to listen")
	flags.StringVar(&o.Data, "data", ".rubrica", "folder that keeps the data")
	flags.BoolVar(&o.Memory, "memory", false, "keep nothing")
	flags.StringVar(&o.DynamoDB, "dynamodb", "", "address of a DynamoDB to use instead of the embedded store")
	flags.StringVar(&o.SQS, "sqs", "", "address of an SQS to use with it")
	flags.StringVar(&o.Prefix, "prefix", "", "put in front of the names of tables and queues in these")
	origins := flags.String("cors", "", "origins that may call from a browser, with commas between")
	profile := flags.String("cpuprofile", "", "file to write a processor profile to")
	flags.SetOutput(discard{})
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(os.Stdout)
		fmt.Println("go run ./infra/local [flags]")
		flags.PrintDefaults()
		return nil
	case err != nil:
		return fmt.Errorf("%w; -help lists the flags", err)
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q; -help lists the flags", flags.Arg(0))
	}
	if *origins != "" {
		o.Origins = strings.Split(*origins, ",")
	}
	o.Log = newLogger()
	if *profile != "" {
		file, err := os.Create(*profile)
		if err != nil {
			return fmt.Errorf("the profile cannot be written: %w", err)
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}

	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		// What lives long is little, so memory up to a bound saves a tenth of the
		// processor time. The embedded store's cache comes on top of it.
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(104<<20 + storeInHeap)
	}
	if os.Getenv("GOMAXPROCS") == "" {
		t := &threads{usual: runtime.GOMAXPROCS(0)}
		o.BulkBegins, o.Merging = t.bulkBegins, t.merging
		if givesWay {
			o.Bulk = runtime.NumCPU()
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	began := time.Now()
	s, err := server.Start(ctx, o)
	if err != nil {
		return err
	}
	if err := welcome(ctx, s, o, time.Since(began)); err != nil {
		return errors.Join(err, s.Close(ctx))
	}
	select {
	case <-ctx.Done():
		o.Log.Info("stopping: finishing what is running")
	case err = <-s.Failed():
	}
	soon, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return errors.Join(err, s.Close(soon))
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// newLogger writes lines for people to a terminal, JSON to anything else.
func newLogger() *slog.Logger {
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{ReplaceAttr: shortTime}))
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, nil))
}

func shortTime(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey && len(groups) == 0 {
		return slog.String(slog.TimeKey, a.Value.Time().Format("15:04:05.000"))
	}
	return a
}

// welcome makes the workspace demo and says how to begin.
func welcome(ctx context.Context, s *server.Server, o server.Options, took time.Duration) error {
	_, err := s.EnsureWorkspace(ctx, "demo")
	if err != nil && !errors.Is(err, server.ErrClosed) {
		return err
	}
	closed := err != nil
	where := "data in " + o.Data
	switch {
	case o.DynamoDB != "":
		where = "data in " + o.DynamoDB
	case o.Memory:
		where = "data in memory, gone when it stops"
	}
	fmt.Printf("Rubrica listens on %s (ready in %d ms, %s)\n\n", s.URL, took.Milliseconds(), where)
	if closed {
		fmt.Printf(`The workspace "demo" was closed. This makes another one, and a token for it:
curl -s %s/local/token -H 'Content-Type: application/json' -d '{"workspace":"demo-2"}'

`, s.URL)
		return nil
	}
	token, err := s.Token(issuer.Claims{Subject: "user_1", Workspace: "demo", Role: "owner"}, 30*24*time.Hour)
	if err != nil {
		return err
	}
	fmt.Printf(`A token for the workspace "demo", good for 30 days:
%s

Try it:
curl -s %s/v1/contacts -H 'Authorization: Bearer %s' -H 'Content-Type: application/json' -d '{"firstName":"Maria","lastName":"Rossi","email":"maria@example.it","phone":"+393514117320"}'

`, token, s.URL, token)
	return nil
}
