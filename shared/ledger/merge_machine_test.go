package ledger_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"rubrica/shared/audit"
	"rubrica/shared/consent"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
)

// person is what the model knows of a contact: sets, in which everything is that
// one has many of, and flags.
type person struct {
	Has   map[string]bool // identities, tags, followers, flags, by kind
	Notes map[string]bool
}

// step is something that was done, to whom it was done then.
type step struct {
	to     string
	create *person
	add    string // to Has
	remove string
	note   string
	merge  string // the merge's id, with others into to
	others []string
	delete bool
}

// world is what should be, by the shortest rule that there is for an undo: all is
// as if the merge had never been made, but what was done to its survivor since was
// done to it.
type world struct {
	people map[string]*person
	into   map[string]string // absorbed contacts, and who stands for them
	gone   map[string]bool
}

func replay(steps []step, undone map[string]bool) *world {
	w := &world{people: map[string]*person{}, into: map[string]string{}, gone: map[string]bool{}}
	for _, s := range steps {
		p := w.people[s.to]
		switch {
		case s.create != nil:
			w.people[s.to] = &person{maps.Clone(s.create.Has), map[string]bool{}}
		case s.add != "":
			p.Has[s.add] = true
		case s.remove != "":
			delete(p.Has, s.remove)
		case s.note != "":
			p.Notes[s.note] = true
		case s.merge != "" && !undone[s.merge]:
			for _, id := range s.others {
				maps.Copy(p.Has, w.people[id].Has)
				w.into[id] = s.to
			}
		case s.delete:
			w.gone[s.to] = true
		}
	}
	return w
}

// root is who stands for a contact; deleted says that nobody does.
func (w *world) root(id string) (root string, deleted bool) {
	for w.into[id] != "" {
		id = w.into[id]
	}
	return id, w.gone[id]
}

// absorbs tells whether who stands for a contact has absorbed others.
func (w *world) absorbs(id string) bool {
	root, _ := w.root(id)
	return slices.Contains(slices.Collect(maps.Values(w.into)), root)
}

// notes are those of a contact and of all that it absorbed.
func (w *world) notes(id string) map[string]bool {
	all := maps.Clone(w.people[id].Notes)
	for other := range w.people {
		if w.into[other] == id {
			maps.Copy(all, w.notes(other))
		}
	}
	return all
}

// machine does things to a ledger, and notes them.
type machine struct {
	*system
	steps  []step
	ids    []string
	merges []string
	undone map[string]bool
	n      int
}

// TestMergesAndUndosAsInAModel: whatever is created, changed, merged, taken back
// and deleted, in any order, everybody is as the model says, and nothing stored is
// out of place.
func TestMergesAndUndosAsInAModel(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	rapid.Check(t, func(rt *rapid.T) {
		m := &machine{system: s.inNewWorkspace(rt), undone: map[string]bool{}}
		for range 4 {
			m.create(rt)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"create": m.create, "add": m.add, "remove": m.remove, "note": m.note, "merge": m.merge, "merge more": m.merge, "undo": m.undo, "delete": m.deleteSome,
			"": func(*rapid.T) {},
		})
		m.compare(rt)
		m.drain(rt)
		m.mustBeClean(rt)
		m.compare(rt)
	})
}

func (m *machine) pick(rt *rapid.T) string { return rapid.SampledFrom(m.ids).Draw(rt, "contact") }

// done notes a step, unless it was refused; what is no refusal fails.
func (m *machine) done(rt *rapid.T, err error, s step) bool {
	if err != nil {
		if problem.Of(err).Kind == problem.Internal {
			rt.Fatal(err)
		}
		return false
	}
	m.steps = append(m.steps, s)
	return true
}

func (m *machine) create(rt *rapid.T) {
	m.n++
	p := &person{Has: map[string]bool{}}
	emails := rapid.SliceOfNDistinct(rapid.IntRange(0, 4), 0, 3, rapid.ID).Draw(rt, "emails")
	c := contact.Contact{VIP: rapid.Bool().Draw(rt, "vip"), ExternalIDs: map[string]string{"sap": fmt.Sprint("K-", m.n)}}
	p.Has["ext:sap:"+c.ExternalIDs["sap"]] = true
	if c.VIP {
		p.Has["vip"] = true
	}
	if rapid.Bool().Draw(rt, "main address") {
		c.Email = fmt.Sprintf("own%d@example.it", m.n)
		p.Has["email:"+c.Email] = true
	}
	for _, n := range emails {
		c.OtherEmails = append(c.OtherEmails, emailOf(n))
		p.Has["email:"+emailOf(n)] = true
	}
	for _, flag := range rapid.SliceOfNDistinct(rapid.SampledFrom(consent.Flags), 0, 2, rapid.ID).Draw(rt, "flags") {
		if c.DND == nil {
			c.DND = consent.DND{}
		}
		c.DND[flag] = consent.Setting{On: true, By: fmt.Sprint(m.n)}
		p.Has["dnd:"+string(flag)] = true
	}
	for _, user := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"u1", "u2", "u3"}), 0, 2, rapid.ID).Draw(rt, "followers") {
		c.Followers = append(c.Followers, user)
		p.Has["follower:"+user] = true
	}
	tags := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"t1", "t2", "t3"}), 0, 2, rapid.ID).Draw(rt, "tags")
	for _, name := range tags {
		p.Has["tag:"+name] = true
	}
	a, err := m.Create(m.ctx, m.scope(rt), ledger.Operation{Answer: answerID, Tag: tags, Apply: func(none contact.Contact) (contact.Contact, error) {
		given := c.Clone()
		given.Tags = none.Tags
		return given.Settled("")
	}})
	if m.done(rt, err, step{to: a.Location, create: p}) {
		m.ids = append(m.ids, a.Location)
	}
}

// now is what the model says.
func (m *machine) now() *world { return replay(m.steps, m.undone) }

func (m *machine) add(rt *rapid.T) {
	m.n++
	id, tag := m.pick(rt), fmt.Sprint("new", m.n)
	_, err := m.Update(m.ctx, m.scope(rt), contact.ByID(id), ledger.Operation{Tag: []string{tag}, Apply: same, Answer: answerID})
	root, _ := m.now().root(id)
	m.done(rt, err, step{to: root, add: "tag:" + tag})
}

func (m *machine) remove(rt *rapid.T) {
	id, tag := m.pick(rt), rapid.SampledFrom([]string{"t1", "t2", "t3"}).Draw(rt, "tag")
	if w := m.now(); w.absorbs(id) { // an undo leaves a tag that one who stays has, also where it was removed since
		rt.Skip("who stays may have the tag")
	}
	_, err := m.Update(m.ctx, m.scope(rt), contact.ByID(id), ledger.Operation{Untag: tag, Apply: same, Answer: answerID})
	root, _ := m.now().root(id)
	m.done(rt, err, step{to: root, remove: "tag:" + tag})
}

func (m *machine) note(rt *rapid.T) {
	id := m.pick(rt)
	a, err := m.AddItem(m.ctx, m.scope(rt), contact.ByID(id), ledger.IfMatch{}, ledger.Notes, []byte(`{}`), func(_ string, i ledger.Item) ledger.Answer {
		return ledger.Answer{Status: 201, Location: i.ID}
	})
	root, _ := m.now().root(id)
	m.done(rt, err, step{to: root, note: a.Location})
}

func (m *machine) merge(rt *rapid.T) {
	ids := rapid.SliceOfNDistinct(rapid.SampledFrom(m.ids), 2, 4, rapid.ID).Draw(rt, "contacts")
	a, err := m.Merge(m.ctx, m.scope(rt), ledger.Merging{Survivor: ids[0], Others: ids[1:], Answer: answerMerge})
	w := m.now()
	free := !slices.ContainsFunc(ids, func(id string) bool { root, deleted := w.root(id); return root != id || deleted })
	if refused := problem.HasCode(err, "too_many_merged"); (err == nil) != free && !refused {
		rt.Fatalf("merging %v: %v", ids, err)
	}
	if m.done(rt, err, step{to: ids[0], merge: a.Location, others: ids[1:]}) {
		m.merges = append(m.merges, a.Location)
	}
}

func (m *machine) undo(rt *rapid.T) {
	if len(m.merges) == 0 {
		rt.Skip("nothing was merged")
	}
	id := rapid.SampledFrom(m.merges).Draw(rt, "merge")
	_, err := m.Undo(m.ctx, m.scope(rt), ledger.Undoing{
		Merge: id, May: func(audit.Actor) error { return nil }, Answer: answerUndo,
	})
	if err == nil {
		m.undone[id] = true
		return
	}
	at := slices.IndexFunc(m.steps, func(s step) bool { return s.merge == id })
	_, deleted := m.now().root(m.steps[at].to)
	if !deleted && !problem.HasCode(err, "undo_later_first") && !(m.undone[id] && problem.HasCode(err, "already_undone")) {
		rt.Fatalf("undoing %s: %v", id, err)
	}
}

func (m *machine) deleteSome(rt *rapid.T) {
	id := m.pick(rt)
	_, err := m.Delete(m.ctx, m.scope(rt), contact.ByID(id), ledger.IfMatch{})
	root, _ := m.now().root(id)
	m.done(rt, err, step{to: root, delete: true})
}

// told is what was done, for a person.
func (m *machine) told() string {
	var lines []string
	short := func(id string) string { return fmt.Sprint("c", slices.Index(m.ids, id)) }
	for i, s := range m.steps {
		line := fmt.Sprint(i, ": ", short(s.to), " ", s.add, s.remove, s.note)
		if s.create != nil {
			line += fmt.Sprint(slices.Sorted(maps.Keys(s.create.Has)))
		}
		if s.merge != "" {
			line += " absorbs"
			for _, id := range s.others {
				line += " " + short(id)
			}
			line += fmt.Sprint(" undone ", m.undone[s.merge])
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// compare holds everybody against the model, by every id that there ever was.
func (m *machine) compare(rt *rapid.T) {
	w := m.now()
	for _, id := range m.ids {
		scope := m.scope(rt)
		c, err := m.Find(m.ctx, scope, contact.ByID(id))
		root, deleted := w.root(id)
		if deleted {
			if !problem.Is(err, problem.Gone) {
				rt.Fatalf("%s was deleted: %v", id, err)
			}
			continue
		}
		if err != nil || c.ID != root {
			rt.Fatalf("%s is %v, want %s: %v", id, c, root, err)
		}
		terms, err := m.Terms(m.ctx, scope, *c)
		if err != nil {
			rt.Fatal(err)
		}
		has := map[string]bool{}
		for _, identity := range c.Identities() {
			has[string(identity.Kind)+":"+identity.Value] = true
			held, err := m.Find(m.ctx, m.scope(rt), contact.Ref{Identity: identity})
			if err != nil && !problem.HasCode(err, "ambiguous_identity") || err == nil && held.ID != root {
				rt.Fatalf("%v leads to %v, %v", identity, held, err)
			}
		}
		for _, name := range c.View(terms).Tags {
			has["tag:"+name] = true
		}
		for _, user := range c.Followers {
			has["follower:"+user] = true
		}
		for flag, set := range c.DND {
			if set.On {
				has["dnd:"+string(flag)] = true
			}
		}
		if c.VIP {
			has["vip"] = true
		}
		if diff := cmp.Diff(w.people[root].Has, has); diff != "" {
			rt.Fatalf("%s (-want +got)\n%s\n%s", root, diff, m.told())
		}
		items, _, err := m.Items(m.ctx, m.scope(rt), contact.ByID(id), ledger.Notes, "", 100)
		if err != nil {
			rt.Fatal(err)
		}
		notes := map[string]bool{}
		for _, i := range items {
			notes[i.ID] = true
		}
		if diff := cmp.Diff(w.notes(root), notes, cmpopts.EquateEmpty()); diff != "" {
			rt.Fatalf("notes of %s (-want +got)\n%s", root, diff)
		}
	}
}
