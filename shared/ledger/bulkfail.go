package ledger

import (
	"context"
	"errors"

	"rubrica/shared/job"
	"rubrica/shared/problem"
	"rubrica/shared/table"
)

const (
	// patience is how often a transaction of several contacts is raced before it is
	// tried with fewer; stubborn how often a single contact may be.
	patience = 2
	stubborn = 25
)

// again says what follows from a transaction that was not written: it is tried
// once more with what is stored by then, then with fewer contacts, and a contact
// that does not go by itself either has failed.
func (r *run) again(ctx context.Context, tried []string, err error) error {
	lost, raced := errors.AsType[*table.ConditionError](err)
	if raced {
		if _, ours := lost.At(0); ours {
			return errRaced
		}
	}
	switch r.tries++; {
	case raced && r.tries <= patience, raced && len(tried) == 1 && r.tries <= stubborn:
		return pause(ctx)
	case raced && len(tried) == 1:
		err = problem.New(problem.Unavailable, "Somebody else kept changing the contact.")
	case raced:
		r.width, r.tries = max(1, len(tried)/4), 0
		return nil
	}
	return r.alone(ctx, tried, err)
}

// alone has contacts tried one by one after an error that is no race, and of a
// single one notes that it failed. Storage that does not answer is nobody's
// failure, unless it has not for a while.
func (r *run) alone(ctx context.Context, tried []string, err error) error {
	outage := errors.Is(err, table.ErrUnavailable) || problem.Is(err, problem.Unavailable)
	switch {
	case ctx.Err() != nil || errors.Is(err, errStopped) || outage && !r.options.Alone:
		return unavailable("working on a chunk", err)
	case errors.Is(err, errRaced): // the workspace's words changed in between
		return pause(ctx)
	case len(tried) > 1:
		r.width = 1
		return nil
	}
	next := r.lane
	next.Failed++
	if next.Offset++; next.Offset == len(r.ids) {
		next.Next, next.Offset = next.Next+1, 0
	}
	w := newTransaction(r.Scope)
	position := w.reserve()
	w.add(r.failed(tried[0], err))
	if err := r.commit(ctx, w, position, next); err != nil {
		return unavailable("noting a failure", err)
	}
	r.tries = 0
	return nil
}

// giveUp notes that what is left of the chunk has failed: it would be nobody's
// failure otherwise, and the job never over. It can be retried as other failures can.
func (r *run) giveUp(ctx context.Context) error {
	gone := problem.New(problem.Unavailable, "Working on it was given up after several tries; retry the job when the cause is gone.")
	for n := r.lane.Next; r.lane.Next == n; {
		next := r.lane
		some := r.ids[next.Offset:]
		some = some[:min(len(some), table.MaxActions-1)]
		w := newTransaction(r.Scope)
		position := w.reserve()
		for _, id := range some {
			w.add(r.failed(id, gone))
		}
		next.Failed += int64(len(some))
		if next.Offset += len(some); next.Offset == len(r.ids) {
			next.Next, next.Offset = next.Next+1, 0
		}
		if err := r.commit(ctx, w, position, next); err != nil {
			if _, raced := errors.AsType[*table.ConditionError](err); raced {
				return errRaced
			}
			return unavailable("giving up a chunk", err)
		}
	}
	return nil
}

// failed is the row that says why a contact could not be worked on.
func (r *run) failed(id string, err error) table.Action {
	key := errorKey(r.Workspace, r.at.job, r.at.shard, id)
	return table.Put(r.ledger.laneRow(key, errorSchema, failure(id, err)))
}

// failure is what the job's errors say of an error.
func failure(id string, err error) job.Failure {
	f := job.Failure{ContactID: id}
	p := problem.Of(err)
	f.Code, f.Detail = p.Code, p.Detail
	if p.Kind == problem.Validation && len(p.Fields) > 0 { // the code of what is wrong says more
		f.Code, f.Detail = p.Fields[0].Code, p.Fields[0].Detail
	}
	return f
}
