package sweep

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"rubrica/infra"
	"rubrica/shared/api"
	"rubrica/shared/api/frame"
	"rubrica/shared/audit"
	"rubrica/shared/caller"
	"rubrica/shared/caller/issuer"
	"rubrica/shared/consume"
	"rubrica/shared/ledger"
	"rubrica/shared/queue"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// process is what a process holds in memory. When it ends another is made.
type process struct {
	ledger    *ledger.Ledger
	api       *frame.API
	table     *table.Table
	queues    *queue.Queues
	consumers []consume.Consumer
	forward   forward
}

// forward is what the relay does with changes.
type forward func(context.Context, []table.Change) error

// system is one workspace in a store, a process that things go wrong for, and
// one beside it that nothing goes wrong for.
type system struct {
	*store
	script script
	bug    bug
	ws     tenant.Workspace
	ctx    context.Context // bound to ws
	// verifier is that of all processes, so that a token is verified once.
	verifier *caller.Verifier
	owner    string            // a token
	ids      map[string]string // what $1 and the like stand for

	sizes ledger.JobSizes

	faulty, well *process
	requests     int
	fresh        int // answers to the request under test that were no replay
}

// newSystem makes a workspace in a store, and its processes.
func newSystem(ctx context.Context, st *store, b bug, sizes ledger.JobSizes) (*system, error) {
	ws, err := tenant.Parse(randomName())
	if err != nil {
		return nil, err
	}
	s := &system{store: st, bug: b, ws: ws, ctx: tenant.Bind(ctx, ws), ids: map[string]string{}, sizes: sizes}
	if err := s.admit(); err != nil {
		return nil, err
	}
	s.well = s.newProcess(st.main, st.audit, st.queues)
	if err := s.well.ledger.CreateWorkspace(s.ctx, ws, audit.Actor{Type: audit.System, ID: "sweep"}); err != nil {
		return nil, err
	}
	s.restart()
	return s, nil
}

// admit makes tokens of the owner, of integrations, and of the rival.
func (s *system) admit() error {
	signer, err := issuer.New("https://sweep.example", "rubrica")
	if err != nil {
		return err
	}
	s.verifier = signer.Verifier()
	s.verifier.Now = s.clock.now
	sign := func(c issuer.Claims) (string, error) {
		c.Workspace = s.ws.String()
		return signer.Sign(c, s.clock.now(), 24*time.Hour)
	}
	if s.owner, err = sign(issuer.Claims{Subject: "user_1", Role: "owner"}); err != nil {
		return err
	}
	for _, name := range []string{crm, erp} {
		if s.ids[name], err = sign(issuer.Claims{Subject: "user_2", Role: "agent", Integration: name[1:]}); err != nil {
			return err
		}
	}
	s.ids["$rival"], err = sign(issuer.Claims{Subject: rivalUser, Role: "owner"})
	return err
}

// restart begins a process that the script has a say in.
func (s *system) restart() {
	s.script.revive()
	main, log := s.script.aroundTable(mainTable, s.main), s.script.aroundTable(auditTable, s.audit)
	s.faulty = s.newProcess(s.bug.around(main), log, s.script.aroundQueues(s.queues))
	s.faulty.forward = s.bug.relay(s.faulty.forward)
}

func (s *system) newProcess(main, log table.Driver, queues queue.Driver) *process {
	p := &process{table: table.New(main), queues: queue.New(queues)}
	p.ledger = ledger.New(p.table, audit.NewLog(table.New(log)), s.clock.now)
	p.ledger.SizeJobs(s.sizes)
	p.api = frame.New(p.ledger, s.verifier, slog.New(slog.DiscardHandler), s.clock.now, api.All(p.ledger, infra.OpenAPI)...)
	p.consumers = consume.All(p.ledger, p.queues)
	p.forward = consume.NewRelay(p.queues, p.consumers...).Forward
	return p
}

// check is what must hold whatever happened: nothing stored that should not be,
// nothing missing, nothing given up.
func (s *system) check() []string {
	var wrong []string
	report, err := s.well.ledger.Verify(context.WithoutCancel(s.ctx), s.ws, ledger.Idle())
	if err != nil {
		wrong = append(wrong, fmt.Sprintf("verify: %v", err))
	}
	for _, f := range report.Findings {
		wrong = append(wrong, fmt.Sprintf("verify: %s: %s: %s", f.Kind, f.Key, f.Detail))
	}
	if report.Pending+report.Busy > 0 {
		wrong = append(wrong, fmt.Sprintf("verify: %d pending, %d busy", report.Pending, report.Busy))
	}
	for _, c := range s.well.consumers {
		visible, hidden, err := s.well.queues.Depth(s.ctx, c.Queue.Dead())
		if err != nil || visible+hidden > 0 {
			wrong = append(wrong, fmt.Sprintf("%d dead letters of %s (%v)", visible+hidden, c.Queue.Name, err))
		}
	}
	if s.fresh > 1 {
		wrong = append(wrong, fmt.Sprintf("%d answers to one Idempotency-Key were no replay", s.fresh))
	}
	return wrong
}
