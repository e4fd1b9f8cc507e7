package streams_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"rubrica/shared/table"
	"rubrica/shared/table/dynamo/streams"
)

// drain reads until a call brings nothing, and returns what came and where it is.
func drain(t *testing.T, s *streams.Stream, after string, limit int) (outs []string, next string) {
	t.Helper()
	for {
		page, err := s.Changes(t.Context(), after, limit)
		if err != nil {
			t.Fatal(err)
		}
		if page.Next == "" || len(page.Items) > limit {
			t.Fatalf("%d items of %d, next %q", len(page.Items), limit, page.Next)
		}
		if after = page.Next; len(page.Items) == 0 {
			return outs, after
		}
		for _, c := range page.Items {
			outs = append(outs, c.Out)
		}
	}
}

func TestParentsComeBeforeTheirChildren(t *testing.T) {
	t.Parallel()
	f := newFake()
	root := f.shard("s1", "")
	root.put("INSERT", "acme/a", "1", "1")
	root.put("INSERT", "acme/a", "2", "2")
	root.closed = true
	child := f.shard("s2", "s1")
	child.put("MODIFY", "acme/a", "1", "3")
	child.closed = true
	grandchild := f.shard("s3", "s2")
	grandchild.put("MODIFY", "acme/a", "1", "4")
	for limit := 1; limit <= 5; limit++ {
		if outs, _ := drain(t, f.stream(), "", limit); !slices.Equal(outs, []string{"1", "2", "3", "4"}) {
			t.Errorf("limit %d: %v", limit, outs)
		}
	}
}

func TestAChildWaitsForWhatIsStillToCome(t *testing.T) {
	t.Parallel()
	f := newFake()
	root, child := f.shard("s1", ""), f.shard("s2", "s1")
	root.put("INSERT", "acme/a", "1", "1")
	child.put("MODIFY", "acme/a", "1", "3")
	s := f.stream()
	outs, next := drain(t, s, "", 10)
	if !slices.Equal(outs, []string{"1"}) {
		t.Errorf("%v", outs)
	}
	root.put("MODIFY", "acme/a", "1", "2")
	root.closed = true
	if outs, _ = drain(t, s, next, 10); !slices.Equal(outs, []string{"2", "3"}) {
		t.Errorf("%v", outs)
	}
}

func TestAChildWhoseParentIsForgottenIsRead(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.shard("s2", "s1").put("INSERT", "acme/a", "1", "1")
	if outs, _ := drain(t, f.stream(), "", 5); !slices.Equal(outs, []string{"1"}) {
		t.Errorf("%v", outs)
	}
}

func TestAnEarlierPositionRepeats(t *testing.T) {
	t.Parallel()
	f := newFake()
	shard := f.shard("s1", "")
	shard.put("INSERT", "acme/a", "1", "1")
	s := f.stream()
	_, before := drain(t, s, "", 5)
	shard.put("INSERT", "acme/a", "2", "2")
	shard.put("INSERT", "acme/a", "3", "3")
	for range 2 { // nobody got as far as storing the later position
		if outs, _ := drain(t, s, before, 5); !slices.Equal(outs, []string{"2", "3"}) {
			t.Errorf("%v", outs)
		}
	}
}

func TestRecordsThatAreNoWorkArePassedOver(t *testing.T) {
	t.Parallel()
	f := newFake()
	s := f.shard("s1", "")
	for i := range 2500 { // more than GetRecords gives at once
		s.put("MODIFY", "acme/a", fmt.Sprint(i), "")
	}
	s.put("REMOVE", "acme/a", "1", "gone")
	s.put("INSERT", "No Workspace", "1", "foreign")
	s.put("INSERT", "acme/a", "1", "work")
	page, err := f.stream().Changes(t.Context(), "", 5)
	if err != nil || len(page.Items) != 1 || page.Items[0].Out != "work" {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestAnExpiredIteratorIsReplaced(t *testing.T) {
	t.Parallel()
	f := newFake()
	shard := f.shard("s1", "")
	shard.put("INSERT", "acme/a", "1", "1")
	s := f.stream()
	_, next := drain(t, s, "", 5)
	shard.put("INSERT", "acme/a", "2", "2")
	f.expired = true
	if outs, _ := drain(t, s, next, 5); !slices.Equal(outs, []string{"2"}) {
		t.Errorf("%v", outs)
	}
}

func TestWhatWasTrimmedIsPassedOver(t *testing.T) {
	t.Parallel()
	for name, restart := range map[string]bool{"ByTheSameReader": false, "ByANewOne": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			shard := f.shard("s1", "")
			shard.put("INSERT", "acme/a", "1", "1")
			s := f.stream()
			_, next := drain(t, s, "", 5)
			for i := 2; i < 6; i++ {
				shard.put("INSERT", "acme/a", fmt.Sprint(i), fmt.Sprint(i))
			}
			f.trimmed = 3
			if restart {
				s = f.stream()
			}
			if outs, _ := drain(t, s, next, 5); !slices.Equal(outs, []string{"4", "5"}) {
				t.Errorf("%v", outs)
			}
		})
	}
}

func TestAPositionOfAnotherStreamIsTheBeginning(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.shard("s1", "").put("INSERT", "acme/a", "1", "1")
	_, next := drain(t, f.stream(), "", 5)
	f.arn = "arn:2"
	f.shards["s1"].records = nil
	f.shards["s1"].put("INSERT", "acme/a", "1", "anew")
	if outs, _ := drain(t, f.stream(), next, 5); !slices.Equal(outs, []string{"anew"}) {
		t.Errorf("%v", outs)
	}
}

func TestPositionsForgetShardsThatAreGone(t *testing.T) {
	t.Parallel()
	f := newFake()
	parent := ""
	for i := range 30 {
		id := fmt.Sprintf("s%02d", i)
		s := f.shard(id, parent)
		s.put("INSERT", "acme/a", "1", id)
		s.closed, parent = i < 29, id
	}
	outs, next := drain(t, f.stream(), "", 3)
	for id := range f.shards {
		if id != parent {
			delete(f.shards, id)
		}
	}
	if more, after := drain(t, f.stream(), next, 3); len(outs) != 30 || len(more) != 0 || len(after) > 100 {
		t.Errorf("%d outs, then %v; position of %d bytes: %s", len(outs), more, len(after), after)
	}
}

func TestAPositionThatIsNone(t *testing.T) {
	t.Parallel()
	_, err := newFake().stream().Changes(t.Context(), "{", 1)
	if err == nil || errors.Is(err, table.ErrUnavailable) {
		t.Errorf("err = %v", err)
	}
}

func TestAStreamThatIsNotThere(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.arn = ""
	if _, err := f.stream().Changes(t.Context(), "", 1); !errors.Is(err, table.ErrUnavailable) {
		t.Errorf("err = %v", err)
	}
}

func TestIdleCallsAreCheap(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.shard("s1", "").put("INSERT", "acme/a", "1", "1")
	s := f.stream()
	_, next := drain(t, s, "", 5)
	clear(f.calls)
	for range 20 {
		if _, err := s.Changes(t.Context(), next, 5); err != nil {
			t.Fatal(err)
		}
	}
	if f.calls["GetRecords"] != 20 || len(f.calls) != 1 {
		t.Errorf("calls = %v, want GetRecords alone", f.calls)
	}
}

// Writers, splits, readers that restart from their last position: nothing is
// lost, and each partition comes in its order.
func TestNothingIsLostWhateverSplits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		f := newFake()
		open := []*fakeShard{f.shard("s000", ""), f.shard("s001", "")} // of partitions 0 and 1
		var got, want [2][]string
		s, next := f.stream(), ""
		read := func() int {
			page, err := s.Changes(t.Context(), next, rapid.IntRange(1, 4).Draw(rt, "limit"))
			if err != nil {
				rt.Fatal(err)
			}
			for _, c := range page.Items {
				part := int(c.Key.PK()[len("acme/")] - '0')
				got[part] = append(got[part], c.Out)
			}
			next = page.Next
			return len(page.Items)
		}
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			part := rapid.IntRange(0, 1).Draw(rt, "partition")
			switch rapid.SampledFrom([]string{"write", "write", "idle", "split", "read", "restart"}).Draw(rt, "step") {
			case "write":
				out := fmt.Sprint(len(want[part]))
				want[part] = append(want[part], out)
				open[part].put("INSERT", fmt.Sprint("acme/", part), "1", out)
			case "idle":
				open[part].put("MODIFY", fmt.Sprint("acme/", part), "2", "")
			case "split":
				open[part].closed = true
				open[part] = f.shard(fmt.Sprintf("s%03d", len(f.shards)), open[part].id)
			case "read":
				read()
			case "restart":
				s = f.stream()
			}
		}
		for quiet := 0; quiet < 3; { // a shard that ended is followed by the next call
			if quiet++; read() > 0 {
				quiet = 0
			}
		}
		for part := range got {
			if !slices.Equal(got[part], want[part]) {
				rt.Fatalf("partition %d: %v, want %v", part, got[part], want[part])
			}
		}
	})
}
