package sqs

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"rubrica/shared/queue"
)

const (
	firstDelay = 50 * time.Millisecond // upper end of the first pause; it doubles
	maxDelay   = 2 * time.Second
	patience   = 10 * time.Second // of a call whose context has no deadline
)

// repeat calls batch until it has no failed entries any more, with full jitter
// between, at most until the deadline. batch asks for the failed ones alone. An
// entry that is refused for good ends it.
func repeat(ctx context.Context, q queue.Spec, batch func() ([]types.BatchResultErrorEntry, error)) error {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(patience)
	}
	for ceiling := firstDelay; ; ceiling = min(2*ceiling, maxDelay) {
		failed, err := batch()
		if err != nil {
			return failure(q, err)
		}
		if len(failed) == 0 {
			return nil
		}
		for _, f := range failed {
			err = entryError(f)
			if f.SenderFault {
				return failure(q, err)
			}
		}
		pause := rand.N(ceiling)
		if ctx.Err() != nil || time.Now().Add(pause).After(deadline) {
			return unavailable(q, err)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

func entryError(f types.BatchResultErrorEntry) error {
	fault := smithy.FaultServer
	if f.SenderFault {
		fault = smithy.FaultClient
	}
	return &smithy.GenericAPIError{Code: aws.ToString(f.Code), Message: aws.ToString(f.Message), Fault: fault}
}

// keep returns the entries that failed.
func keep[E any](entries []E, failed []types.BatchResultErrorEntry, id func(E) *string) []E {
	kept := make([]E, 0, len(failed))
	for _, e := range entries {
		for _, f := range failed {
			if aws.ToString(f.Id) == *id(e) {
				kept = append(kept, e)
			}
		}
	}
	return kept
}
