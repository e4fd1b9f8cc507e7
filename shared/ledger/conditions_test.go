package ledger_test

import (
	"context"
	"slices"
	"testing"

	"rubrica/shared/table"
)

// conditions is a driver that keeps which rows the last write had conditions on, by
// the kinds of their partitions.
type conditions struct {
	table.Driver

	on []string
}

func (c *conditions) Write(ctx context.Context, actions []table.Action) error {
	c.on = nil
	for _, a := range actions {
		if a.If.Test != table.Always {
			c.on = append(c.on, a.Row.Key.Partition().Parts()[0])
		}
	}
	return c.Driver.Write(ctx, actions)
}

// Each condition is a row that the embedded store looks for under its lock, and a
// change record that is not there yet is a block read from the files of a history
// (infra/docs/041). The contact's row says it for both, once there is one.
func TestAChangeHasOneCondition(t *testing.T) {
	var c *conditions
	s := newSystem(t, func(d table.Driver) table.Driver {
		c = &conditions{Driver: d}
		return c
	})
	id := s.create(t, `{"firstName":"Maria"}`)
	if want := []string{"contacts", "of"}; !slices.Equal(c.on, want) {
		t.Errorf("a new contact is written on conditions on %v, want %v", c.on, want)
	}
	s.change(t, id, `{"city":"Roma"}`)
	if want := []string{"contacts"}; !slices.Equal(c.on, want) {
		t.Errorf("a change is written on conditions on %v, want %v", c.on, want)
	}
}
