package main

import (
	"context"
	"flag"
)

func rebuildSuggestions() command {
	return command{
		name: "rebuild-suggestions", args: []string{"NAME"},
		does: "makes the list of merge suggestions of a workspace anew from its contacts. What was dismissed stays so. Again does nothing",
		flags: func(*flag.FlagSet) action {
			return func(ctx context.Context, s *session) error {
				n, err := s.RebuildSuggestions(ctx, s.ws)
				if err != nil {
					return err
				}
				s.say("%d values of workspace %s were not listed as they are shared", n, s.ws)
				return nil
			}
		},
	}
}
