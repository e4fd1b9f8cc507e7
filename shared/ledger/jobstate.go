package ledger

import (
	"context"
	"errors"

	"rubrica/shared/audit"
	"rubrica/shared/instant"
	"rubrica/shared/job"
	"rubrica/shared/table"
)

// progress is how far a job is: its lanes and their plans, in the order of its
// Lanes. Of a job that is closed there are none, and the counts are its own.
type progress struct {
	plans  []plan
	lanes  []lane
	counts job.Counts
	total  int64
	// planned says that all plans of the current run are through, worked that all
	// that was planned was worked on.
	planned, worked bool
}

// progress reads how far jobs are. Rows of jobs that are closed are not read.
func (l *Ledger) progress(ctx context.Context, s *Scope, jobs ...job.Job) ([]progress, error) {
	all := make([]progress, len(jobs))
	var keys []table.Key
	for i := range jobs {
		j := &jobs[i]
		if j.Closed {
			all[i].counts, all[i].total = j.Counts, j.Total
			continue
		}
		for _, shard := range j.Lanes {
			keys = append(keys, planKey(s.Workspace, j.ID, shard, j.Run), laneKey(s.Workspace, j.ID, shard))
		}
	}
	if len(keys) == 0 {
		return all, nil
	}
	rows, err := l.read(ctx, keys...)
	if err != nil {
		return nil, err
	}
	for i := range jobs {
		if jobs[i].Closed {
			continue
		}
		n := 2 * len(jobs[i].Lanes)
		if err := all[i].read(rows[:n]); err != nil {
			return nil, err
		}
		rows = rows[n:]
	}
	return all, nil
}

// read takes plans and lanes in turn.
func (p *progress) read(rows []table.Row) error {
	p.planned, p.worked = true, true
	for i := 0; i < len(rows); i += 2 {
		planned, err := decodePlan(rows[i])
		if err != nil {
			return err
		}
		worked, err := decodeLane(rows[i+1])
		if err != nil {
			return err
		}
		p.plans, p.lanes = append(p.plans, planned), append(p.lanes, worked)
		p.total += planned.Total
		p.counts = p.counts.Plus(worked.Counts)
		p.counts.Failed -= planned.Retried
		p.planned = p.planned && planned.Through
		p.worked = p.worked && worked.Next >= planned.Chunks
	}
	return nil
}

// advance brings a job's row up to what its lanes say: counted when all of it is
// planned, closed when all of it was worked on. Whoever is through with a plan or
// a lane calls it, having written that: the last one sees all the others.
func (l *Ledger) advance(ctx context.Context, s *Scope, id string) error {
	_, err := l.retry(ctx, s, func() (Answer, error) {
		row, err := l.table.GetOne(ctx, jobKey(s.Workspace, id))
		if err != nil {
			return Answer{}, unavailable("reading a job", err)
		}
		j, err := decodeJob(row)
		if err != nil || j.ID == "" || j.Ended() {
			return Answer{}, err
		}
		all, err := l.progress(ctx, s, j)
		if err != nil || !all[0].planned {
			return Answer{}, err
		}
		js := *s
		js.Actor, js.RequestID = j.Actor(), j.RequestID
		counted := j.Counted
		if !counted {
			j.Count(all[0].total)
		}
		w := newTransaction(&js)
		if all[0].worked && !j.Held {
			j.Close(instant.Of(l.now()), all[0].counts)
			j.Version++
			if err := l.addJobEntry(w, &j, audit.JobFinished); err != nil {
				return Answer{}, err
			}
		} else if counted {
			return Answer{}, nil
		}
		w.add(table.Put(l.jobRow(s.Workspace, &j), table.Unchanged(row)))
		return Answer{}, l.write(ctx, w)
	})
	return err
}

// changeJob changes a job's row with its entry and the kept answer. change says
// whether there is anything to change, and may add what goes with it.
func (l *Ledger) changeJob(ctx context.Context, s *Scope, id string, action audit.Action, answer func(job.View) Answer,
	change func(w *transaction, j *job.Job, p *progress) (bool, error),
) (Answer, error) {
	return l.perform(ctx, s, func() (Answer, error) {
		j, row, err := l.readJob(ctx, s, id)
		if err != nil {
			return Answer{}, err
		}
		open := j
		open.Closed = false // a retry goes on from the lanes of one that is closed
		all, err := l.progress(ctx, s, open)
		if err != nil {
			return Answer{}, err
		}
		w := newTransaction(s)
		changed, err := change(w, &j, &all[0])
		if err != nil {
			return Answer{}, err
		}
		a := answer(j.View(instant.Of(l.now()), all[0].counts))
		if !changed {
			return l.keepOnly(ctx, s, a, s.sealers())
		}
		j.Version++
		if err := l.addJobEntry(w, &j, action); err != nil {
			return Answer{}, err
		}
		w.add(table.Put(l.jobRow(s.Workspace, &j), table.Unchanged(row)))
		w.keep(a, s.sealers(), l.now())
		return a, l.write(ctx, w)
	})
}

// May says whether a caller may do something to a job of a type; nil is always.
type May func(job.Type) error

// ConfirmJob lets a deletion that is held begin, if n is how many contacts it is
// for: exactly those that were counted.
func (l *Ledger) ConfirmJob(ctx context.Context, s *Scope, id string, n int64, may May, answer func(job.View) Answer) (Answer, error) {
	return l.changeJob(ctx, s, id, audit.JobConfirmed, answer, func(w *transaction, j *job.Job, p *progress) (bool, error) {
		if err := may(j.Type); err != nil {
			return false, err
		}
		changed, err := j.Confirm(n)
		if changed {
			l.addRun(w, j, p, func(_ int, before plan) plan {
				before.Mode, before.After, before.Through = planRelease, "", before.Chunks == 0
				return before
			})
		}
		return changed, err
	})
}

// CancelJob stops a job: no transaction that begins from now on touches a contact.
func (l *Ledger) CancelJob(ctx context.Context, s *Scope, id string, answer func(job.View) Answer) (Answer, error) {
	return l.changeJob(ctx, s, id, audit.JobCancelled, answer, func(_ *transaction, j *job.Job, _ *progress) (bool, error) {
		return j.Cancel(instant.Of(l.now()))
	})
}

// RetryJob has a job that is through work again on what failed; one that could
// not be planned is planned on.
func (l *Ledger) RetryJob(ctx context.Context, s *Scope, id string, may May, answer func(job.View) Answer) (Answer, error) {
	return l.changeJob(ctx, s, id, audit.JobRetried, answer, func(w *transaction, j *job.Job, p *progress) (bool, error) {
		if err := may(j.Type); err != nil {
			return false, err
		}
		unplanned := j.Status == job.Failed
		if err := j.Retry(); err != nil {
			return false, err
		}
		failed := make(map[int]bool, len(j.Lanes))
		for i, shard := range j.Lanes {
			failed[shard] = p.lanes[i].Failed > p.plans[i].Retried
		}
		l.addRun(w, j, p, func(shard int, before plan) plan {
			if !unplanned {
				before.Mode, before.After, before.Through = planRetry, "", !failed[shard]
			}
			return before
		})
		return true, nil
	})
}

// addRun adds the plans of a job's new run, made of those of the one before.
func (l *Ledger) addRun(w *transaction, j *job.Job, p *progress, next func(shard int, before plan) plan) {
	for i, shard := range j.Lanes {
		made := next(shard, p.plans[i])
		row := l.planRow(w.scope.Workspace, j.ID, shard, j.Run, made)
		if !made.Through {
			row.Out = TopicPlan
		}
		w.add(table.Put(row, table.Absent()))
	}
}

// beginJob notes that a job's first contact is about to be worked on. Somebody
// else may have noted it.
func (l *Ledger) beginJob(ctx context.Context, s *Scope, j *job.Job, row table.Row) error {
	if !j.Begin(instant.Of(l.now())) {
		return nil
	}
	err := l.table.Write(ctx, table.Put(l.jobRow(s.Workspace, j), table.Unchanged(row)))
	if _, raced := errors.AsType[*table.ConditionError](err); raced {
		return errRaced
	}
	if err != nil {
		return unavailable("writing a job", err)
	}
	return nil
}
