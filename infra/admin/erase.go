package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"rubrica/shared/ledger"
)

func eraseReturned() command {
	return command{
		name: "erase-returned", args: []string{"NAME"},
		does: "after a restore: deletes once more every contact that is back though the audit log says that it was deleted, and what repair mends. Again does nothing",
		flags: func(set *flag.FlagSet) action {
			by := set.String("by", "", "`who` is doing it, for the audit log, which names admin otherwise")
			return func(ctx context.Context, s *session) error {
				actor := operator
				actor.OnBehalfOf = *by
				err := s.mend(ctx, ledger.EraseReturned(actor, s.NewID()))
				if s.compact != nil && (err == nil || errors.Is(err, errFindings)) {
					if late := s.compact(ctx); late != nil {
						return fmt.Errorf("what was erased may still be on the disk: %w", late)
					}
				}
				return err
			}
		},
	}
}
