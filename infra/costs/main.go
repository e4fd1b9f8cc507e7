// Command costs counts what each operation asks of AWS and prices it:
//
//	go run ./infra/costs                    prints the table
//	go run ./infra/costs -write README.md   puts it between that file's markers
//
// Nothing is estimated but what prices.go says: every operation of the API runs
// in this process over an embedded store, with the meter around its tables and a
// counter around its queues, and so does the work that it leaves behind: relay,
// audit log, purge, reindex. The same counts come out every time.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "costs:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	file := flag.String("write", "", "put the table into this file, between "+opening+" and "+closing)
	flag.Parse()
	all, err := measureAll(ctx)
	if err != nil {
		return err
	}
	table := report(all)
	if *file == "" {
		fmt.Print(table)
		return nil
	}
	text, err := os.ReadFile(*file)
	if err != nil {
		return err
	}
	changed, err := replace(string(text), table)
	if err != nil {
		return fmt.Errorf("%s: %w", *file, err)
	}
	return os.WriteFile(*file, []byte(changed), 0o644)
}
