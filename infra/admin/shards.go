package main

import (
	"context"
	"flag"
	"fmt"
	"strconv"

	"rubrica/shared/audit"
	"rubrica/shared/workspace"
)

func setShards() command {
	return command{
		name: "shards", args: []string{"NAME", "N"},
		does: fmt.Sprintf("spreads new contacts of a workspace over N partitions, at most %d; they can only become more", workspace.MaxShards),
		flags: func(*flag.FlagSet) action {
			return func(ctx context.Context, s *session) error {
				n, err := strconv.Atoi(s.args[1])
				if err != nil || n < 1 || n > workspace.MaxShards {
					return fmt.Errorf("%q is no number of partitions: want 1 to %d", s.args[1], workspace.MaxShards)
				}
				had := 0
				err = s.changeSettings(ctx, audit.WorkspaceUpdated, func(w workspace.Settings) workspace.Settings {
					had = w.Shards
					w.Shards = max(w.Shards, n)
					return w
				})
				switch {
				case err != nil:
					return err
				case n < had:
					return fmt.Errorf("workspace %s has %d partitions already: contacts do not move, so they cannot become fewer", s.ws, had)
				}
				s.say("workspace %s spreads new contacts over %d partitions", s.ws, n)
				return nil
			}
		},
	}
}
