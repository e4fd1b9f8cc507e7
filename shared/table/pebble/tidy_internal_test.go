package pebble

import (
	"testing"
	"time"

	lsm "github.com/cockroachdb/pebble/v2"
)

func TestQuiet(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var q quiet
	for _, step := range []struct {
		after   time.Duration
		written uint64
		done    bool
		long    bool
	}{
		{0, 0, false, false},
		{tidyAfter - 1, 0, false, false},
		{tidyAfter, 0, false, true},
		{tidyAfter + 1, 0, true, true},
		{3 * tidyAfter, 0, false, false}, // done for what was written so far
		{4 * tidyAfter, 7, false, false},
		{5*tidyAfter - 1, 7, false, false},
		{5*tidyAfter - 1, 8, false, false},
		{6 * tidyAfter, 8, false, true},
	} {
		if got := q.long(step.written, at.Add(step.after)); got != step.long {
			t.Errorf("%v later, %d written: %v, want %v", step.after, step.written, got, step.long)
		}
		q.done = q.done || step.done
	}
}

func TestLayered(t *testing.T) {
	t.Parallel()
	const mb = 1 << 20
	for _, c := range []struct {
		sizes   map[int]int64 // by layer
		layered bool
	}{
		{nil, false},
		{map[int]int64{6: 3000 * mb}, false},
		{map[int]int64{0: 3 * mb}, false}, // not worth a look
		{map[int]int64{0: 4 * mb}, true},
		{map[int]int64{0: 30 * mb, 5: 50 * mb, 6: 3100 * mb}, false},
		{map[int]int64{0: 50 * mb, 5: 50 * mb, 6: 3100 * mb}, true},
	} {
		var m lsm.Metrics
		for layer, size := range c.sizes {
			m.Levels[layer].TablesSize = size
		}
		if got := layered(&m); got != c.layered {
			t.Errorf("%v: %v, want %v", c.sizes, got, c.layered)
		}
	}
}
