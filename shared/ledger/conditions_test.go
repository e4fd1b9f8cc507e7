package ledger_test

import (
	"context"
	"slices"
	"testing"

	"rubrica/shared/ledger"
	"rubrica/shared/table"
)

// conditions is a driver that keeps which rows writes had conditions on, by the
// kinds of their partitions.
type conditions struct {
	table.Driver

	on []string
}

func (c *conditions) Write(ctx context.Context, actions []table.Action) error {
	for _, a := range actions {
		if a.If.Test != table.Always {
			c.on = append(c.on, a.Row.Key.Partition().Parts()[0])
		}
	}
	return c.Driver.Write(ctx, actions)
}

// Each condition is a row that the embedded store looks for under its lock, and a
// change record that is not there yet is a block read from the files of a history
// (infra/docs/041).
func TestAChangeHasNoConditionOnItsRecord(t *testing.T) {
	t.Parallel()
	var c *conditions
	s := newSystem(t, func(d table.Driver) table.Driver {
		c = &conditions{Driver: d}
		return c
	})
	c.on = nil
	id := s.create(t, `{"firstName":"Maria"}`)
	if want := []string{"contacts", "of"}; !slices.Equal(c.on, want) {
		t.Errorf("a new contact is written on conditions on %v, want %v", c.on, want)
	}
	c.on = nil
	s.change(t, id, `{"city":"Roma"}`)
	if want := []string{"contacts"}; !slices.Equal(c.on, want) {
		t.Errorf("a change is written on conditions on %v, want %v", c.on, want)
	}
}

// A backup whose rows are not of one moment may bring a contact back as it was
// before its last change record: it can be changed, and the log keeps both changes
// that made the version.
func TestAContactBehindItsRecordsCanBeChanged(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	before := s.contactRow(t)
	s.change(t, s.maria, `{"city":"Milano"}`)
	s.drain(t)
	lost := s.decoded(t, s.record(t, s.maria, 4))
	s.put(t, s.main, before)
	s.change(t, s.maria, `{"city":"Torino"}`)
	s.drain(t)
	if again := s.decoded(t, s.record(t, s.maria, 4)); again.ID == lost.ID {
		t.Fatal("the change has no record")
	}
	if got := s.mustVerify(t).Findings; len(got) != 1 || got[0].Kind != ledger.VersionTwice {
		t.Errorf("verify finds %v, want that two changes made a version", got)
	}
}
