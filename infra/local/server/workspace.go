package server

import (
	"context"

	"rubrica/shared/audit"
	"rubrica/shared/body"
	"rubrica/shared/problem"
	"rubrica/shared/tenant"
)

// ErrClosed says that a workspace was closed. It is as a body is told that names one.
var ErrClosed = problem.InvalidField("workspace", body.CodeInvalid, "The workspace was closed, and its name is not used again; take another one.")

// EnsureWorkspace creates a workspace unless it is there. One that was closed is not
// brought back: ErrClosed.
func (s *Server) EnsureWorkspace(ctx context.Context, name string) (tenant.Workspace, error) {
	ws, err := tenant.Parse(name)
	if err != nil {
		return ws, err
	}
	ctx = tenant.Bind(ctx, ws)
	local := audit.Actor{Type: audit.System, ID: "local"}
	there := func() (bool, error) {
		_, err := s.Ledger.Enter(ctx, ws, local, "")
		if problem.Is(err, problem.Unauthenticated) { // as a token of a workspace that does not exist
			return false, nil
		}
		return err == nil, err
	}
	if ok, err := there(); ok || err != nil {
		return ws, err
	}
	err = s.Ledger.CreateWorkspace(ctx, ws, local)
	if !problem.HasCode(err, "workspace_exists") {
		return ws, err
	}
	// Another call was faster, or it was closed.
	ok, err := there()
	if err == nil && !ok {
		err = ErrClosed
	}
	return ws, err
}
