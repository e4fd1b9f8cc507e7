package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/filter"
	"rubrica/shared/instant"
	"rubrica/shared/job"
	"rubrica/shared/table"
)

const (
	// maxPlanned is how many contacts are looked at between two notes of how far a
	// plan is: what a crash has to read again.
	maxPlanned = 10_000
	// releasePage is how many chunks are released at a time, each 34 write units of
	// the lane's partition; retryPage how many failures become one chunk: they leave
	// with the transaction that writes it.
	releasePage = 5
	retryPage   = table.MaxActions - 2
)

// PlanJob plans a lane of a job: key names the plan's row. Each step writes its
// chunks with how far it got, so that it may be cut short anywhere, and begun
// again goes on. For a consumer: idempotent.
func (l *Ledger) PlanJob(ctx context.Context, s *Scope, key table.Key) error {
	at, err := placeOf(key, planPrefix)
	if err != nil {
		return err
	}
	for {
		rows, err := l.read(ctx, jobKey(s.Workspace, at.job), key)
		if err != nil {
			return err
		}
		j, err := decodeJob(rows[0])
		if err != nil {
			return err
		}
		p, err := decodePlan(rows[1])
		if err != nil {
			return err
		}
		switch {
		case j.ID == "" || !p.row.Exists() || j.Ended() || j.Run != at.n:
			return nil
		case p.Through:
			return l.advance(ctx, s, at.job)
		}
		js, err := l.enterJob(ctx, s, &j)
		if err != nil {
			return err
		}
		step := l.planSelected
		switch p.Mode {
		case planRelease:
			step = l.planReleased
		case planRetry:
			step = l.planRetried
		}
		if err := step(ctx, js, at, p); err != nil && !errors.Is(err, errRaced) {
			return err
		}
	}
}

// GiveUpJob ends the job of a plan that could not be carried out however often it
// was tried. It can be retried: then it is planned on.
func (l *Ledger) GiveUpJob(ctx context.Context, s *Scope, key table.Key) error {
	at, err := placeOf(key, planPrefix)
	if err != nil {
		return err
	}
	_, err = l.retry(ctx, s, func() (Answer, error) {
		row, err := l.table.GetOne(ctx, jobKey(s.Workspace, at.job))
		if err != nil {
			return Answer{}, unavailable("reading a job", err)
		}
		j, err := decodeJob(row)
		if err != nil || j.ID == "" || j.Run != at.n || !j.Fail(instant.Of(l.now())) {
			return Answer{}, err
		}
		j.Version++
		js := *s
		js.Actor, js.RequestID = j.Actor(), j.RequestID
		w := newTransaction(&js)
		if err := l.addJobEntry(w, &j, audit.JobFailed); err != nil {
			return Answer{}, err
		}
		w.add(table.Put(l.jobRow(s.Workspace, &j), table.Unchanged(row)))
		return Answer{}, l.write(ctx, w)
	})
	return err
}

// jobScope is a scope in which a job works: as narrow as that of who started it.
type jobScope struct {
	*Scope
	job    job.Job
	spec   job.Spec
	survey survey
}

// planSelected selects some more contacts of the lane, among those that were there
// when the job was started.
func (l *Ledger) planSelected(ctx context.Context, s *jobScope, at lanePlace, p plan) error {
	v := s.survey
	v.to = at.job
	var ids []string
	for looked := 0; len(ids) < l.jobs.Chunk && looked < maxPlanned && !p.Through; {
		more, n, next, err := l.surveyPage(ctx, s.Scope, &v, at.shard, p.After)
		if err != nil {
			return err
		}
		ids = append(ids, more...)
		looked += n
		p.After, p.Through = next, next == ""
	}
	w := newTransaction(s.Scope)
	for some := range slices.Chunk(ids, l.jobs.Chunk) {
		w.add(table.Put(l.chunkRow(s.Workspace, at.job, at.shard, p.Chunks, some, s.job.Held), table.Absent()))
		p.Chunks++
	}
	p.Total += int64(len(ids))
	return l.writePlan(ctx, w, at, p)
}

// planReleased lets some more chunks be worked on that were held.
func (l *Ledger) planReleased(ctx context.Context, s *jobScope, at lanePlace, p plan) error {
	page, err := l.table.Query(ctx, table.Range{Of: laneIn(s.Workspace, at.job, at.shard), Prefix: chunkPrefix, After: p.After, Limit: releasePage})
	if err != nil {
		return unavailable("reading chunks", err)
	}
	w := newTransaction(s.Scope)
	for _, row := range page.Rows {
		released := table.Row{Key: row.Key, Schema: row.Schema, Expires: row.Expires, Doc: row.Doc, Out: TopicRun}
		w.add(table.Put(released, table.Exists()))
	}
	p.After, p.Through = page.Next, page.Next == ""
	return l.writePlan(ctx, w, at, p)
}

// planRetried makes a chunk of some who failed.
func (l *Ledger) planRetried(ctx context.Context, s *jobScope, at lanePlace, p plan) error {
	page, err := l.table.Query(ctx, table.Range{Of: laneIn(s.Workspace, at.job, at.shard), Prefix: errorPrefix, Limit: retryPage})
	if err != nil {
		return unavailable("reading a job's errors", err)
	}
	w := newTransaction(s.Scope)
	var ids []string
	for _, row := range page.Rows {
		ids = append(ids, row.Key.SK()[len(errorPrefix):])
		w.add(table.Delete(row.Key, table.Exists()))
	}
	if len(ids) > 0 {
		w.add(table.Put(l.chunkRow(s.Workspace, at.job, at.shard, p.Chunks, ids, false), table.Absent()))
		p.Chunks++
		p.Retried += int64(len(ids))
	}
	p.Through = page.Next == ""
	return l.writePlan(ctx, w, at, p)
}

// writePlan writes a step of a plan with how far it is.
func (l *Ledger) writePlan(ctx context.Context, w *transaction, at lanePlace, p plan) error {
	w.add(table.Put(l.planRow(w.scope.Workspace, at.job, at.shard, at.n, p), table.Unchanged(p.row)))
	return l.write(ctx, w)
}

// enterJob makes the scope in which a job works.
func (l *Ledger) enterJob(ctx context.Context, s *Scope, j *job.Job) (*jobScope, error) {
	spec, err := j.Spec(s.Settings.Key)
	if err != nil {
		return nil, fmt.Errorf("ledger: job %s: %w", j.ID, err)
	}
	js := &jobScope{Scope: &Scope{
		Workspace: s.Workspace, Settings: s.Settings, settingsRow: s.settingsRow,
		Actor: j.Actor(), RequestID: j.RequestID, Integration: j.Integration, Assigned: j.Assigned,
	}, job: *j, spec: spec}
	if user := j.Assigned; user != "" {
		js.Sees = func(c *contact.Contact) bool { return c.AssignedTo(user) }
		js.SeesFormer = func(assigned []string) bool { return slices.Contains(assigned, user) }
	}
	var f *filter.Filter
	if len(spec.Filter) > 0 {
		if f, err = filter.Read(spec.Filter); err != nil {
			return nil, fmt.Errorf("ledger: the filter of job %s: %w", j.ID, err)
		}
	}
	js.survey, err = l.survey(ctx, js.Scope, f)
	return js, err
}
