package ledger

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"rubrica/shared/problem"
	"rubrica/shared/table"
)

// defect is a finding before it is certain.
type defect struct {
	Finding
	// pending says that it may just not have happened yet, unless all is idle.
	pending bool
	// mend puts it right, safely beside writers; errRaced if one was faster. nil
	// if only a person can.
	mend func(context.Context) error
}

// counts tells whether a defect is more than work on its way.
func (v *verification) counts(d *defect) bool { return v.idle || !d.pending }

// maxLooks is how often something that keeps changing is looked at.
const maxLooks = 50

// confirm reports what is wrong with something for certain, or mends it. first
// is what was found by the way; look looks again, at nothing that was read
// before. All that it reads must depend on the anchor: while that row stays as
// it is, what was read belongs together. Where it does not, look itself tells by
// errRaced that it does not.
func (v *verification) confirm(ctx context.Context, first []defect, anchor table.Key, look func(context.Context) ([]defect, error)) error {
	if !v.sift(&first) {
		return nil
	}
	tried := map[Finding]bool{}
	for range maxLooks {
		before, err := v.ledger.table.GetOne(ctx, anchor)
		if err != nil {
			return unavailable("reading again", err)
		}
		found, err := look(ctx)
		torn := errors.Is(err, errRaced)
		if err != nil && !torn {
			return err
		}
		after, err := v.ledger.table.GetOne(ctx, anchor)
		if err != nil {
			return unavailable("reading again", err)
		}
		raced, mended := torn || before.Rev != after.Rev, 0
		if !raced && v.sift(&found) && v.mending {
			if mended, raced, err = v.mendAll(ctx, found, tried); err != nil {
				return err
			}
		}
		switch {
		case raced:
			if err := pause(ctx); err != nil {
				return err
			}
		case mended == 0:
			v.settled(found, tried)
			return nil
		}
	}
	v.tally(func(r *Report) { r.Busy++ })
	return nil
}

// sift counts what is pending, drops it, and tells whether anything is left.
func (v *verification) sift(found *[]defect) bool {
	kept, pending := (*found)[:0:0], 0
	for _, d := range *found {
		if v.counts(&d) {
			kept = append(kept, d)
		} else {
			pending++
		}
	}
	if *found = kept; len(kept) == 0 && pending > 0 {
		v.tally(func(r *Report) { r.Pending += pending })
	}
	return len(kept) > 0
}

// mendAll mends what it has not tried to mend before, as long as nobody else
// writes. What cannot be mended stays a finding, whatever the reason was.
func (v *verification) mendAll(ctx context.Context, found []defect, tried map[Finding]bool) (mended int, raced bool, err error) {
	for _, d := range found {
		if d.mend == nil || tried[d.Finding] {
			continue
		}
		switch err := d.mend(ctx); {
		case errors.Is(err, errRaced):
			return mended, true, nil
		case problem.Is(err, problem.Unavailable):
			return mended, false, err
		}
		tried[d.Finding] = true
		mended++
	}
	return mended, false, nil
}

// settled reports what is left, and counts what was mended.
func (v *verification) settled(found []defect, tried map[Finding]bool) {
	v.add(found)
	for _, d := range found {
		delete(tried, d.Finding)
	}
	v.tally(func(*Report) {
		for f := range tried {
			v.mended[f.Kind]++
		}
	})
}

// write commits a mend whose conditions are on what was read.
func (v *verification) write(ctx context.Context, actions ...table.Action) error {
	return v.ledger.write(ctx, &transaction{scope: v.own(), actions: actions})
}

// pause waits a moment for somebody who is writing.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return unavailable("waiting", ctx.Err())
	case <-time.After(time.Duration(rand.Int64N(int64(5 * time.Millisecond)))):
		return nil
	}
}
