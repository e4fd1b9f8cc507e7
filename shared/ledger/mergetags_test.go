package ledger_test

import (
	"fmt"
	"testing"

	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/ulid"
)

// family is a system with contacts, each of another shard than the one before it.
type family struct {
	*system
	ids []string
}

func newFamily(t *testing.T, n int) *family {
	t.Helper()
	f := &family{system: newSystem(t)}
	for len(f.ids) < n {
		id := f.create(t, `{}`)
		if last := len(f.ids) - 1; last < 0 || ulid.ShardOf(f.ids[last]) != ulid.ShardOf(id) {
			f.ids = append(f.ids, id)
		}
	}
	return f
}

// merged has a contact absorb another, and returns the merge's id.
func (f *family) merged(t *testing.T, survivor, other int) string {
	t.Helper()
	return f.merge(t, f.ids[survivor], f.ids[other])
}

// many gives a contact more tags than one transaction has room to remove.
func (f *family) many(t *testing.T, who int) {
	t.Helper()
	for i := range 4 {
		names := make([]string, 20)
		for j := range names {
			names[j] = fmt.Sprintf("tag %d of %d", 20*i+j, who)
		}
		f.tag(t, f.ids[who], names...)
	}
}

// emptied takes all tags from a contact at once.
func (f *family) emptied(t *testing.T, who int) {
	t.Helper()
	_, err := f.Update(f.ctx, f.scope(t), contact.ByID(f.ids[who]), ledger.Operation{Answer: answerID, Apply: func(c contact.Contact) (contact.Contact, error) {
		c.Tags = nil
		return c, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// TestInheritedTags goes the ways that chance rarely does: those on which a hint has
// to be removed, or given back, where a contact has it from another.
func TestInheritedTags(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(*testing.T, *family){
		"ATagThatWasTakenOverComesBackWithItsCarrier": func(t *testing.T, f *family) {
			f.tag(t, f.ids[0], "lead")
			f.tag(t, f.ids[2], "lead")
			f.merged(t, 1, 0)
			f.drain(t)
			f.undo(t, f.merged(t, 2, 1)) // which had the tag itself
		},
		"AStaleHintIsThatOfWhoLeaves": func(t *testing.T, f *family) {
			f.tag(t, f.ids[0], "lead")
			first := f.merged(t, 1, 0)
			f.drain(t)
			second := f.merged(t, 2, 1)
			f.undo(t, first)
			f.undo(t, second)
			f.tag(t, f.ids[1], "lead")
			f.tag(t, f.ids[2], "lead")
		},
		"BorrowedAgainAndGivenBack": func(t *testing.T, f *family) {
			f.many(t, 0)
			first := f.merged(t, 1, 0)
			second := f.merged(t, 2, 1)
			third := f.merged(t, 3, 2)
			f.undo(t, third)
			f.undo(t, second)
			f.undo(t, first)
		},
		"ManyAreTakenBeforeTheyAreItsOwn": func(t *testing.T, f *family) {
			f.many(t, 0)
			f.merged(t, 1, 0)
			f.emptied(t, 1)
		},
		"ManyAreTakenAndGivenBeforeTheyAreItsOwn": func(t *testing.T, f *family) {
			f.many(t, 0)
			f.merged(t, 1, 0)
			f.emptied(t, 1)
			f.many(t, 0) // who stands for it has them again
		},
		"ManyAreTakenAndTheMergeUndone": func(t *testing.T, f *family) {
			f.many(t, 0)
			merge := f.merged(t, 1, 0)
			f.emptied(t, 1)
			f.undo(t, merge)
			f.many(t, 1)
		},
		"ManyAreTakenAndAnotherAbsorbsIt": func(t *testing.T, f *family) {
			f.many(t, 0)
			f.merged(t, 1, 0)
			f.emptied(t, 1)
			f.merged(t, 2, 1)
			f.many(t, 1)
		},
		"ManyGoWithWhoBorrowedThem": func(t *testing.T, f *family) {
			f.many(t, 0)
			f.merged(t, 1, 0)
			f.delete(t, f.ids[1])
		},
		"ManyGoWithWhoTookThemOver": func(t *testing.T, f *family) {
			f.many(t, 0)
			f.merged(t, 1, 0)
			f.drain(t)
			f.delete(t, f.ids[1])
		},
		"ManyAreDeletedBeforeTheyAreItsOwn": func(t *testing.T, f *family) {
			f.tag(t, f.ids[0], "lead", "client")
			f.merged(t, 1, 0)
			if _, err := f.DeleteTag(f.ctx, f.scope(t), "lead", ledger.Answer{}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFamily(t, 4)
			f.drain(t)
			do(t, f)
			if r := f.mustVerify(t); !r.Clean() || r.Busy != 0 {
				t.Errorf("before the work is done: %+v", r)
			}
			f.drain(t)
			f.mustBeClean(t)
			f.tagsAreRight(t)
		})
	}
}
