package main

import (
	"context"
	"flag"
	"fmt"
	"text/tabwriter"
)

func listWorkspaces() command {
	return command{
		name: "workspaces", does: "lists all workspaces, closed ones too",
		flags: func(*flag.FlagSet) action {
			return func(ctx context.Context, s *session) error {
				all, err := s.Workspaces(ctx)
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "NAME\tSTATUS\tPARTITIONS\tDUPLICATES\tCREATED")
				for _, ws := range all {
					fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\n", ws.ID, ws.Status, ws.Shards, ws.Duplicates, ws.CreatedAt)
				}
				return w.Flush()
			}
		},
	}
}
