package consume

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rubrica/shared/ledger"
	"rubrica/shared/queue"
	"rubrica/shared/table"
)

const (
	// jobReceives is how often a message of a job is tried: a process that is killed
	// in the middle has used up one of them.
	jobReceives = 10
	// planTries is after how many a job that cannot be planned is given up, which
	// its caller then sees and can retry.
	planTries = 7
	// aloneAfter is after how many tries of a chunk its contacts are tried one by
	// one, and one that storage does not answer for has failed.
	aloneAfter = 5
	// giveUpAfter is after how many tries what is left of a chunk has failed. It leaves
	// one more to say so.
	giveUpAfter = jobReceives - 2
	// localWorkers is how many lanes one process works on side by side: while one
	// waits for the disk the other goes on. With four, jobs took a fifth less time,
	// and those who read meanwhile waited twice as long.
	localWorkers = 2
)

// PlanJob plans jobs that are too large to be planned when they are started: one
// message for each shard.
func PlanJob(l *ledger.Ledger) Consumer {
	return newLane(l, "plan-job", ledger.TopicPlan, 5*time.Minute, func(ctx context.Context, s *ledger.Scope, k table.Key, receives int) error {
		err := l.PlanJob(ctx, s, k)
		if err == nil || receives < planTries {
			return err
		}
		if gone := l.GiveUpJob(ctx, s, k); gone != nil {
			return errors.Join(err, gone)
		}
		return nil
	})
}

// Unpaced is the pace of a lane that takes what it gets.
const Unpaced = 0

// RunJob works on jobs' chunks, at most perSecond transactions a second in each
// lane; Unpaced is as many as go.
func RunJob(l *ledger.Ledger, perSecond float64) Consumer {
	var gap time.Duration
	if perSecond > 0 {
		gap = time.Duration(float64(time.Second) / perSecond)
	}
	c := newLane(l, "run-job", ledger.TopicRun, 60*time.Second, func(ctx context.Context, s *ledger.Scope, k table.Key, receives int) error {
		return l.RunChunk(ctx, s, k, ledger.RunOptions{Pause: gap, Alone: receives > aloneAfter, GiveUp: receives > giveUpAfter})
	})
	c.Bulk = true
	return c
}

// newLane is a consumer whose messages name one row each, and keep to lanes.
func newLane(l *ledger.Ledger, function, topic string, timeout time.Duration, work func(context.Context, *ledger.Scope, table.Key, int) error) Consumer {
	return Consumer{
		Function: function, Topic: topic, Batch: 1, Timeout: timeout, ledger: l, Lane: ledger.LaneOf, Workers: localWorkers,
		Queue: queue.Spec{Name: topic, FIFO: true, Visibility: 6 * timeout, MaxReceives: jobReceives},
		handle: func(ctx context.Context, s *ledger.Scope, keys []table.Key, receives int) error {
			if len(keys) != 1 {
				return fmt.Errorf("consume: a message of %s names %d rows", topic, len(keys))
			}
			return work(ctx, s, keys[0], receives)
		},
	}
}
