package ledger

import (
	"context"
	"time"

	"rubrica/shared/audit"
	"rubrica/shared/channel"
	"rubrica/shared/contact"
	"rubrica/shared/field"
	"rubrica/shared/job"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
	"rubrica/shared/workspace"
)

// Ledger is the unit of work over one table of contacts and one audit log.
type Ledger struct {
	table *table.Table
	log   *audit.Log
	now   func() time.Time
	ids   *ulid.Source
	jobs  JobSizes
	watch func(tenant.Workspace, job.View)
	// erasing is told of each purge; see WatchErasure.
	erasing func(context.Context) (func(), error)

	// guesses are what was last seen of workspaces, fieldSets their fields,
	// accountSets their accounts, labels the names of their tags.
	guesses     cache[*seen]
	fieldSets   cache[*field.Set]
	accountSets cache[*channel.Set]
	labels      cache[*labels]
}

// New returns a ledger. The audit log is only read, and completed when a
// contact is purged; entries come to it by way of the change stream.
func New(t *table.Table, log *audit.Log, now func() time.Time) *Ledger {
	return &Ledger{table: t, log: log, now: now, ids: ulid.NewSource(now), jobs: JobSizes{}.orDefault()}
}

// Now is the ledger's clock.
func (l *Ledger) Now() time.Time { return l.now() }

// NewID makes an id for something that is no contact.
func (l *Ledger) NewID() string { return l.ids.New() }

// Scope is on whose behalf one request or message is worked on. The frame makes
// one with Begin; consumers and operators with Enter.
type Scope struct {
	Workspace tenant.Workspace
	// Settings are as they were when the scope began, or its latest attempt.
	Settings workspace.Settings
	Actor    audit.Actor
	// RequestID is noted in every change.
	RequestID string
	// Idempotency is the request's key; nil if it has none.
	Idempotency *Idempotency
	// Sees narrows which contacts there are for the caller; nil is all. Others
	// are answered as if they did not exist.
	Sees func(*contact.Contact) bool
	// Assigned is the user whose contacts these are, "" where Sees is nil.
	Assigned string
	// SeesFormer does the same for a deleted contact, by who was assigned to it.
	SeesFormer func(assigned []string) bool

	// Integration is the name of the calling integration, "" for everybody else:
	// who may change members that are managed.
	Integration string

	settingsRow table.Row
	// fields are as Fields last returned them; fieldsRow is their row if it was
	// read for this scope, and not yet used.
	fields    *field.Set
	fieldsRow *table.Row
	// accounts are as Accounts last returned them.
	accounts *channel.Set
	terms    contact.Terms
	staged   staged
	ahead    ahead
}

func (s *Scope) sees(c *contact.Contact) bool { return s.Sees == nil || s.Sees(c) }

// apart is a scope for one of several that work side by side: what a scope keeps
// is for one at a time.
func (s *Scope) apart() *Scope {
	own := *s
	own.ahead, own.terms, own.fields, own.fieldsRow = ahead{}, contact.Terms{}, nil, nil
	return &own
}

// Begin reads a workspace's settings, what the caller's rows are, and all that
// the request wants, in one round trip. rows are those of keys, in their order.
// A workspace that does not exist is problem.Unauthenticated; whether a
// suspended one may do this is the frame's to say.
func (l *Ledger) Begin(ctx context.Context, ws tenant.Workspace, want Want, keys ...table.Key) (s *Scope, rows []table.Row, err error) {
	all := append([]table.Key{SettingsKey(ws)}, keys...)
	own := len(all)
	for _, k := range want.Keys {
		all = appendNew(all, k)
	}
	got, pages, err := l.table.Read(ctx, all, want.Ranges)
	if err != nil {
		return nil, nil, unavailable("reading the workspace", err)
	}
	s = &Scope{Workspace: ws, settingsRow: got[0]}
	if s.Settings, err = l.settings(ws, got[0]); err != nil {
		return nil, nil, err
	}
	if !s.Settings.Exists() {
		return nil, nil, problem.New(problem.Unauthenticated, "The token's workspace does not exist.")
	}
	if len(all) > own {
		s.ahead.rows = make(map[table.Key]table.Row, len(all)-own)
		for i, k := range all[own:] {
			s.ahead.rows[k] = got[own+i]
		}
	}
	if len(pages) > 0 {
		s.ahead.pages = make(map[table.Range]table.Page, len(pages))
		for i, r := range want.Ranges {
			s.ahead.pages[r] = pages[i]
		}
	}
	return s, got[1:own], nil
}

// seen are settings as this process last read them.
type seen struct {
	rev      table.Rev
	settings workspace.Settings
}

// settings are those in a row; the zero Settings if there is none. They are
// decoded once for each revision of the row: every request reads it.
func (l *Ledger) settings(ws tenant.Workspace, row table.Row) (workspace.Settings, error) {
	if !row.Exists() {
		return workspace.Settings{}, nil
	}
	if last, ok := l.guesses.load(ws); ok && last.rev == row.Rev {
		return last.settings, nil
	}
	now := &seen{rev: row.Rev}
	if err := decode(row, settingsSchema, &now.settings); err != nil {
		return workspace.Settings{}, err
	}
	if now.settings.Exists() {
		l.guesses.store(ws, now)
	}
	return now.settings, nil
}

// Enter is Begin for consumers and operators: no caller, nothing wanted.
func (l *Ledger) Enter(ctx context.Context, ws tenant.Workspace, actor audit.Actor, requestID string) (*Scope, error) {
	s, _, err := l.Begin(ctx, ws, Want{})
	if err != nil {
		return nil, err
	}
	s.Actor, s.RequestID = actor, requestID
	return s, nil
}

// Guess returns the settings of a workspace as this process last saw them, or
// those of a new one: for deciding what to read ahead, and for nothing else.
func (l *Ledger) Guess(ws tenant.Workspace) workspace.Settings {
	if last, ok := l.guesses.load(ws); ok {
		return last.settings
	}
	return workspace.Settings{Shards: workspace.DefaultShards}
}
