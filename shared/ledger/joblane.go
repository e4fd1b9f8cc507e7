package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rubrica/shared/contact"
	"rubrica/shared/job"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// RunOptions say how a chunk is worked on.
type RunOptions struct {
	// Pause is how long a transaction takes at least, with the pause behind it; 0
	// is as long as it takes. It keeps a lane from taking what a partition takes.
	Pause time.Duration
	// Alone says that it did not work before: storage that does not answer for a
	// contact by itself is then what came of that contact.
	Alone bool
	// GiveUp says that it never worked, and will not be tried again: what is left of
	// the chunk has failed.
	GiveUp bool
}

// errStopped says that the job was cancelled.
var errStopped = errors.New("ledger: the job was stopped")

// RunChunk works on a job's lane up to the chunk whose row key names, and with
// the last one closes the job. For a consumer: idempotent. Chunks are worked on
// in order whatever order their messages come in; a chunk that is done is done.
// Who else works on the lane at the moment only makes both slower.
func (l *Ledger) RunChunk(ctx context.Context, s *Scope, key table.Key, o RunOptions) error {
	at, err := placeOf(key, chunkPrefix)
	if err != nil {
		return err
	}
	for {
		r, err := l.enterLane(ctx, s, at, o)
		if err == nil && r != nil {
			err = r.through(ctx)
		}
		switch {
		case errors.Is(err, errRaced): // somebody else works on it: look again where it stands
			if err := pause(ctx); err != nil {
				return err
			}
		case errors.Is(err, errStopped):
			return nil
		default:
			return err
		}
	}
}

// run is one worker at a lane.
type run struct {
	*jobScope
	ledger  *Ledger
	at      lanePlace
	options RunOptions
	lane    lane
	ids     []string // of the chunk that is worked on
	op      Operation

	// width is how many contacts the next transaction is tried with, and tries how
	// often one was raced.
	width, tries int
}

// enterLane reads what a lane is about; nil if there is nothing to do.
func (l *Ledger) enterLane(ctx context.Context, s *Scope, at lanePlace, o RunOptions) (*run, error) {
	rows, err := l.read(ctx, jobKey(s.Workspace, at.job), laneKey(s.Workspace, at.job, at.shard))
	if err != nil {
		return nil, err
	}
	j, err := decodeJob(rows[0])
	if err != nil || j.ID == "" || j.Stopped() {
		return nil, err
	}
	position, err := decodeLane(rows[1])
	if err != nil {
		return nil, err
	}
	if position.Next > at.n {
		return nil, l.endLane(ctx, s, at, &j, &position)
	}
	if err := l.beginJob(ctx, s, &j, rows[0]); err != nil {
		return nil, err
	}
	js, err := l.enterJob(ctx, s, &j)
	if err != nil {
		return nil, err
	}
	r := &run{jobScope: js, ledger: l, at: at, options: o, lane: position}
	r.op = r.operation()
	return r, nil
}

// endLane closes the job if the lane was the last one that had something to do.
func (l *Ledger) endLane(ctx context.Context, s *Scope, at lanePlace, j *job.Job, position *lane) error {
	row, err := l.table.GetOne(ctx, planKey(s.Workspace, at.job, at.shard, j.Run))
	if err != nil {
		return unavailable("reading a plan", err)
	}
	p, err := decodePlan(row)
	if err != nil || !p.Through || position.Next < p.Chunks {
		return err
	}
	return l.advance(ctx, s, at.job)
}

// WatchJobs has watch told how far a job is whenever a chunk of it is done, at the
// price of a read: for a server's log, before anybody uses the ledger.
func (l *Ledger) WatchJobs(watch func(tenant.Workspace, job.View)) { l.watch = watch }

// told tells whoever watches how far the job is.
func (r *run) told(ctx context.Context) error {
	if r.ledger.watch == nil {
		return nil
	}
	row, err := r.ledger.table.GetOne(ctx, jobKey(r.Workspace, r.at.job))
	if err != nil {
		return unavailable("reading a job", err)
	}
	j, err := decodeJob(row)
	if err != nil {
		return err
	}
	views, err := r.ledger.viewJobs(ctx, r.Scope, j)
	if err == nil {
		r.ledger.watch(r.Workspace, views[0])
	}
	return err
}

// through works until the chunk that was named is done.
func (r *run) through(ctx context.Context) error {
	for r.lane.Next <= r.at.n {
		if err := r.load(ctx); err != nil {
			return err
		}
		if r.options.GiveUp {
			if err := r.giveUp(ctx); err != nil {
				return err
			}
			r.options.GiveUp = false // behind it another one may go
			continue
		}
		for next := r.lane.Next; r.lane.Next == next; {
			began := time.Now()
			if err := r.step(ctx); err != nil {
				return err
			}
			if left := r.options.Pause - time.Since(began); left > 0 {
				select {
				case <-ctx.Done():
					return unavailable("pacing", ctx.Err())
				case <-time.After(left):
				}
			}
		}
	}
	if err := r.ledger.endLane(ctx, r.Scope, r.at, &r.job, &r.lane); err != nil {
		return err
	}
	return r.told(ctx)
}

// load reads the chunk that is to be worked on.
func (r *run) load(ctx context.Context) error {
	row, err := r.ledger.table.GetOne(ctx, chunkKey(r.Workspace, r.at.job, r.at.shard, r.lane.Next))
	if err != nil {
		return unavailable("reading a chunk", err)
	}
	if !row.Exists() {
		return fmt.Errorf("ledger: chunk %d of shard %d of job %s is not there", r.lane.Next, r.at.shard, r.at.job)
	}
	var c chunk
	if err := decode(row, chunkSchema, &c); err != nil {
		return err
	}
	r.ids = c.list()
	r.width = firstWidth
	return nil
}

// operation is what the job does to one contact.
func (r *run) operation() Operation {
	spec := &r.spec
	op := Operation{Answer: func(*contact.Contact) Answer { return Answer{} }}
	switch r.job.Type {
	case job.Tag:
		op.Apply = func(c contact.Contact) (contact.Contact, error) { return contact.Same(c.WithTags(spec.Tags)) }
	case job.Untag:
		op.Apply = func(c contact.Contact) (contact.Contact, error) {
			for _, id := range spec.Tags {
				c = c.WithoutTag(id)
			}
			return contact.Same(c)
		}
	case job.Assign:
		op.Apply = func(c contact.Contact) (contact.Contact, error) { return contact.WithOwner(c, spec.Owner) }
	case job.SetStatus:
		op.Apply = func(c contact.Contact) (contact.Contact, error) {
			return contact.WithStatus(c, spec.Status == contact.Inactive)
		}
	case job.Block:
		op = blocking(op, contact.Block{ByType: string(r.job.By.Type), By: r.job.By.ID, Reason: spec.Reason})
	case job.Unblock:
		op = unblocking(op, spec.Reason)
	}
	return op
}
