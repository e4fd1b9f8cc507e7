package e2e

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"rubrica/infra/local/server"
	"rubrica/shared/table"
	"rubrica/shared/table/meter"
)

// TestMergeBudgets: a merge and its undo cost the same with ten thousand notes as
// with none, and a page of the survivor's history one query more for each contact
// that it absorbed, beside the others.
func TestMergeBudgets(t *testing.T) {
	t.Parallel()
	var drivers []*metered
	service := Serve(t, func(o *server.Options) {
		o.WrapTable = func(d table.Driver) table.Driver {
			drivers = append(drivers, &metered{Meter: meter.New(d)})
			return drivers[len(drivers)-1]
		}
	})
	main, log := drivers[0], drivers[1]
	notes := 10_000
	if os.Getenv("RUBRICA_DYNAMODB") != "" || underRace {
		notes = 200 // local engines are slow to write, and so is everything under the race detector
	}
	w := service.Workspace(t)
	owner := w.As(t, "owner")
	person := func(n int) string {
		return owner.Create(t, Object{"firstName": "New", "email": fmt.Sprintf("n%d@example.com", n), "phone": number(n), "tags": []any{"one"}}).ID()
	}
	ids := make([]string, 4)
	for i := range ids {
		ids[i] = person(i)
	}
	owner.Get(t, "/v1/contacts/"+ids[0]).Is(200)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for n := worker; n < notes; n += 8 {
				if a, err := owner.Try(t.Context(), "POST", "/v1/contacts/"+ids[3]+"/notes", Object{"text": "x"}); err != nil || a.Status != 201 {
					t.Errorf("%v, %v", a, err)
				}
			}
		})
	}
	wg.Wait()
	Eventually(t, func() error { // what consumers do is not the requests'
		if units := log.Total().WriteUnits; units < 2*(notes+len(ids)+1) {
			return fmt.Errorf("%d units in the log", units)
		}
		return nil
	})
	came := main.hold()
	owner.Create(t, Object{})
	<-came
	service.WorkedOff(t)
	cost := func(name string, call func() *Answer, status, trips, units int) *Answer {
		t.Helper()
		before, logBefore := main.Total(), log.Total()
		a := call().Is(status)
		after, logAfter := main.Total(), log.Total()
		took := after.Trips() - before.Trips() + logAfter.Trips() - logBefore.Trips()
		wrote := after.WriteUnits - before.WriteUnits + logAfter.WriteUnits - logBefore.WriteUnits
		if took > trips || wrote > units {
			t.Errorf("%s: %d round trips and %d write units, at most %d and %d", name, took, wrote, trips, units)
		}
		t.Logf("%-32s %d round trips, %2d write units", name, took, wrote)
		return a
	}
	union := func(survivor, other string) func() *Answer {
		return func() *Answer {
			return owner.Post(t, "/v1/merges", Object{"survivor": survivor, "contacts": []any{other}})
		}
	}
	light := cost("merge two", union(ids[0], ids[1]), 201, 3, 20).JSON().ID()
	heavy := cost("merge two, ten thousand notes", union(ids[2], ids[3]), 201, 3, 20).JSON().ID()
	cost("get by a merged id", func() *Answer { return owner.Get(t, "/v1/contacts/"+ids[3]) }, 200, 3, 0)
	cost("patch by a merged id", func() *Answer { return owner.Patch(t, "/v1/contacts/"+ids[3], Object{"city": "Roma"}) }, 200, 4, 4)
	cost("notes of a survivor", func() *Answer { return owner.Get(t, "/v1/contacts/"+ids[2]+"/notes") }, 200, 2, 0)
	cost("audit of a survivor", func() *Answer { return owner.Get(t, "/v1/contacts/"+ids[2]+"/audit") }, 200, 4, 0)
	cost("a merge", func() *Answer { return owner.Get(t, "/v1/merges/"+heavy) }, 200, 1, 0)
	cost("merges", func() *Answer { return owner.Get(t, "/v1/merges") }, 200, 1, 0)
	undo := func(id string) func() *Answer {
		return func() *Answer { return owner.Post(t, "/v1/merges/"+id+"/undo", nil) }
	}
	cost("undo", undo(light), 200, 3, 16)
	cost("undo, ten thousand notes", undo(heavy), 200, 3, 16)
	main.release()
	w.Verified(t)
}
