package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"rubrica/shared/ledger"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

func copyRows() command {
	return command{
		name: "copy-rows",
		does: "after a restore: copies all rows of the table that was restored into the main one, a workspace's settings last, so that none opens before it is whole. A row that is there stays as it is, so it goes on where it was interrupted",
		flags: func(set *flag.FlagSet) action {
			from := set.String("from", "", "`name` of the table that was restored from a point in time")
			return func(ctx context.Context, s *session) error {
				switch {
				case *from == "":
					return errors.New("name the table with -from")
				case s.sibling == nil:
					return errors.New("copy-rows is for DynamoDB; on one machine a backup is a copy of the folder, which the server is started on")
				}
				source, err := s.sibling(ctx, *from)
				if err != nil {
					return err
				}
				c := &copying{from: table.New(source), to: table.New(s.main)}
				if err := c.run(ctx); err != nil {
					return fmt.Errorf("%w; %d rows were copied, the same command goes on", err, c.copied)
				}
				s.say("%d rows copied, %d were there already, %d workspaces", c.copied, c.there, len(c.last))
				return nil
			}
		},
	}
}

// copying copies rows from table to table, of all workspaces.
type copying struct {
	from, to *table.Table

	mu            sync.Mutex
	copied, there int
	// last are the rows that open a workspace: its settings.
	last []table.Row
}

const (
	copySegments = 4 // read side by side
	copyPage     = 500
)

// run copies everything but what belongs to a deployment and not to its
// workspaces, the provider's keys, which the stack fetches by itself.
func (c *copying) run(ctx context.Context) error {
	ctx = tenant.BindOperator(ctx)
	all, inner := errgroup.WithContext(ctx)
	for i := range copySegments {
		all.Go(func() error { return c.segment(inner, table.Segment{Index: i, Of: copySegments, Limit: copyPage}) })
	}
	if err := all.Wait(); err != nil {
		return err
	}
	return c.put(ctx, c.last)
}

func (c *copying) segment(ctx context.Context, at table.Segment) error {
	for {
		page, err := c.from.Scan(ctx, at)
		if err != nil {
			return fmt.Errorf("reading the restored table: %w", err)
		}
		var now, last []table.Row
		for _, row := range page.Rows {
			switch ws := row.Key.Workspace(); {
			case ws == tenant.System() && !ledger.ListsWorkspace(row.Key):
			case row.Key == ledger.SettingsKey(ws):
				last = append(last, row)
			default:
				now = append(now, row)
			}
		}
		c.mu.Lock()
		c.last = append(c.last, last...)
		c.mu.Unlock()
		if err := c.put(ctx, now); err != nil {
			return err
		}
		if at.After = page.Next; at.After == "" {
			return nil
		}
	}
}

// put writes those rows that are not there.
func (c *copying) put(ctx context.Context, rows []table.Row) error {
	for some := range slices.Chunk(rows, table.MaxGet) {
		keys := make([]table.Key, len(some))
		for i, row := range some {
			keys[i] = row.Key
		}
		there, err := c.to.Get(ctx, keys...)
		if err != nil {
			return fmt.Errorf("reading the main table: %w", err)
		}
		var missing []table.Row
		for i, row := range some {
			if !there[i].Exists() {
				missing = append(missing, row)
			}
		}
		if err := c.to.Batch(ctx, missing, nil); err != nil {
			return fmt.Errorf("writing the main table: %w", err)
		}
		c.mu.Lock()
		c.copied += len(missing)
		c.there += len(some) - len(missing)
		c.mu.Unlock()
	}
	return nil
}
