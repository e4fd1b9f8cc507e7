// Command lambda measures each Lambda function beside a minimal handler with the
// same clients, in the same run:
//
//	go run ./infra/conformance run -- go run ./infra/bench/lambda
//	go run ./infra/bench/lambda [-arch arm64] [-runs 9] [-warm 100] [-only get-contact,…] [-set GODEBUG=…]
//
// Functions are built as sam build does and run as processes of their own
// against a Runtime API that this command serves. Without a DynamoDB and an SQS
// (RUBRICA_DYNAMODB, RUBRICA_SQS: what infra/conformance sets) they are measured
// up to their first poll alone.
//
// All figures are medians over runs, in which functions and minimal handlers take
// turns. Beside each stands how many times the minimal handler's it is, which is
// written as most begin, with the SDK's default configuration, and makes one call
// to DynamoDB. Behind a slash stands, of size and start, how many times that of a
// lean one, which has the client and nothing else; of what depends on calls, how
// many times that of one which makes the same calls as the function does for its
// sample event. An exclamation mark is above 1.3. Size is that of the stripped program for -arch,
// all else is measured on this machine. It must be Linux.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"rubrica/shared/boot"
	"rubrica/shared/consume"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "lambda:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	arch := flag.String("arch", "arm64", "architecture whose programs are weighed: amd64 or arm64")
	runs := flag.Int("runs", 9, "how often each function is started")
	warm := flag.Int("warm", 100, "how many warm invocations are measured in each run")
	only := flag.String("only", "", "measure these functions only, with commas between")
	set := flag.String("set", "", "a setting more for the functions' environment, NAME=value")
	flag.Parse()

	dir, err := os.MkdirTemp("", "rubrica-lambda-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	chosen, err := targets(*only)
	if err != nil {
		return err
	}
	for _, t := range chosen {
		if err := t.build(ctx, dir, *arch); err != nil {
			return err
		}
	}
	b := &bench{dir: dir, warm: *warm, settings: settings(*set)}
	if os.Getenv("RUBRICA_DYNAMODB") != "" && os.Getenv("RUBRICA_SQS") != "" {
		if b.world, err = newWorld(ctx); err != nil {
			return err
		}
		defer b.world.close()
		b.settings = append(b.settings, b.world.settings()...)
	} else {
		fmt.Println("no RUBRICA_DYNAMODB and RUBRICA_SQS: measured up to the first poll alone")
	}
	if b.world != nil {
		if err := b.addTwins(ctx, chosen, *arch); err != nil {
			return err
		}
	}
	for range *runs {
		for _, t := range chosen {
			for _, t := range []*target{t, t.twin} {
				if t == nil {
					continue
				}
				if err := b.measure(ctx, t); err != nil {
					return fmt.Errorf("%s: %w", t.name, err)
				}
			}
		}
	}
	fmt.Printf("%d runs on %s/%s, size for linux/%s\n\n%s", *runs, runtime.GOOS, runtime.GOARCH, *arch, report(chosen))
	return nil
}

// addTwins gives a twin to each function over DynamoDB.
func (b *bench) addTwins(ctx context.Context, all []*target, arch string) error {
	calls := &target{name: "minimal/calls", pkg: "./infra/bench/lambda/minimal/calls"}
	if err := calls.build(ctx, b.dir, arch); err != nil {
		return err
	}
	for _, t := range all {
		if t.minimal == nil || t.minimal.name != "minimal/table" {
			continue
		}
		var err error
		if t.twin, err = b.twin(ctx, t, calls.program); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}

// settings are what every function finds in its environment. The clients sign
// with whatever they are given.
func settings(more string) []string {
	all := []string{
		"AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"RUBRICA_TABLE=main", "RUBRICA_AUDIT_TABLE=audit", "RUBRICA_ISSUER=https://id.example.com", "RUBRICA_AUDIENCE=rubrica",
		boot.JobRate + "=7",
	}
	for _, c := range consume.All(nil, nil) {
		for _, name := range []string{c.Queue.Name, c.Queue.Dead().Name} {
			all = append(all, boot.Queue(name)+"=http://127.0.0.1:9/"+name)
		}
	}
	if more != "" {
		all = append(all, more)
	}
	return all
}

// targets are the minimal handlers that are needed, and the functions.
func targets(only string) ([]*target, error) {
	folders, err := os.ReadDir("functions")
	if err != nil {
		return nil, fmt.Errorf("run it in the repository's root: %w", err)
	}
	minimal, lean := map[string]*target{}, map[string]*target{}
	var all, functions []*target
	for _, f := range folders {
		if only != "" && !slices.Contains(strings.Split(only, ","), f.Name()) {
			continue
		}
		kind := "table"
		switch f.Name() {
		case "relay-changes":
			kind = "queue"
		case "describe-service":
			kind = "bare"
		}
		if minimal[kind] == nil {
			minimal[kind] = &target{name: "minimal/" + kind, pkg: "./infra/bench/lambda/minimal/" + kind, sample: minimalSamples[kind]}
			all = append(all, minimal[kind])
			if kind != "bare" {
				lean[kind] = &target{name: "lean/" + kind, pkg: "./infra/bench/lambda/minimal/lean/" + kind, sample: minimalSamples[kind]}
				all = append(all, lean[kind])
			}
		}
		functions = append(functions, &target{name: f.Name(), pkg: "./functions/" + f.Name(), sample: f.Name(), minimal: minimal[kind], lean: lean[kind]})
	}
	if len(functions) == 0 {
		return nil, fmt.Errorf("no function is called %s", only)
	}
	return append(all, functions...), nil
}

// minimalSamples say whose event a minimal handler is given.
var minimalSamples = map[string]string{"table": "get-contact", "queue": "relay-changes", "bare": "describe-service"}
