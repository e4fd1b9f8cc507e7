package ledger_test

import (
	"testing"

	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/table"
	"rubrica/shared/ulid"
)

// inherited is a scene in which one contact has absorbed another of another shard,
// and with it a tag.
type inherited struct {
	*scene
	survivor, absorbed, tag string
}

// newInherited makes such a scene; settled says that what the merge left to be done
// has been done.
func newInherited(t *testing.T, settled bool) *inherited {
	t.Helper()
	i := &inherited{scene: newScene(t)}
	i.survivor = i.create(t, `{}`)
	for i.absorbed == "" || ulid.ShardOf(i.absorbed) == ulid.ShardOf(i.survivor) {
		i.absorbed = i.create(t, `{}`)
	}
	i.tagged(t, i.absorbed)
	i.drain(t)
	i.mustBeClean(t)
	i.merge(t, i.survivor, i.absorbed)
	if settled {
		i.drain(t)
		i.mustBeClean(t)
	} else if r := i.mustVerify(t); !r.Clean() || r.Pending == 0 {
		t.Fatalf("after the merge: %+v", r)
	}
	return i
}

// tagged gives a contact the tag.
func (i *inherited) tagged(t *testing.T, id string) {
	t.Helper()
	_, err := i.Update(i.ctx, i.scope(t), contact.ByID(id), ledger.Operation{Tag: []string{"lead"}, Apply: same, Answer: func(c *contact.Contact) ledger.Answer {
		i.tag = c.Tags[0]
		return ledger.Answer{Status: 200}
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// in is the partition that counts the tag's hints in the shard of a contact.
func (i *inherited) in(id string) table.Partition {
	return table.In(i.ws, "tag", i.tag, shardOf(id))
}

func (i *inherited) survivorRow(t *testing.T) table.Row {
	t.Helper()
	row, err := i.main.GetOne(i.ctx, ledger.ContactKey(i.ws, i.survivor))
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// TestVerifyFindsDamageOfInheritedHints damages what was taken over where it is, or
// is still to be.
func TestVerifyFindsDamageOfInheritedHints(t *testing.T) {
	t.Parallel()
	elsewhere := func(i *inherited, at map[string]any) map[string]any {
		return map[string]any{"seats": map[string]any{i.tag: at}}
	}
	for name, d := range map[string]struct {
		settled     bool
		do          func(*testing.T, *inherited)
		found, left []ledger.FindingKind
	}{
		"ACountThatIsTooHigh": {true, func(t *testing.T, i *inherited) {
			if err := i.main.Write(i.ctx, table.Add(i.in(i.absorbed).Row("-"), 1)); err != nil {
				t.Fatal(err)
			}
		}, kinds(ledger.CountWrong), nil},
		"AHintInTheSurvivorsOwnShard": {true, func(t *testing.T, i *inherited) {
			i.put(t, i.main, table.Row{Key: i.in(i.survivor).Row(i.survivor)})
		}, kinds(ledger.CountWrong, ledger.HintOrphaned), nil},
		"AMissingHint": {true, func(t *testing.T, i *inherited) {
			i.remove(t, i.main, i.in(i.absorbed).Row(i.survivor))
		}, kinds(ledger.CountWrong, ledger.HintMissing), nil},
		"AForgottenSeat": {true, func(t *testing.T, i *inherited) {
			i.edit(t, i.main, i.survivorRow(t), map[string]any{"seats": map[string]any{}})
		}, kinds(ledger.HintOrphaned, ledger.HintMissing), nil},
		"TheAbsorbedOnesHintIsBack": {true, func(t *testing.T, i *inherited) {
			i.put(t, i.main, table.Row{Key: i.in(i.absorbed).Row(i.absorbed)})
		}, kinds(ledger.CountWrong, ledger.HintOrphaned), nil},
		"ASeatOfWhatIsNotCarried": {true, func(t *testing.T, i *inherited) {
			i.edit(t, i.main, i.survivorRow(t), map[string]any{"seats": map[string]any{i.tag: map[string]any{"s": ulid.ShardOf(i.absorbed)}, i.absorbed: map[string]any{"s": 1}}})
		}, kinds(ledger.MalformedRow), kinds(ledger.MalformedRow)},
		"ASeatInNoShard": {true, func(t *testing.T, i *inherited) {
			i.edit(t, i.main, i.survivorRow(t), elsewhere(i, map[string]any{"s": 32}))
		}, kinds(ledger.MalformedRow), kinds(ledger.MalformedRow)},
		"ASeatOfAStranger": {true, func(t *testing.T, i *inherited) {
			i.edit(t, i.main, i.survivorRow(t), elsewhere(i, map[string]any{"s": 1, "id": i.maria}))
		}, kinds(ledger.MalformedRow), kinds(ledger.MalformedRow)},
		"NobodyReindexes": {false, func(*testing.T, *inherited) {
		}, kinds(ledger.StaleLeft, ledger.EntryMissing), nil},
		"AMissingHintThatIsBorrowed": {false, func(t *testing.T, i *inherited) {
			i.remove(t, i.main, i.in(i.absorbed).Row(i.absorbed))
		}, kinds(ledger.StaleLeft, ledger.EntryMissing, ledger.HintMissing, ledger.CountWrong), nil},
		"AForgottenSeatThatIsBorrowed": {false, func(t *testing.T, i *inherited) {
			i.edit(t, i.main, i.survivorRow(t), map[string]any{"seats": map[string]any{}})
		}, kinds(ledger.EntryMissing, ledger.HintMissing, ledger.HintOrphaned), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newInherited(t, d.settled)
			damaged := damage{do: func(t *testing.T, _ *scene) { d.do(t, i) }, found: d.found, left: d.left}
			damaged.check(t, i.scene)
		})
	}
}
