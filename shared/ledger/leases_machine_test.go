package ledger_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
)

// leaseMachine takes, renews and ends leases of contacts that are merged and taken
// apart again. Of each contact it knows the leases, as if it had never been merged:
// whoever stands for it shows them too, and what is done to them there is done to all.
type leaseMachine struct {
	*system
	ids    []string
	leases map[string]map[ledger.Lock]instant.Instant // by contact; the locks without their end
	into   map[string]string
	merges []leaseMerge
}

type leaseMerge struct {
	id, survivor string
	others       []string
}

func TestLeasesStayWithTheirContacts(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	rapid.Check(t, func(rt *rapid.T) {
		m := &leaseMachine{system: s.inNewWorkspace(rt), leases: map[string]map[ledger.Lock]instant.Instant{}, into: map[string]string{}}
		for range 5 {
			a, err := m.Create(m.ctx, m.scope(rt), ledger.Operation{Answer: answerID, Apply: func(c contact.Contact) (contact.Contact, error) {
				c.Phone = "+393514117320"
				return c.Settled("")
			}})
			if err != nil {
				rt.Fatal(err)
			}
			m.ids = append(m.ids, a.Location)
			m.leases[a.Location] = map[ledger.Lock]instant.Instant{}
		}
		rt.Repeat(map[string]func(*rapid.T){"take": m.take, "end": m.end, "merge": m.merge, "undo": m.undo, "": m.compare})
		m.drain(rt)
		m.mustBeClean(rt)
	})
}

func (m *leaseMachine) root(id string) string {
	for m.into[id] != "" {
		id = m.into[id]
	}
	return id
}

// one are all contacts that one stands for, itself first.
func (m *leaseMachine) one(root string) []string {
	all := []string{root}
	for _, id := range m.ids {
		if id != root && m.root(id) == root {
			all = append(all, id)
		}
	}
	return all
}

func (m *leaseMachine) draw(rt *rapid.T) (id string, lock ledger.Lock) {
	lock.Campaign = rapid.SampledFrom([]string{"spring", "autumn"}).Draw(rt, "campaign")
	lock.Holder = rapid.SampledFrom([]string{"crm", "erp"}).Draw(rt, "holder")
	return rapid.SampledFrom(m.ids).Draw(rt, "contact"), lock
}

func (m *leaseMachine) take(rt *rapid.T) {
	id, lock := m.draw(rt)
	until := instant.Of(m.Now().Add(time.Duration(rapid.IntRange(1, 9).Draw(rt, "hours")) * time.Hour))
	taken := lock
	taken.ExpiresAt = until
	_, err := m.Lock(m.ctx, m.scope(rt), contact.ByID(id), ledger.IfMatch{}, taken, ledger.Answer{Status: 200})
	root := m.root(id)
	had, others := false, false
	for _, id := range m.one(root) {
		for l := range m.leases[id] {
			had, others = had || l == lock, others || l.Campaign == lock.Campaign && l != lock
		}
	}
	if !had && others {
		if !problem.Is(err, problem.Forbidden) {
			rt.Fatalf("taking another's: %v", err)
		}
		return
	}
	if err != nil {
		rt.Fatal(err)
	}
	for _, id := range m.one(root) {
		if _, has := m.leases[id][lock]; has || id == root {
			m.leases[id][lock] = until
		}
	}
}

func (m *leaseMachine) end(rt *rapid.T) {
	id, lock := m.draw(rt)
	_, err := m.Unlock(m.ctx, m.scope(rt), contact.ByID(id), ledger.IfMatch{}, lock.Campaign, func(l ledger.Lock) (string, error) {
		if l.Holder != lock.Holder {
			return "", problem.New(problem.Forbidden, "another's")
		}
		return "", nil
	}, ledger.Answer{Status: 204})
	ended := false
	for _, id := range m.one(m.root(id)) {
		_, has := m.leases[id][lock]
		ended = ended || has
		delete(m.leases[id], lock)
	}
	if ended != (err == nil) {
		rt.Fatalf("ending %v, which is there: %t, %v", lock, ended, err)
	}
}

func (m *leaseMachine) merge(rt *rapid.T) {
	var roots []string
	for _, id := range m.ids {
		if m.into[id] == "" {
			roots = append(roots, id)
		}
	}
	if len(roots) < 2 {
		rt.Skip("all are one")
	}
	ids := rapid.SliceOfNDistinct(rapid.SampledFrom(roots), 2, 3, rapid.ID).Draw(rt, "contacts")
	a, err := m.Merge(m.ctx, m.scope(rt), ledger.Merging{Survivor: ids[0], Others: ids[1:], Answer: answerMerge})
	if err != nil {
		rt.Fatal(err)
	}
	for _, id := range ids[1:] {
		m.into[id] = ids[0]
	}
	m.merges = append(m.merges, leaseMerge{a.Location, ids[0], ids[1:]})
}

func (m *leaseMachine) undo(rt *rapid.T) {
	if len(m.merges) == 0 {
		rt.Skip("nothing is merged")
	}
	i := rapid.IntRange(0, len(m.merges)-1).Draw(rt, "merge")
	_, err := m.Undo(m.ctx, m.scope(rt), ledger.Undoing{
		Merge: m.merges[i].id, May: func(audit.Actor) error { return nil }, Answer: answerUndo,
	})
	if err != nil {
		rt.Fatal(err)
	}
	for _, id := range m.merges[i].others {
		delete(m.into, id)
	}
	m.merges = slices.Delete(m.merges, i, i+1)
}

// compare holds what each contact shows against the model.
func (m *leaseMachine) compare(rt *rapid.T) {
	for _, id := range m.ids {
		root := m.root(id)
		want := map[string]instant.Instant{}
		for _, one := range m.one(root) {
			for l, until := range m.leases[one] {
				name := fmt.Sprint(l.Campaign, " of ", l.Holder)
				want[name] = max(want[name], until)
			}
		}
		_, locks, err := m.Locks(m.ctx, m.scope(rt), contact.ByID(id))
		if err != nil {
			rt.Fatal(err)
		}
		got := map[string]instant.Instant{}
		for _, l := range locks {
			got[fmt.Sprint(l.Campaign, " of ", l.Holder)] = l.ExpiresAt
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || len(got) != len(locks) {
			rt.Fatalf("%s, for whom %s stands: %d locks (-want +got)\n%s", id, root, len(locks), diff)
		}
	}
}
