package ledger

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"rubrica/shared/contact"
	"rubrica/shared/problem"
	"rubrica/shared/table"
)

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
