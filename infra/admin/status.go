package main

import (
	"context"
	"flag"

	"rubrica/shared/audit"
	"rubrica/shared/ledger"
	"rubrica/shared/workspace"
)

func suspend() command {
	return status("suspend", "refuses every call for a workspace with 403 workspace_suspended; nothing is deleted",
		audit.WorkspaceSuspended, workspace.Suspended)
}

func resume() command {
	return status("resume", "lets a suspended workspace go on", audit.WorkspaceResumed, workspace.Active)
}

func status(name, does string, change audit.Action, to workspace.Status) command {
	return command{
		name: name, args: []string{"NAME"}, does: does,
		flags: func(*flag.FlagSet) action {
			return func(ctx context.Context, s *session) error {
				was := to
				err := s.changeSettings(ctx, change, func(w workspace.Settings) workspace.Settings {
					was, w.Status = w.Status, to
					return w
				})
				if err != nil {
					return err
				}
				if was == to {
					s.say("workspace %s is %s already", s.ws, to)
					return nil
				}
				s.say("workspace %s is %s", s.ws, to)
				return nil
			}
		},
	}
}

// changeSettings changes the workspace's settings, with an entry in its log.
func (s *session) changeSettings(ctx context.Context, change audit.Action, apply func(workspace.Settings) workspace.Settings) error {
	ctx, scope, err := s.enter(ctx)
	if err != nil {
		return err
	}
	_, err = s.ChangeSettings(ctx, scope, change, ledger.IfMatch{},
		func(w workspace.Settings) (workspace.Settings, error) { return apply(w), nil },
		func(*workspace.Settings) ledger.Answer { return ledger.Answer{} })
	return err
}
