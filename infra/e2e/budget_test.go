package e2e

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"rubrica/infra/local/server"
	"rubrica/shared/table"
	"rubrica/shared/table/meter"
)

// metered is a driver with a meter, whose change stream can be held: then nothing
// but requests touches the tables, and what they cost can be told.
type metered struct {
	*meter.Meter

	mu   sync.Mutex
	held *held // nil while changes flow
}

type held struct {
	came, release chan struct{}
	once          sync.Once
}

// hold makes whoever asks for changes wait. The channel closes when somebody
// does, which ends all that it did before.
func (m *metered) hold() (came <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held = &held{came: make(chan struct{}), release: make(chan struct{})}
	return m.held.came
}

func (m *metered) release() {
	m.mu.Lock()
	defer m.mu.Unlock()
	close(m.held.release)
	m.held = nil
}

// Changes waits while changes are held.
func (m *metered) Changes(ctx context.Context, after string, limit int) (table.Changes, error) {
	m.mu.Lock()
	h := m.held
	m.mu.Unlock()
	if h != nil {
		h.once.Do(func() { close(h.came) })
		select {
		case <-h.release:
		case <-ctx.Done():
			return table.Changes{}, ctx.Err()
		}
	}
	return m.Meter.Changes(ctx, after, limit)
}

// TestBudgets holds what requests cost to the table of the architecture, with a
// thousand contacts there.
func TestBudgets(t *testing.T) {
	t.Parallel()
	var drivers []*metered
	service := Serve(t, func(o *server.Options) {
		o.WrapTable = func(d table.Driver) table.Driver {
			drivers = append(drivers, &metered{Meter: meter.New(d)})
			return drivers[len(drivers)-1]
		}
	})
	main, log := drivers[0], drivers[1]
	w := service.Workspace(t)
	owner, channel := w.As(t, "owner"), w.As(t, "agent", Integration("telegram"))

	contacts := 1000
	if os.Getenv("RUBRICA_DYNAMODB") != "" {
		contacts = 200 // local engines are slow to write, and calls are counted all the same
	}
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for n := worker; n < contacts; n += 8 {
				a, err := owner.Try(t.Context(), "POST", "/v1/contacts", Object{
					"firstName": "Maria", "email": fmt.Sprintf("m%d@example.com", n), "phone": number(n), "owner": fmt.Sprintf("user_%d", n%2),
				})
				if err != nil || a.Status != 201 {
					t.Errorf("%v, %v", a, err)
				}
			}
		})
	}
	wg.Wait()
	id := owner.Create(t, Object{
		"firstName": "Ann", "email": "ann@example.com", "phone": "+393514117320", "externalIds": Object{"sap": "B-1"}, "vip": true, "city": "Bari",
	}).ID()
	path := "/v1/contacts/" + id
	logged := func(entries int) { // two units each
		t.Helper()
		Eventually(t, func() error {
			if units := log.Total().WriteUnits; units < 2*entries {
				return fmt.Errorf("%d units were written to the log, want %d", units, 2*entries)
			}
			return nil
		})
	}
	logged(contacts + 2) // with the workspace's own

	came := main.hold()
	owner.Create(t, Object{}) // something to ask for
	<-came
	service.WorkedOff(t)
	policy := func(p string) func() {
		return func() { owner.Patch(t, "/v1/workspace", Object{"duplicates": p}).Is(200) }
	}
	tried := func(headers ...string) *Answer {
		return owner.Post(t, "/v1/jobs?dryRun=true", Object{"type": "untag", "tags": []any{"three"}, "select": Object{"ids": []any{id}}}, headers...)
	}
	var victim, named, twin, suggestion string
	for _, c := range []struct {
		name         string
		before       func()
		call         func() *Answer
		status       int
		trips, units int
	}{
		{"get by id", nil, func() *Answer { return owner.Get(t, path) }, 200, 1, 0},
		{"get by address", nil, func() *Answer { return owner.Get(t, "/v1/contacts/email:ANN@example.com") }, 200, 2, 0},
		{"get by number", nil, func() *Answer { return owner.Get(t, "/v1/contacts/phone:+393514117320") }, 200, 2, 0},
		{"get by external id", nil, func() *Answer { return owner.Get(t, "/v1/contacts/ext:sap:B-1") }, 200, 2, 0},
		{"list a page of 50", nil, func() *Answer { return owner.Get(t, "/v1/contacts?limit=50") }, 200, 2, 0},
		{"list a page of 50, oldest first", nil, func() *Answer { return owner.Get(t, "/v1/contacts?limit=50&sort=createdAt") }, 200, 2, 0},
		{"list a page of 50 by owner", nil, func() *Answer { return owner.Get(t, "/v1/contacts?limit=50&owner=user_1") }, 200, 2, 0},
		{"list by address", nil, func() *Answer { return owner.Get(t, "/v1/contacts?email=ann@example.com") }, 200, 2, 0},
		{"list VIPs", nil, func() *Answer { return owner.Get(t, "/v1/contacts?vip=true&limit=50") }, 200, 2, 0},
		{"search a page of 50", nil, func() *Answer {
			return search(t, owner, Object{"filter": leaf("firstName", "eq", "maria"), "limit": 50})
		}, 200, 2, 0},
		{"search by address", nil, func() *Answer { return search(t, owner, Object{"filter": leaf("email", "eq", "ann@example.com")}) }, 200, 2, 0},
		{"search for nobody", nil, func() *Answer { return search(t, owner, Object{"filter": leaf("city", "eq", "Oslo"), "limit": 1}) }, 200, 6, 0},
		{"search for nobody by owner", nil, func() *Answer {
			return search(t, owner, Object{"filter": Object{"and": []any{leaf("city", "eq", "Oslo"), leaf("owner", "eq", "user_1")}}, "limit": 1})
		}, 200, 16, 0},
		{"create under allow", nil, func() *Answer {
			return owner.Post(t, "/v1/contacts", Object{"firstName": "New", "email": "new1@example.com", "phone": "+390612345671"})
		}, 201, 2, 8},
		{"create with a key", nil, func() *Answer {
			return owner.Post(t, "/v1/contacts", Object{"firstName": "New", "email": "new2@example.com", "phone": "+390612345672"}, "Idempotency-Key", "b1")
		}, 201, 2, 10},
		{"replay", nil, func() *Answer {
			return owner.Post(t, "/v1/contacts", Object{"firstName": "New", "email": "new2@example.com", "phone": "+390612345672"}, "Idempotency-Key", "b1")
		}, 201, 2, 0},
		{"create under reject", policy("reject"), func() *Answer {
			return owner.Post(t, "/v1/contacts", Object{"firstName": "New", "email": "new3@example.com", "phone": "+390612345673"})
		}, 201, 3, 12},
		{"patch of the phone under reject", nil, func() *Answer { return owner.Patch(t, path, Object{"phone": "+390612345674"}) }, 200, 3, 10},
		{"upsert that creates", policy("allow"), func() *Answer {
			return owner.Put(t, "/v1/contacts/email:new4@example.com", Object{"firstName": "New", "phone": "+390612345675"})
		}, 201, 2, 12},
		{"upsert that updates", nil, func() *Answer { return owner.Put(t, "/v1/contacts/email:new4@example.com", Object{"city": "Roma"}) }, 200, 3, 4},
		{"upsert that changes nothing", nil, func() *Answer { return owner.Put(t, "/v1/contacts/email:new4@example.com", Object{"city": "Roma"}) }, 200, 2, 0},
		{"patch", nil, func() *Answer { return owner.Patch(t, path, Object{"city": "Roma"}) }, 200, 2, 4},
		{"patch by address", nil, func() *Answer { return owner.Patch(t, "/v1/contacts/email:ann@example.com", Object{"city": "Bari"}) }, 200, 3, 4},
		{"patch that changes nothing", nil, func() *Answer { return owner.Patch(t, path, Object{"city": "Bari"}) }, 200, 1, 0},
		{"patch of the phone", nil, func() *Answer { return owner.Patch(t, path, Object{"phone": "+390612345676"}) }, 200, 2, 10},
		{"patch of the owner", nil, func() *Answer { return owner.Patch(t, path, Object{"owner": "user_7"}) }, 200, 2, 8},
		{"block", nil, func() *Answer { return owner.Post(t, path+"/block", Object{"reason": "Spam"}) }, 200, 2, 6},
		{"block a blocked one", nil, func() *Answer { return owner.Post(t, path+"/block", nil) }, 200, 1, 0},
		{"list a page of 50 blocked", nil, func() *Answer { return owner.Get(t, "/v1/contacts?limit=50&blocked=true") }, 200, 2, 0},
		{"unblock", nil, func() *Answer { return owner.Post(t, path+"/unblock", nil) }, 200, 2, 6},
		{"set do-not-disturb", nil, func() *Answer { return owner.Put(t, path+"/dnd", Object{"email": true, "reason": "Asked"}) }, 200, 2, 4},
		{"set do-not-disturb as it is", nil, func() *Answer { return owner.Put(t, path+"/dnd", Object{"email": true}) }, 200, 1, 0},
		{"do-not-disturb", nil, func() *Answer { return owner.Get(t, path+"/dnd") }, 200, 1, 0},
		{"a message received", nil, func() *Answer { return channel.Post(t, "/v1/events", message("m1", id, "telegram", "hello", 1)) }, 202, 2, 6},
		{"a message received, by address", nil, func() *Answer {
			return channel.Post(t, "/v1/events", message("m2", "email:ann@example.com", "telegram", "hello", 2))
		}, 202, 3, 6},
		{"a message received again", nil, func() *Answer { return channel.Post(t, "/v1/events", message("m1", id, "telegram", "hello", 1)) }, 202, 1, 0},
		{"a message received with a profile that is new", nil, func() *Answer {
			return channel.Post(t, "/v1/events", event("m3", "message.received", id, 3, Object{"channel": "telegram", "text": "hello", "profile": Object{"displayName": "Ann"}}))
		}, 202, 2, 8},
		{"an automation started", nil, func() *Answer {
			return channel.Post(t, "/v1/events", event("a1", "automation.started", id, 1, Object{"automation": "a"}))
		}, 202, 2, 4},
		{"messages", nil, func() *Answer { return owner.Get(t, path+"/messages") }, 200, 1, 0},
		{"messages, those apart too", nil, func() *Answer { return owner.Get(t, path+"/messages?includeBlocked=true") }, 200, 1, 0},
		{"channels of a contact", nil, func() *Answer { return owner.Get(t, path+"/channels") }, 200, 1, 0},
		{"reachability", nil, func() *Answer { return owner.Get(t, path+"/reachability") }, 200, 1, 0},
		{"remove a channel", nil, func() *Answer { return owner.Delete(t, path+"/channels/telegram") }, 204, 2, 4},
		{"register an account", nil, func() *Answer { return owner.Post(t, "/v1/channels", Object{"channel": "telegram"}) }, 201, 2, 6},
		{"a message received by an account", func() { owner.Get(t, path+"/channels").Is(200) }, // a process that knows of it
			func() *Answer { return channel.Post(t, "/v1/events", message("m4", id, "telegram", "hello", 4)) }, 202, 2, 6},
		{"reachability with accounts", nil, func() *Answer { return owner.Get(t, path+"/reachability") }, 200, 1, 0},
		{"reachability", nil, func() *Answer { return owner.Get(t, path+"/reachability") }, 200, 1, 0},
		{"merge suggestions of a contact", func() {
			twin = owner.Create(t, Object{"email": "ANN@example.com"}).ID()
		}, func() *Answer { return owner.Get(t, "/v1/contacts/"+twin+"/merge-suggestions") }, 200, 3, 0},
		{"dismiss a merge suggestion", func() {
			suggestion = owner.All(t, "/v1/contacts/"+twin+"/merge-suggestions")[0].ID()
		}, func() *Answer { return owner.Delete(t, "/v1/merge-suggestions/"+suggestion) }, 204, 4, 4},
		// Consumers are held: what is listed is the dismissed one, which is left out.
		{"merge suggestions", nil, func() *Answer { return owner.Get(t, "/v1/merge-suggestions") }, 200, 5, 0},
		{"create with two tags", func() { owner.Post(t, path+"/tags", Object{"tags": []any{"one", "two"}}).Is(200) }, func() *Answer {
			return owner.Post(t, "/v1/contacts", Object{"firstName": "New", "email": "new6@example.com", "phone": "+390612345678", "tags": []any{"one", "two"}})
		}, 201, 2, 16},
		{"create with two tags under reject", policy("reject"), func() *Answer {
			return owner.Post(t, "/v1/contacts", Object{"firstName": "New", "email": "new7@example.com", "phone": "+390612345679", "tags": []any{"one", "TWO"}})
		}, 201, 3, 20},
		{"add a new tag", policy("allow"), func() *Answer { return owner.Post(t, path+"/tags", Object{"tags": []any{"three"}}) }, 200, 2, 12},
		{"remove a tag", nil, func() *Answer { return owner.Delete(t, path+"/tags/three") }, 200, 2, 8},
		{"add a tag", nil, func() *Answer { return owner.Post(t, path+"/tags", Object{"tags": []any{"three"}}) }, 200, 2, 8},
		{"add a tag that it has", nil, func() *Answer { return owner.Post(t, path+"/tags", Object{"tags": []any{"THREE"}}) }, 200, 1, 0},
		{"list a page of 50 by tag", nil, func() *Answer { return owner.Get(t, "/v1/contacts?limit=50&tag=one") }, 200, 2, 0},
		{"rename a tag", nil, func() *Answer { return owner.Patch(t, "/v1/tags/one", Object{"name": "first"}) }, 200, 2, 10},
		{"rename a tag by its id", func() { named = owner.All(t, "/v1/tags?prefix=two")[0].ID() }, func() *Answer {
			return owner.Patch(t, "/v1/tags/"+named, Object{"name": "second"})
		}, 200, 2, 10},
		{"list the tags", nil, func() *Answer { return owner.Get(t, "/v1/tags") }, 200, 2, 0},
		{"a job tried", nil, func() *Answer { return tried() }, 200, 1, 0},
		{"a job tried with a key", nil, func() *Answer { return tried("Idempotency-Key", "b2") }, 200, 2, 1},
		{"a job tried, replayed", nil, func() *Answer { return tried("Idempotency-Key", "b2") }, 200, 1, 0},
		{"delete", func() {
			victim = owner.Create(t, Object{"firstName": "New", "email": "new5@example.com", "phone": "+390612345677"}).ID()
		}, func() *Answer { return owner.Delete(t, "/v1/contacts/"+victim) }, 204, 2, 8},
		{"get of a deleted one", nil, func() *Answer { return owner.Get(t, "/v1/contacts/"+victim) }, 410, 2, 0},
		{"audit of a contact", nil, func() *Answer { return owner.Get(t, path+"/audit") }, 200, 3, 0},
		{"refused body", nil, func() *Answer { return owner.Post(t, "/v1/contacts", `{`) }, 400, 1, 0},
		{"refused token", nil, func() *Answer { return owner.With("rub_x").Get(t, path) }, 401, 0, 0},
		{"who am I", nil, func() *Answer { return owner.Get(t, "/v1/me") }, 200, 1, 0},
	} {
		if c.before != nil {
			c.before()
		}
		mainBefore, logBefore := main.Total(), log.Total()
		c.call().Is(c.status)
		mainAfter, logAfter := main.Total(), log.Total()
		trips := mainAfter.Trips() - mainBefore.Trips() + logAfter.Trips() - logBefore.Trips()
		units := mainAfter.WriteUnits - mainBefore.WriteUnits + logAfter.WriteUnits - logBefore.WriteUnits
		if trips > c.trips || units > c.units {
			t.Errorf("%s: %d round trips and %d write units, at most %d and %d", c.name, trips, units, c.trips, c.units)
		}
		t.Logf("%-32s %d round trips, %2d write units, %2d read units", c.name, trips, units, mainAfter.ReadUnits-mainBefore.ReadUnits)
	}

	// An entry of the audit log costs two units, one for its contact, one for the
	// workspace. A purge makes sure of the deleted contact's: one more here.
	const more = 35 // are of what was done above
	main.release()
	logged(contacts + 2 + more)
	entries := contacts + 2 + more
	Eventually(t, func() error {
		if n := len(w.Log(t)); n != entries {
			return fmt.Errorf("%d entries in the log, want %d", n, entries)
		}
		return nil
	})
	if units := log.Total().WriteUnits; units > 2*(entries+1) {
		t.Errorf("%d entries cost %d write units, want %d at most", entries, units, 2*(entries+1))
	}
}
