package main

import (
	"context"
	"flag"

	"rubrica/shared/tenant"
)

func createWorkspace() command {
	return command{
		name: "create-workspace", args: []string{"NAME"},
		does: "makes a workspace: 2 to 63 of a-z, 0-9 and -",
		flags: func(*flag.FlagSet) action {
			return func(ctx context.Context, s *session) error {
				if err := s.CreateWorkspace(tenant.Bind(ctx, s.ws), s.ws, operator); err != nil {
					return err
				}
				s.say("workspace %s is there; its first token: admin token %s -role owner", s.ws, s.ws)
				return nil
			}
		},
	}
}
