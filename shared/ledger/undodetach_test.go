package ledger_test

import (
	"testing"

	"pgregory.net/rapid"

	"rubrica/shared/ledger"
)

// A tag that was deleted and detached while a contact was absorbed does not come
// back with the contact, also where nobody had yet taken its hints away.
func TestUndoBringsNoDeletedTagBack(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	rapid.Check(t, func(rt *rapid.T) {
		m := &tagMachine{system: s.inNewWorkspace(rt)}
		create := func(tags ...string) string {
			a, err := m.Create(m.ctx, m.scope(rt), ledger.Operation{Tag: tags, Apply: same, Answer: answerID})
			if err != nil {
				rt.Fatal(err)
			}
			return a.Location
		}
		absorbed, survivor := create("t1"), create()
		m.merges = []string{m.system.merge(rt, survivor, absorbed)}
		if _, err := m.DeleteTag(m.ctx, m.scope(rt), "t1", ledger.Answer{}); err != nil {
			rt.Fatal(err)
		}
		m.work(rt, "detach-contacts", 0)
		m.undo(rt)
		m.drain(rt)
		for _, row := range m.all(rt, m.main) {
			if row.Key.Partition().Parts()[0] == "tag" && (row.Key.SK() != "-" || row.Count != 0) {
				rt.Fatalf("left: %s, %d", row.Key, row.Count)
			}
		}
		m.mustBeClean(rt)
	})
}
