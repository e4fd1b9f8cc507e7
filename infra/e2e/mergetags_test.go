package e2e

import (
	"fmt"
	"testing"

	"rubrica/infra/local/server"
	"rubrica/shared/table"
	"rubrica/shared/table/meter"
)

// TestTagsOfAMergeCostFourUnitsLater: what consumers write after a merge grows by
// four units with each tag of who was absorbed, be it new to the survivor or not, in
// one shard or in two; the merge itself costs the same.
func TestTagsOfAMergeCostFourUnitsLater(t *testing.T) {
	t.Parallel()
	var drivers []*metered
	service := Serve(t, func(o *server.Options) {
		o.WrapTable = func(d table.Driver) table.Driver {
			drivers = append(drivers, &metered{Meter: meter.New(d)})
			return drivers[len(drivers)-1]
		}
	})
	main := drivers[0]
	w := service.Workspace(t)
	owner := w.As(t, "owner")
	var names []any
	tagged := func(n int) Object { return Object{"tags": names[:n]} }
	// couple makes a survivor and another with n tags, in its shard or not.
	couple := func(n int, known, together bool) (survivor, other string) {
		for i := range names {
			names[i] = owner.Post(t, "/v1/tags", Object{"name": randomName("tag")}).Is(201).JSON()["name"]
		}
		survivor = owner.Create(t, tagged(map[bool]int{true: n}[known])).ID()
		for {
			other = owner.Create(t, tagged(n)).ID()
			if shard := len(other) - 1; (other[shard] == survivor[shard]) == together {
				return survivor, other
			}
		}
	}
	// still waits until all is done that was asked for, and holds what comes then.
	still := func() {
		came := main.hold()
		owner.Create(t, Object{}) // which everything that is measured has once
		<-came
		service.WorkedOff(t)
	}
	cost := func(n int, known, together bool) (now, later int) {
		names = make([]any, n)
		survivor, other := couple(n, known, together)
		still()
		before := main.Total().WriteUnits
		merge(t, owner, survivor, other)
		merged := main.Total().WriteUnits
		main.release()
		still()
		main.release()
		return merged - before, main.Total().WriteUnits - merged
	}
	for _, known := range []bool{false, true} {
		for _, together := range []bool{false, true} {
			now, later := cost(1, known, together)
			now5, later5 := cost(5, known, together)
			t.Logf("known %t, in one shard %t: %d units, %d with four tags more; later %d, %d", known, together, now, now5, later, later5)
			if now5 > now || later5-later > 4*4 {
				t.Errorf("known %t, in one shard %t: %d units rather than %d, and %d later rather than %d", known, together, now5, now, later5, later)
			}
		}
	}
	w.Verified(t)
}

// TestTagsOfAMergeAreThoseOfTheSurvivor: lists, counts and jobs find it by tags that
// it was given by merges, wherever those who had them were.
func TestTagsOfAMergeAreThoseOfTheSurvivor(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	w := service.Workspace(t)
	owner := w.As(t, "owner")
	ids := created(t, owner, 9)
	for _, id := range ids[1:] {
		owner.Post(t, "/v1/contacts/"+id+"/tags", Object{"tags": []any{"all", "of " + id}}).Is(200)
	}
	merge(t, owner, ids[0], ids[1], ids[2], ids[3])
	merge(t, owner, ids[4], ids[0], ids[5])
	merge(t, owner, ids[6], ids[4], ids[7])
	has := func(tag string, want ...string) {
		t.Helper()
		Eventually(t, func() error {
			found := IDs(owner.All(t, "/v1/contacts?tag="+escaped(tag)))
			if n := carry(t, owner, tag); fmt.Sprint(found) != fmt.Sprint(want) || n != len(want) {
				return fmt.Errorf("%s: %v, and %d counted, want %v", tag, found, n, want)
			}
			return nil
		})
	}
	w.Verified(t)
	has("all", ids[8], ids[6])
	for _, id := range []string{ids[1], ids[2], ids[3], ids[4], ids[5], ids[7]} {
		has("of "+id, ids[6])
		selected := Object{"filter": Object{"field": "tag", "op": "eq", "value": "of " + id}}
		came(t, owner.job(t, Object{"type": "tag", "tags": []any{"found"}, "select": selected}), "completed", 1, 1, 0, 0)
	}
	has("found", ids[6])
	for _, id := range ids[1:4] {
		owner.Delete(t, "/v1/contacts/"+id+"/tags/"+escaped("of "+id)).Is(200)
		has("of " + id)
	}
	owner.Delete(t, "/v1/contacts/"+ids[6]).Is(204)
	w.Verified(t)
	has("all", ids[8])
	has("of " + ids[5])
}
