package dynamo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"rubrica/shared/table"
)

const (
	firstDelay = 25 * time.Millisecond // upper end of the first pause; it doubles
	maxDelay   = time.Second
	maxLost    = 3                // attempts without an answer
	patience   = 10 * time.Second // of a call whose context has no deadline
	// longest is how long a call is repeated whatever its deadline: well within
	// the ten minutes that an engine remembers a transaction's token.
	longest = 5 * time.Minute
)

// call repeats one request until it is answered for good: what was refused for
// the moment until the deadline, what got no answer at most maxLost times, with
// full jitter between. lost says that some attempt got no answer, so that it may
// have been applied whatever a later one was answered. An error is either the
// engine's last word or table.ErrUnavailable.
func (d *Driver) call(ctx context.Context, operation string, attempt func(context.Context) error) (lost bool, err error) {
	start := time.Now()
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = start.Add(patience)
	}
	if end := start.Add(longest); deadline.After(end) {
		deadline = end
	}
	ceiling := firstDelay
	for losses := 0; ; {
		err = d.once(ctx, attempt)
		switch judge(err) {
		case answered:
			return losses > 0, err
		case unanswered:
			losses++
		case refused:
		}
		pause := rand.N(ceiling)
		if ctx.Err() != nil || losses == maxLost || time.Now().Add(pause).After(deadline) {
			return losses > 0, fmt.Errorf("%w: %s: %w", table.ErrUnavailable, operation, err)
		}
		sleep(ctx, pause)
		ceiling = min(2*ceiling, maxDelay)
	}
}

func (d *Driver) once(ctx context.Context, attempt func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d.attempt)
	defer cancel()
	return attempt(ctx)
}

func sleep(ctx context.Context, pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
