package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"rubrica/shared/audit"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// session is what an action works with.
type session struct {
	*ledger.Ledger
	store
	ws         tenant.Workspace
	args       []string
	out, notes io.Writer
}

// operator is who the audit log says did it.
var operator = audit.Actor{Type: audit.System, ID: "admin"}

func (inv *invocation) open(ctx context.Context, out, notes io.Writer) (*session, error) {
	st, err := inv.place.open(ctx)
	if err != nil {
		return nil, err
	}
	return &session{
		Ledger: ledger.New(table.New(st.main), audit.NewLog(table.New(st.audit)), time.Now),
		store:  st, ws: inv.ws, args: inv.args, out: out, notes: notes,
	}, nil
}

func (s *session) close() error { return s.store.close() }

// enter begins a change of the workspace, which must be there and not closed.
func (s *session) enter(ctx context.Context) (context.Context, *ledger.Scope, error) {
	ctx = tenant.Bind(ctx, s.ws)
	scope, err := s.Enter(ctx, s.ws, operator, s.NewID())
	if problem.Is(err, problem.Unauthenticated) {
		err = fmt.Errorf("there is no workspace %s, or it is closed", s.ws)
	}
	return ctx, scope, err
}

func (s *session) say(format string, args ...any) { fmt.Fprintf(s.out, format+"\n", args...) }

func (s *session) note(format string, args ...any) { fmt.Fprintf(s.notes, format+"\n", args...) }
