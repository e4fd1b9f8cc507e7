package e2e

import (
	"fmt"
	"sync"
	"testing"

	"rubrica/infra/local/server"
	"rubrica/shared/table"
	"rubrica/shared/table/meter"
)

// TestDefinitionsRaceWithContacts: fields come, change and go while their values
// are written and everything else is. In the end there is no value that nobody
// can see or remove, and none that was answered is lost.
func TestDefinitionsRaceWithContacts(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	const contacts, rounds = 4, 12
	var paths []string
	var ids []string
	for range contacts {
		id := owner.Create(t, Object{"firstName": "Maria"}).ID()
		ids, paths = append(ids, id), append(paths, "/v1/contacts/"+id)
	}
	stop := make(chan struct{})
	var others, wg sync.WaitGroup
	for i, path := range paths {
		others.Go(func() { // changes something else all the time
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				if a, err := owner.Try(t.Context(), "PATCH", path, Object{"city": fmt.Sprint(i, "-", n)}); err != nil || a.Status != 200 {
					t.Errorf("%v, %v", a, err)
				}
			}
		})
		wg.Go(func() {
			for round := range rounds {
				// One field that stays, made by this worker, and one that comes and goes.
				key := fmt.Sprintf("own_%d_%d", i, round)
				if a, err := owner.Try(t.Context(), "POST", "/v1/fields", Object{"key": key, "type": "number"}); err != nil || a.Status != 201 {
					t.Errorf("%v, %v", a, err)
				}
				if a, err := owner.Try(t.Context(), "PATCH", path, Object{"fields": Object{key: round}}); err != nil || a.Status != 200 {
					t.Errorf("%v, %v", a, err)
				}
				a, err := owner.Try(t.Context(), "PATCH", path, Object{"fields": Object{"shared": round}})
				if err != nil || a.Status != 200 && a.Status != 400 {
					t.Errorf("%v, %v", a, err)
				}
			}
		})
	}
	wg.Go(func() {
		for range rounds {
			if a, err := owner.Try(t.Context(), "POST", "/v1/fields", Object{"key": "shared", "type": "number"}); err != nil || a.Status != 201 {
				t.Errorf("%v, %v", a, err)
			}
			if a, err := owner.Try(t.Context(), "DELETE", "/v1/fields/shared", nil); err != nil || a.Status != 204 {
				t.Errorf("%v, %v", a, err)
			}
		}
	})
	wg.Wait()
	close(stop)
	others.Wait()
	for i, path := range paths {
		want := Object{}
		for round := range rounds {
			want[fmt.Sprintf("own_%d_%d", i, round)] = round
		}
		owner.Get(t, path).Is(200).Has(Object{"fields": want})
	}
	define(t, owner, "shared text")
	for _, path := range paths {
		if _, there := owner.Get(t, path).JSON()["fields"].(map[string]any)["shared"]; there {
			t.Errorf("%s has a value of a field that was made anew", path)
		}
	}
	w.Complete(t, w.Versions(t, ids...))
	w.Verified(t)
}

// TestBudgetsOfFields: a custom field is patched at the cost of a plain one, and
// what is done to definitions does not depend on how many contacts there are.
func TestBudgetsOfFields(t *testing.T) {
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
	define(t, owner, "score number", "note text")
	for range 30 {
		owner.Create(t, Object{"firstName": "Maria", "fields": Object{"score": 1, "note": "x"}})
	}
	path := "/v1/contacts/" + owner.Create(t, Object{"firstName": "Ann", "fields": Object{"score": 1}}).ID()
	owner.Get(t, path).Is(200) // warm
	w.Verified(t)
	came := main.hold()
	defer main.release()
	owner.Create(t, Object{}) // something to ask for
	<-came
	for _, c := range []struct {
		name         string
		call         func() *Answer
		status       int
		trips, units int
	}{
		{"patch of a plain member", func() *Answer { return owner.Patch(t, path, Object{"city": "Roma"}) }, 200, 2, 4},
		{"patch of a custom field", func() *Answer { return owner.Patch(t, path, Object{"fields": Object{"score": 2}}) }, 200, 2, 4},
		{"patch of both, with a key", func() *Answer {
			return owner.Patch(t, path, Object{"city": "Bari", "fields": Object{"score": 3}}, "Idempotency-Key", "k")
		}, 200, 2, 6},
		{"patch that changes nothing", func() *Answer { return owner.Patch(t, path, Object{"fields": Object{"score": 3}}) }, 200, 1, 0},
		{"create", func() *Answer {
			return owner.Post(t, "/v1/contacts", Object{"firstName": "New", "fields": Object{"score": 3}})
		}, 201, 2, 4},
		{"get", func() *Answer { return owner.Get(t, path) }, 200, 1, 0},
		{"card", func() *Answer { return owner.Get(t, path+"/card") }, 200, 1, 0},
		{"list a page", func() *Answer { return owner.Get(t, "/v1/contacts") }, 200, 2, 0},
		{"refused value", func() *Answer { return owner.Patch(t, path, Object{"fields": Object{"score": "x"}}) }, 400, 1, 0},
		{"list fields", func() *Answer { return owner.Get(t, "/v1/fields") }, 200, 1, 0},
		{"list folders", func() *Answer { return owner.Get(t, "/v1/folders") }, 200, 1, 0},
		{"create a field", func() *Answer { return owner.Post(t, "/v1/fields", Object{"key": "more", "type": "text"}) }, 201, 2, 6},
		{"rename a field", func() *Answer { return owner.Patch(t, "/v1/fields/more", Object{"label": "More"}) }, 200, 2, 6},
		{"rename it to what it is", func() *Answer { return owner.Patch(t, "/v1/fields/more", Object{"label": "More"}) }, 200, 1, 0},
		{"a field that is there", func() *Answer { return owner.Post(t, "/v1/fields", Object{"key": "more", "type": "text"}) }, 409, 1, 0},
		{"create a folder", func() *Answer { return owner.Post(t, "/v1/folders", Object{"name": "F"}) }, 201, 2, 6},
		{"delete a field with values", func() *Answer { return owner.Delete(t, "/v1/fields/note") }, 204, 2, 6},
		{"patch after definitions changed", func() *Answer { return owner.Patch(t, path, Object{"fields": Object{"score": 4}}) }, 200, 2, 4},
	} {
		before := main.Total()
		c.call().Is(c.status)
		after := main.Total()
		trips, units := after.Trips()-before.Trips(), after.WriteUnits-before.WriteUnits
		if trips > c.trips || units > c.units {
			t.Errorf("%s: %d round trips and %d write units, at most %d and %d", c.name, trips, units, c.trips, c.units)
		}
	}
}
