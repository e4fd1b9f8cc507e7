package ledger_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
)

// tagMachine merges and takes back contacts that share tags, and has what is to be
// done later done at any time, or not.
type tagMachine struct {
	*system
	ids    []string
	merges []string
}

var machineTags = []string{"t1", "t2", "t3", "t4"}

// TestTagsOfMergedContactsAreFoundAndCounted: whatever happens between a merge and
// the work that it leaves, nothing is stored that nobody knows of, and every tag is
// counted in the partition that holds its hint; in the end those are found and
// counted that carry it.
func TestTagsOfMergedContactsAreFoundAndCounted(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	rapid.Check(t, func(rt *rapid.T) {
		m := &tagMachine{system: s.inNewWorkspace(rt)}
		for range 4 {
			m.create(rt)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"create": m.create, "tag": m.tagSome, "untag": m.untag, "merge": m.merge, "merge more": m.merge, "undo": m.undo, "create more": m.create,
			"delete": m.deleteSome, "delete a tag": m.deleteTag, "reindex": m.reindex, "drain": func(rt *rapid.T) { m.drain(rt) }, "verify": m.verify,
			"": func(*rapid.T) {},
		})
		m.drain(rt)
		m.mustBeClean(rt)
		m.tagsAreRight(rt)
	})
}

func (m *tagMachine) some(rt *rapid.T) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(machineTags), 0, 3, rapid.ID).Draw(rt, "tags")
}

// living are those who are neither absorbed nor deleted.
func (m *tagMachine) living(rt *rapid.T) (ids []string) {
	all, _, err := m.List(m.ctx, m.scope(rt), ledger.Listing{Limit: 1000})
	if err != nil {
		rt.Fatal(err)
	}
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	return ids
}

func (m *tagMachine) one(rt *rapid.T) contact.Ref {
	living := m.living(rt)
	if len(living) == 0 {
		rt.Skip("nobody is there")
	}
	return contact.ByID(rapid.SampledFrom(living).Draw(rt, "contact"))
}

// expected fails on what is no refusal.
func expected(rt *rapid.T, err error) bool {
	if err != nil && problem.Of(err).Kind == problem.Internal {
		rt.Fatal(err)
	}
	return err == nil
}

func (m *tagMachine) create(rt *rapid.T) {
	a, err := m.Create(m.ctx, m.scope(rt), ledger.Operation{Tag: m.some(rt), Apply: same, Answer: answerID})
	if expected(rt, err) {
		m.ids = append(m.ids, a.Location)
	}
}

func (m *tagMachine) tagSome(rt *rapid.T) {
	_, err := m.Update(m.ctx, m.scope(rt), m.one(rt), ledger.Operation{Tag: m.some(rt), Apply: same, Answer: answerID})
	expected(rt, err)
}

func (m *tagMachine) untag(rt *rapid.T) {
	tag := rapid.SampledFrom(machineTags).Draw(rt, "tag")
	_, err := m.Update(m.ctx, m.scope(rt), m.one(rt), ledger.Operation{Untag: tag, Apply: same, Answer: answerID})
	expected(rt, err)
}

func (m *tagMachine) merge(rt *rapid.T) {
	living := m.living(rt)
	if len(living) < 2 {
		rt.Skip("one is no couple")
	}
	ids := rapid.SliceOfNDistinct(rapid.SampledFrom(living), 2, min(3, len(living)), rapid.ID).Draw(rt, "contacts")
	a, err := m.Merge(m.ctx, m.scope(rt), ledger.Merging{Survivor: ids[0], Others: ids[1:], Answer: answerMerge})
	if expected(rt, err) {
		m.merges = append(m.merges, a.Location)
	}
}

func (m *tagMachine) undo(rt *rapid.T) {
	if len(m.merges) == 0 {
		rt.Skip("nothing was merged")
	}
	id := rapid.SampledFrom(m.merges).Draw(rt, "merge")
	_, err := m.Undo(m.ctx, m.scope(rt), ledger.Undoing{
		Merge: id, May: func(audit.Actor) error { return nil },
		Answer: answerUndo,
	})
	if expected(rt, err) {
		m.merges = slices.DeleteFunc(m.merges, func(x string) bool { return x == id })
	}
}

func (m *tagMachine) deleteSome(rt *rapid.T) {
	_, err := m.Delete(m.ctx, m.scope(rt), m.one(rt), ledger.IfMatch{})
	expected(rt, err)
}

func (m *tagMachine) deleteTag(rt *rapid.T) {
	_, err := m.DeleteTag(m.ctx, m.scope(rt), rapid.SampledFrom(machineTags).Draw(rt, "tag"), ledger.Answer{})
	expected(rt, err)
}

// reindex does what one contact asks for, and nothing else.
func (m *tagMachine) reindex(rt *rapid.T) {
	if err := m.Reindex(m.ctx, m.scope(rt), rapid.SampledFrom(m.ids).Draw(rt, "contact")); err != nil {
		rt.Fatal(err)
	}
}

// verify looks at what is stored while there is work to be done.
func (m *tagMachine) verify(rt *rapid.T) {
	if r := m.mustVerify(rt); !r.Clean() || r.Busy != 0 {
		rt.Fatalf("%+v", r)
	}
}

// tagsAreRight holds lists by tag and counts against the contacts themselves.
func (s *system) tagsAreRight(t tester) {
	t.Helper()
	carriers, counted := map[string][]string{}, map[string]int64{}
	all, _, err := s.List(s.ctx, s.scope(t), ledger.Listing{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		for _, id := range c.Tags {
			carriers[id] = append(carriers[id], c.ID)
		}
	}
	tags, _, err := s.Tags(s.ctx, s.scope(t), "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range tags {
		found, _, err := s.List(s.ctx, s.scope(t), ledger.Listing{Hints: []ledger.Hint{{Index: ledger.IndexTag, Value: tag.ID}}, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, c := range found {
			ids = append(ids, c.ID)
		}
		if !slices.Equal(ids, carriers[tag.ID]) {
			t.Fatalf("with %s: %v, want %v", tag.Name, ids, carriers[tag.ID])
		}
		counted[tag.ID] = tag.Contacts
	}
	want := map[string]int64{}
	for _, tag := range tags {
		want[tag.ID] = int64(len(carriers[tag.ID]))
	}
	if diff := cmp.Diff(want, counted); diff != "" {
		t.Fatal(fmt.Sprint("counts (-want +got)\n", diff))
	}
}
