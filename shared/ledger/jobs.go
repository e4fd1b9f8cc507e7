package ledger

import (
	"context"
	"slices"

	"rubrica/shared/audit"
	"rubrica/shared/filter"
	"rubrica/shared/instant"
	"rubrica/shared/job"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// JobOrder is a job that is to be started.
type JobOrder struct {
	Type job.Type
	Spec job.Spec
	// IDs are the contacts of a Spec that is Named, each once; Filter keeps those of
	// any other, nil is all.
	IDs    []string
	Filter *filter.Filter
	// Tags are names or ids: those that a job gives are made where they are not
	// there, one that it takes must be.
	Tags []string
	// Confirm is how many contacts the caller takes it to be for; nil if it did not
	// say.
	Confirm *int64
}

// CountJob says for how many contacts a job would be, and refuses one that takes a
// tag which nobody has made. It reads all contacts that are not named, and writes
// nothing but its answer, for an idempotency key.
func (l *Ledger) CountJob(ctx context.Context, s *Scope, o JobOrder, answer func(total int64) Answer) (Answer, error) {
	return l.perform(ctx, s, func() (Answer, error) {
		if o.Type == job.Untag {
			if _, err := l.takenTags(ctx, s, o.Tags); err != nil {
				return Answer{}, err
			}
		}
		total, err := l.countJob(ctx, s, o)
		if err != nil {
			return Answer{}, err
		}
		return l.keepOnly(ctx, s, answer(total), s.sealers())
	})
}

func (l *Ledger) countJob(ctx context.Context, s *Scope, o JobOrder) (int64, error) {
	if o.Spec.Named {
		return int64(len(o.IDs)), nil
	}
	v, err := l.survey(ctx, s, o.Filter)
	if err != nil {
		return 0, err
	}
	return l.countAll(ctx, s, &v)
}

// StartJob starts a job: from when it returns the job is done, whatever crashes.
// Up to job.MaxAtOnce contacts are selected within the call, exactly those that
// are counted; more are planned in the background, among those that are there
// when it starts. A deletion must be confirmed: confirm_mismatch with the number,
// and one of more contacts is held until it is.
func (l *Ledger) StartJob(ctx context.Context, s *Scope, o JobOrder, answer func(job.View) Answer) (Answer, error) {
	return l.perform(ctx, s, func() (Answer, error) {
		found, total, atOnce := selectionOf(o.IDs), len(o.IDs), true
		if !o.Spec.Named {
			v, err := l.survey(ctx, s, o.Filter)
			if err != nil {
				return Answer{}, err
			}
			if found, total, atOnce, err = l.selectAtOnce(ctx, s, &v, l.jobs.AtOnce); err != nil {
				return Answer{}, err
			}
		}
		if o.Type == job.Delete && atOnce && (o.Confirm == nil || *o.Confirm != int64(total)) {
			return Answer{}, job.Mismatch(int64(total))
		}
		j, err := l.newJob(ctx, s, o)
		if err != nil {
			return Answer{}, err
		}
		w := newTransaction(s)
		if atOnce {
			l.addSelection(w, &j, found, total)
		} else {
			l.addPlans(w, &j)
		}
		w.add(table.Put(l.jobRow(s.Workspace, &j), table.Absent()))
		if err := l.addJobEntry(w, &j, audit.JobStarted); err != nil {
			return Answer{}, err
		}
		a := answer(j.View(instant.Of(l.now()), job.Counts{}))
		w.keep(a, s.sealers(), l.now())
		return a, l.write(ctx, w)
	})
}

// newJob makes the job of an order, and the tags that it gives.
func (l *Ledger) newJob(ctx context.Context, s *Scope, o JobOrder) (j job.Job, err error) {
	o.Spec.Filter = o.Filter.JSON()
	if o.Spec.Tags, err = l.jobTags(ctx, s, o); err != nil {
		return j, err
	}
	j = job.Job{
		ID: l.ids.New(), Version: 1, Type: o.Type, Status: job.Queued, CreatedAt: instant.Of(l.now()),
		By: s.Actor, Assigned: s.Assigned, Integration: s.Integration, RequestID: s.RequestID,
	}
	return j, j.Seal(o.Spec, s.Settings.Key)
}

// jobTags are the ids of the tags that a job gives or takes.
func (l *Ledger) jobTags(ctx context.Context, s *Scope, o JobOrder) (ids []string, err error) {
	if o.Type == job.Untag {
		return l.takenTags(ctx, s, o.Tags)
	}
	t, err := l.tagged(ctx, s, o.Tags)
	if err != nil || len(t.rows) == 0 {
		t.settled(err)
		return t.ids, err
	}
	// They stand on their own, and a job that is not started after all leaves them.
	err = l.write(ctx, &transaction{scope: s, actions: t.rows})
	t.settled(err)
	if err != nil {
		return nil, err
	}
	l.labelsOf(s.Workspace).learn(s.Settings.Epoch, t.made...)
	return t.ids, nil
}

// takenTags are the ids of the tags that a job takes, all of which must be there.
func (l *Ledger) takenTags(ctx context.Context, s *Scope, names []string) (ids []string, err error) {
	found, err := l.findTags(ctx, s, names...)
	if err != nil {
		return nil, err
	}
	for _, t := range found {
		if t.ID == "" {
			return nil, NoTag()
		}
		ids = append(ids, t.ID)
	}
	return ids, nil
}

// addSelection adds the chunks of contacts that are known: 62 rows at most, and a
// plan for each shard, which is through.
func (l *Ledger) addSelection(w *transaction, j *job.Job, found selection, total int) {
	ws := w.scope.Workspace
	j.Count(int64(total))
	j.Lanes = found.shards()
	if total == 0 {
		j.Close(j.CreatedAt, job.Counts{})
		return
	}
	for _, shard := range j.Lanes {
		n := 0
		for ids := range slices.Chunk(found[shard], l.jobs.Chunk) {
			w.add(table.Put(l.chunkRow(ws, j.ID, shard, n, ids, false), table.Absent()))
			n++
		}
		p := plan{Mode: planSelect, Chunks: n, Total: int64(len(found[shard])), Through: true}
		w.add(table.Put(l.planRow(ws, j.ID, shard, j.Run, p), table.Absent()))
	}
}

// addPlans adds a plan for every shard, which asks to be carried out.
func (l *Ledger) addPlans(w *transaction, j *job.Job) {
	if j.Type == job.Delete {
		j.Status, j.Held = job.Unconfirmed, true
	}
	for shard := range w.scope.Settings.Shards {
		j.Lanes = append(j.Lanes, shard)
		row := l.planRow(w.scope.Workspace, j.ID, shard, j.Run, plan{Mode: planSelect})
		row.Out = TopicPlan
		w.add(table.Put(row, table.Absent()))
	}
}

// addJobEntry adds the change record of a job's change. It has numbers, no values.
func (l *Ledger) addJobEntry(w *transaction, j *job.Job, action audit.Action) error {
	detail := map[string]any{"job": j.ID, "type": string(j.Type)}
	if j.Counted {
		detail["total"] = j.Total
	}
	if j.Closed {
		detail["done"], detail["failed"], detail["skipped"] = j.Done, j.Failed, j.Skipped
	}
	return l.addEntry(w, jobSubject(j.ID), j.Version, action, audit.Values{Detail: detail})
}

// NoJob is the refusal of an id that no job has, or that the caller may not see.
func NoJob() error { return problem.New(problem.NotFound, "There is no such job.") }

// WantJob asks for a job.
func WantJob(ws tenant.Workspace, id string) Want {
	if !ulid.Valid(id) {
		return Want{}
	}
	return Want{Keys: []table.Key{jobKey(ws, id)}}
}

// Job returns a job and how far it is. Two round trips while it runs, one before
// it was planned and after it was closed.
func (l *Ledger) Job(ctx context.Context, s *Scope, id string) (job.View, error) {
	j, _, err := l.readJob(ctx, s, id)
	if err != nil {
		return job.View{}, err
	}
	views, err := l.viewJobs(ctx, s, j)
	if err != nil {
		return job.View{}, err
	}
	return views[0], nil
}

// readJob reads a job as the caller may see it: those who see only what is
// assigned to them see only the jobs that they started.
func (l *Ledger) readJob(ctx context.Context, s *Scope, id string) (j job.Job, row table.Row, err error) {
	if !ulid.Valid(id) {
		return j, row, NoJob()
	}
	rows, err := l.get(ctx, s, jobKey(s.Workspace, id))
	if err != nil {
		return j, row, err
	}
	if j, err = decodeJob(rows[0]); err == nil && (j.ID == "" || !s.seesJob(&j)) {
		err = NoJob()
	}
	return j, rows[0], err
}

func (s *Scope) seesJob(j *job.Job) bool { return s.Sees == nil || j.By == s.Actor }

// Jobs returns a page of jobs, newest first, and the After of the next page, ""
// at the end.
func (l *Ledger) Jobs(ctx context.Context, s *Scope, after string, limit int) (views []job.View, next string, err error) {
	pages, err := l.pages(ctx, s, []table.Range{jobsRange(s.Workspace, after, limit)})
	if err != nil {
		return nil, "", err
	}
	var jobs []job.Job
	for _, row := range pages[0].Rows {
		j, err := decodeJob(row)
		if err != nil {
			return nil, "", err
		}
		if s.seesJob(&j) {
			jobs = append(jobs, j)
		}
	}
	views, err = l.viewJobs(ctx, s, jobs...)
	return views, pages[0].Next, err
}

// WantJobs asks for a page of Jobs.
func WantJobs(ws tenant.Workspace, after string, limit int) Want {
	return Want{Ranges: []table.Range{jobsRange(ws, after, limit)}}
}

func jobsRange(ws tenant.Workspace, after string, limit int) table.Range {
	return table.Range{Of: jobsIn(ws), After: after, Limit: limit, Descending: true}
}

// viewJobs shows jobs with what was counted so far.
func (l *Ledger) viewJobs(ctx context.Context, s *Scope, jobs ...job.Job) ([]job.View, error) {
	p, err := l.progress(ctx, s, jobs...)
	if err != nil {
		return nil, err
	}
	now := instant.Of(l.now())
	views := make([]job.View, len(jobs))
	for i := range jobs {
		views[i] = jobs[i].View(now, p[i].counts)
	}
	return views, nil
}
