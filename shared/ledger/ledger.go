package ledger

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

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

// Want is what a request is known to read from its path and body alone. Reading
// it together with the caller's token and the settings saves a round trip.
type Want struct {
	Keys   []table.Key
	Ranges []table.Range
}

// WantContact asks for a contact's row, or for who holds an identity.
func WantContact(ws tenant.Workspace, ref contact.Ref) Want {
	if ref.ID != "" {
		return Want{Keys: []table.Key{ContactKey(ws, ref.ID)}}
	}
	return WantIdentities(ws, ref.Identity)
}

// WantIdentities asks for who holds identities, and for their heads.
func WantIdentities(ws tenant.Workspace, ids ...contact.Identity) Want {
	var w Want
	seen := map[contact.Identity]bool{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			w.Ranges = append(w.Ranges, holdersRange(ws, id))
		}
	}
	return w
}

// WantUnique asks for the holders of those identities that nobody else may have,
// as far as the workspace is known from its last request: a wrong guess costs a
// round trip or a query, never a result.
func (l *Ledger) WantUnique(ws tenant.Workspace, ids ...contact.Identity) Want {
	rejects := l.Guess(ws).Duplicates == workspace.Reject
	unique := slices.DeleteFunc(slices.Clone(ids), func(id contact.Identity) bool {
		return !rejects && id.Kind != contact.ByExternal
	})
	return WantIdentities(ws, unique...)
}

// Plus wants both, nothing twice.
func (w Want) Plus(o Want) Want {
	for _, k := range o.Keys {
		w.Keys = appendNew(w.Keys, k)
	}
	for _, r := range o.Ranges {
		if !slices.Contains(w.Ranges, r) {
			w.Ranges = append(w.Ranges, r)
		}
	}
	return w
}

// ahead is what has been read before it was asked for. Each piece is handed out
// once: a second attempt reads afresh.
type ahead struct {
	rows  map[table.Key]table.Row
	pages map[table.Range]table.Page
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

func appendNew(keys []table.Key, k table.Key) []table.Key {
	for _, x := range keys {
		if x == k {
			return keys
		}
	}
	return append(keys, k)
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

// get reads rows, those that were read ahead without a call.
func (l *Ledger) get(ctx context.Context, s *Scope, keys ...table.Key) ([]table.Row, error) {
	rows := make([]table.Row, len(keys))
	var missing []table.Key
	var at []int
	for i, k := range keys {
		if row, ok := s.ahead.rows[k]; ok {
			delete(s.ahead.rows, k)
			rows[i] = row
			continue
		}
		missing, at = append(missing, k), append(at, i)
	}
	if len(missing) == 0 {
		return rows, nil
	}
	got, err := l.read(ctx, missing...)
	for i, row := range got {
		rows[at[i]] = row
	}
	return rows, err
}

// readAhead reads rows in one round trip that will be asked for one by one.
func (l *Ledger) readAhead(ctx context.Context, s *Scope, keys ...table.Key) error {
	rows, err := l.get(ctx, s, keys...)
	if err != nil {
		return err
	}
	if s.ahead.rows == nil {
		s.ahead.rows = make(map[table.Key]table.Row, len(keys))
	}
	for i, k := range keys {
		s.ahead.rows[k] = rows[i]
	}
	return nil
}

// read reads rows now, whatever was read ahead, in one round trip: hundreds of
// them side by side.
func (l *Ledger) read(ctx context.Context, keys ...table.Key) ([]table.Row, error) {
	if len(keys) <= table.MaxGet {
		rows, err := l.table.Get(ctx, keys...)
		if err != nil {
			return nil, unavailable("reading rows", err)
		}
		return rows, nil
	}
	rows := make([]table.Row, len(keys))
	all, ctx := errgroup.WithContext(ctx)
	for from := 0; from < len(keys); from += table.MaxGet {
		all.Go(func() error {
			got, err := l.table.Get(ctx, keys[from:min(from+table.MaxGet, len(keys))]...)
			copy(rows[from:], got)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return nil, unavailable("reading rows", err)
	}
	return rows, nil
}

// pages reads one page of each range in one round trip, those that were read
// ahead without a call.
func (l *Ledger) pages(ctx context.Context, s *Scope, ranges []table.Range) ([]table.Page, error) {
	pages := make([]table.Page, len(ranges))
	var missing []table.Range
	var at []int
	for i, r := range ranges {
		if page, ok := s.ahead.pages[r]; ok {
			delete(s.ahead.pages, r)
			pages[i] = page
			continue
		}
		missing, at = append(missing, r), append(at, i)
	}
	if len(missing) == 0 {
		return pages, nil
	}
	_, got, err := l.table.Read(ctx, nil, missing)
	if err != nil {
		return nil, unavailable("reading ranges", err)
	}
	for i, page := range got {
		pages[at[i]] = page
	}
	return pages, nil
}

// Guess returns the settings of a workspace as this process last saw them, or
// those of a new one: for deciding what to read ahead, and for nothing else.
func (l *Ledger) Guess(ws tenant.Workspace) workspace.Settings {
	if last, ok := l.guesses.load(ws); ok {
		return last.settings
	}
	return workspace.Settings{Shards: workspace.DefaultShards}
}

// errRaced says that somebody was faster: begin again from what is stored now.
var errRaced = errors.New("ledger: raced")

// retry runs attempt until it is not raced, with growing pauses, until the
// context's deadline. An answer kept by a racing request with the same
// idempotency key is the answer.
func (l *Ledger) retry(ctx context.Context, s *Scope, attempt func() (Answer, error)) (Answer, error) {
	pause := 2 * time.Millisecond
	for {
		a, err := attempt()
		if !errors.Is(err, errRaced) {
			return a, err
		}
		if s.Idempotency != nil {
			if a, found, err := l.KeptAnswer(ctx, s); found {
				return a, err
			}
		}
		select {
		case <-ctx.Done():
			return Answer{}, unavailable("writing under contention", ctx.Err())
		case <-time.After(time.Duration(rand.Int64N(int64(pause)))):
		}
		pause = min(2*pause, 250*time.Millisecond)
	}
}

// perform is retry for what is done in the terms of the workspace: each attempt
// but the first begins with the settings and names of now. With those of the
// first one a contact could keep a tag that was deleted, and get the one of the
// same name that was made since beside it.
func (l *Ledger) perform(ctx context.Context, s *Scope, attempt func() (Answer, error)) (Answer, error) {
	again := false
	return l.retry(ctx, s, func() (Answer, error) {
		if again {
			if err := l.refresh(ctx, s); err != nil {
				return Answer{}, err
			}
		}
		again = true
		return attempt()
	})
}

// refresh reads the settings of a scope again, and forgets what else was read.
func (l *Ledger) refresh(ctx context.Context, s *Scope) error {
	fresh, _, err := l.Begin(ctx, s.Workspace, Want{})
	if err != nil {
		return err
	}
	s.Settings, s.settingsRow, s.ahead = fresh.Settings, fresh.settingsRow, ahead{}
	s.fields, s.fieldsRow, s.accounts, s.terms = nil, nil, nil, contact.Terms{}
	return nil
}

// unavailable says that storage did not answer; a mistake of ours stays one.
func unavailable(doing string, err error) error {
	err = fmt.Errorf("ledger: %s: %w", doing, err)
	if errors.Is(err, table.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		e := problem.New(problem.Unavailable, "The storage did not answer in time; try again.").Because(err)
		e.RetryAfter = time.Second
		return e
	}
	return err
}
