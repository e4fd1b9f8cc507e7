package ulid_test

import (
	"testing"
	"time"

	"rubrica/shared/ulid"
)

func TestIdsRiseStrictlyWithinAMillisecondWhateverTheirShard(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1_800_000_000_000)
	s := ulid.NewSource(func() time.Time { return now })
	last := ""
	for i := range 10_000 {
		if i == 5_000 {
			now = now.Add(-time.Second) // a clock set back
		}
		id := ulid.InShard(s.New(), i%32)
		if !ulid.Valid(id) || ulid.ShardOf(id) != i%32 {
			t.Fatalf("id %q: not valid or not in shard %d", id, i%32)
		}
		if id[:25] <= last {
			t.Fatalf("id %q does not rise above %q", id, last)
		}
		last = id[:25]
	}
	if got := ulid.Time(last + "0"); got.Before(now) || got.After(now.Add(2*time.Second)) {
		t.Fatalf("time of the last id is %s", got)
	}
}

func TestValid(t *testing.T) {
	t.Parallel()
	good := ulid.NewSource(time.Now).New()
	for s, want := range map[string]bool{
		good: true, "": false, good[1:]: false, good + "0": false, "8" + good[1:]: false,
		good[:25] + "U": false, good[:25] + "a": false, good[:24] + "é": false,
	} {
		if ulid.Valid(s) != want {
			t.Errorf("Valid(%q) = %t", s, !want)
		}
	}
}
