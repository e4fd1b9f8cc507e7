package ledger_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tag"
)

// TestRoomForTagsUnderRaces: of those who race for the last places of a workspace
// exactly as many get one as there are.
func TestRoomForTagsUnderRaces(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	const places = 10
	var names []table.Row
	for n := range tag.MaxPerWorkspace - places {
		names = append(names, table.Row{Key: table.In(s.ws, "tagnames").Row(fmt.Sprintf("taken %d", n))})
	}
	if err := s.main.Batch(s.ctx, names, nil); err != nil {
		t.Fatal(err)
	}
	var made atomic.Int64
	var wg sync.WaitGroup
	for n := range 5 * places {
		wg.Go(func() {
			_, err := s.CreateTag(s.ctx, s.scope(t), tag.Tag{Name: fmt.Sprint("new ", n)}, func(tag.Tag) ledger.Answer { return ledger.Answer{} })
			if err == nil {
				made.Add(1)
			} else if !problem.HasCode(err, "too_many_tags") {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if made.Load() != places {
		t.Errorf("%d of %d were made, there was room for %d", made.Load(), 5*places, places)
	}
}
