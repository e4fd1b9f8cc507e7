package main

import (
	"context"
	"flag"
	"fmt"
)

func closeWorkspace() command {
	return command{
		name: "close", args: []string{"NAME"},
		does: "deletes a workspace and all that it holds, its audit log too, for ever; its name is not used again. Goes on where it was interrupted",
		flags: func(*flag.FlagSet) action {
			return func(ctx context.Context, s *session) error {
				if s.inFlight > 0 {
					s.note("closing %s; what is running has %s to end before its data is deleted", s.ws, s.inFlight)
				}
				rows, err := s.CloseWorkspace(ctx, s.ws, operator, s.NewID(), s.inFlight)
				if err != nil {
					return err
				}
				if s.compact != nil {
					if err := s.compact(ctx); err != nil {
						return fmt.Errorf("workspace %s is closed, but what was deleted may still be on the disk: %w", s.ws, err)
					}
				}
				s.say("workspace %s is closed; %d rows were deleted", s.ws, rows)
				return nil
			}
		},
	}
}
