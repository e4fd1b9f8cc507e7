package ledger_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rubrica/shared/audit"
	"rubrica/shared/body"
	"rubrica/shared/consume"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/queue"
	"rubrica/shared/queue/embedded"
	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
	"rubrica/shared/workspace"
)

// clock is the real time and what a test has added to it.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// system is a ledger over a store in memory, with a workspace.
type system struct {
	*ledger.Ledger
	clock       *clock
	main, audit *table.Table
	queues      *queue.Queues
	wait        func(context.Context, string) error
	ws          tenant.Workspace
	ctx         context.Context // bound to ws
}

// t is what *testing.T and *rapid.T have in common.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// newSystem opens a store; wrap puts something around the driver of contacts.
func newSystem(t *testing.T, wrap ...func(table.Driver) table.Driver) *system {
	t.Helper()
	s := &system{clock: new(clock)}
	store, err := pebble.Open("", pebble.Options{Memory: true, Now: s.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	var main table.Driver = store.Table("main")
	s.wait = store.Table("main").Wait
	for _, w := range wrap {
		main = w(main)
	}
	s.main, s.audit = table.New(main), table.New(store.Table("audit"))
	s.queues = queue.New(embedded.New(store.Engine(), embedded.Options{}))
	s.Ledger = ledger.New(s.main, audit.NewLog(s.audit), s.clock.now)
	return s.inNewWorkspace(t)
}

// inNewWorkspace returns the same system, with a fresh workspace.
func (s *system) inNewWorkspace(t tester) *system {
	t.Helper()
	ws, err := tenant.Parse("w-" + strings.ToLower(rand.Text()[:16]))
	if err != nil {
		t.Fatal(err)
	}
	again := *s
	again.ws, again.ctx = ws, tenant.Bind(context.Background(), ws)
	if err := s.CreateWorkspace(again.ctx, ws, audit.Actor{Type: audit.System, ID: "test"}); err != nil {
		t.Fatal(err)
	}
	return &again
}

// consume runs the consumers until the test ends.
func (s *system) consume(t *testing.T) { t.Cleanup(s.start()) }

// start runs the consumers until it is told to stop.
func (s *system) start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	w := &consume.Worker{
		Table: s.main, Queues: s.queues, Consumers: consume.All(s.Ledger, s.queues), Wait: s.wait, Log: slog.New(slog.DiscardHandler),
	}
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	return func() { cancel(); <-done }
}

// drain does by itself what the consumers would do, until there is nothing left.
// None of them may be running.
func (s *system) drain(t tester) {
	t.Helper()
	s.work(t, "", 0)
	ctx := tenant.BindOperator(context.Background())
	if !s.isIdle(ctx, t) {
		t.Fatal("there is something left in a queue")
	}
}

// work forwards what changed, and has the consumers handle their messages whose
// function is named, all for "". The first message is as if it had been delivered
// that often at least.
func (s *system) work(t tester, function string, receives int) {
	t.Helper()
	ctx := tenant.BindOperator(context.Background())
	consumers := consume.All(s.Ledger, s.queues)
	for i := range consumers {
		consumers[i].Delay = 0 // nobody is calling meanwhile
	}
	relay := consume.NewRelay(s.queues, consumers...)
	for at, more := "", true; more; {
		page, err := s.main.Changes(ctx, at, 500)
		if err == nil {
			err = relay.Forward(ctx, page.Items)
		}
		if err != nil {
			t.Fatal(err)
		}
		at, more = page.Next, len(page.Items) > 0
	}
	for _, c := range consumers {
		for function == "" || c.Function == function {
			messages, err := s.queues.Receive(ctx, c.Queue, queue.MaxBatch, 0)
			if err != nil {
				t.Fatal(err)
			}
			if len(messages) == 0 {
				break
			}
			messages[0].Receives, receives = max(messages[0].Receives, receives), 0
			for _, err := range c.Handle(ctx, messages) {
				t.Fatal(err)
			}
			if err := s.queues.Delete(ctx, c.Queue, messages...); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// idle waits until the consumers have worked off everything.
func (s *system) idle(t tester) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tenant.BindOperator(context.Background()), time.Minute)
	defer cancel()
	for !s.isIdle(ctx, t) {
		time.Sleep(time.Millisecond)
	}
}

// isIdle asks for the stream first: what is forwarded is in a queue before the
// stream is done with it.
func (s *system) isIdle(ctx context.Context, t tester) bool {
	t.Helper()
	page, err := s.main.Changes(ctx, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	waiting := len(page.Items)
	for _, c := range consume.All(s.Ledger, s.queues) {
		visible, hidden, err := s.queues.Depth(ctx, c.Queue)
		if err != nil {
			t.Fatal(err)
		}
		waiting += visible + hidden
	}
	return waiting == 0
}

// scope begins a request of a user.
func (s *system) scope(t tester) *ledger.Scope {
	t.Helper()
	scope, err := s.Enter(s.ctx, s.ws, audit.Actor{Type: audit.User, ID: "user_1"}, "request")
	if err != nil {
		t.Fatal(err)
	}
	return scope
}

// policy sets what happens to duplicates.
func (s *system) policy(t tester, p workspace.Duplicates) {
	t.Helper()
	_, err := s.ChangeSettings(s.ctx, s.scope(t), audit.WorkspaceUpdated, ledger.IfMatch{},
		func(w workspace.Settings) (workspace.Settings, error) { w.Duplicates = p; return w, nil },
		func(*workspace.Settings) ledger.Answer { return ledger.Answer{} })
	if err != nil {
		t.Fatal(err)
	}
}

// patch reads a merge patch.
func patch(t tester, doc string) contact.Patch {
	t.Helper()
	form, err := body.Parse([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	p := contact.ParsePatch(form)
	if err := form.Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

// answerID answers with the id and version of a contact.
func answerID(c *contact.Contact) ledger.Answer {
	return ledger.Answer{Status: 200, Location: c.ID, Body: []byte(c.Name())}
}

// answerMerge answers with the id of a merge, answerUndo with the survivor's.
func answerMerge(made ledger.Merged) ledger.Answer {
	return ledger.Answer{Status: 201, Location: made.ID}
}

func answerUndo(u ledger.Unmerged) ledger.Answer { return answerID(u.Survivor) }

// create makes a contact of a patch and returns its id.
func (s *system) create(t tester, doc string) string {
	t.Helper()
	a, err := s.Create(s.ctx, s.scope(t), ledger.Operation{Apply: patch(t, doc).Apply, Answer: answerID})
	if err != nil {
		t.Fatal(err)
	}
	return a.Location
}

// change applies a patch to a contact.
func (s *system) change(t tester, id, doc string) {
	t.Helper()
	if _, err := s.Update(s.ctx, s.scope(t), contact.ByID(id), ledger.Operation{Apply: patch(t, doc).Apply, Answer: answerID}); err != nil {
		t.Fatal(err)
	}
}

func (s *system) delete(t tester, id string) {
	t.Helper()
	if _, err := s.Delete(s.ctx, s.scope(t), contact.ByID(id), ledger.IfMatch{}); err != nil {
		t.Fatal(err)
	}
}

// mustVerify returns what Verify sees with stream and queues worked off.
func (s *system) mustVerify(t tester, options ...ledger.VerifyOption) ledger.Report {
	t.Helper()
	report, err := s.Verify(context.Background(), s.ws, options...)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// mustBeClean fails on any finding.
func (s *system) mustBeClean(t tester) ledger.Report {
	t.Helper()
	report := s.mustVerify(t, ledger.Idle())
	if !report.Clean() || report.Pending != 0 || report.Busy != 0 {
		t.Fatalf("verify: %+v", report)
	}
	return report
}

// all reads every row of the workspace in a table.
func (s *system) all(t tester, of *table.Table) []table.Row {
	t.Helper()
	var rows []table.Row
	at := table.Segment{Of: 1, Limit: 1000}
	for {
		page, err := of.Scan(s.ctx, at)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, page.Rows...)
		if page.Next == "" {
			return rows
		}
		at.After = page.Next
	}
}

// row returns the only row of a table whose partition begins with the parts.
func (s *system) row(t tester, of *table.Table, parts ...string) table.Row {
	t.Helper()
	found := s.rows(t, of, parts...)
	if len(found) != 1 {
		t.Fatalf("%d rows of %v, want 1", len(found), parts)
	}
	return found[0]
}

func (s *system) rows(t tester, of *table.Table, parts ...string) []table.Row {
	t.Helper()
	return slices.DeleteFunc(s.all(t, of), func(r table.Row) bool {
		have := r.Key.Partition().Parts()
		return len(have) < len(parts) || !slices.Equal(have[:len(parts)], parts) || r.Key.SK() == "-" && parts[0] == "identity"
	})
}

// put and remove damage a table, past the ledger.
func (s *system) put(t tester, in *table.Table, row table.Row) {
	t.Helper()
	if err := in.Write(s.ctx, table.Put(row)); err != nil {
		t.Fatal(err)
	}
}

func (s *system) remove(t tester, in *table.Table, keys ...table.Key) {
	t.Helper()
	if err := in.Batch(s.ctx, nil, keys); err != nil {
		t.Fatal(err)
	}
}

// merge has a contact absorb another one, and returns the merge's id.
func (s *system) merge(t tester, survivor, other string) string {
	t.Helper()
	a, err := s.Merge(s.ctx, s.scope(t), ledger.Merging{Survivor: survivor, Others: []string{other}, Answer: answerMerge})
	if err != nil {
		t.Fatal(err)
	}
	return a.Location
}

// undo takes a merge back.
func (s *system) undo(t tester, merge string) {
	t.Helper()
	if _, err := s.Undo(s.ctx, s.scope(t), ledger.Undoing{
		Merge: merge, May: func(audit.Actor) error { return nil }, Answer: answerUndo,
	}); err != nil {
		t.Fatal(err)
	}
}
