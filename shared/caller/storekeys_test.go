package caller_test

import (
	"context"
	"errors"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"rubrica/shared/caller"
	"rubrica/shared/table"
)

func TestStoreKeysWritesWhatChanged(t *testing.T) {
	t.Parallel()
	d, key := newDeployment(), newKey(t, "k1", jose.EdDSA)
	for _, test := range []struct {
		name string
		keys []keyPair
		want bool
	}{
		{"the first", []keyPair{key}, true},
		{"the same", []keyPair{key}, false},
		{"none", nil, true},
		{"none again", nil, false},
	} {
		set, before := keySet(t, test.keys...), d.rows.Writes()
		changed, err := caller.StoreKeys(t.Context(), d.table, func(context.Context) (*caller.KeySet, error) { return set, nil })
		if err != nil || changed != test.want || (d.rows.Writes() > before) != test.want {
			t.Errorf("%s: StoreKeys = %t, %v with %d writes", test.name, changed, err, d.rows.Writes()-before)
		}
	}
}

// Two refreshes at the same time: the one that fetched earlier must not put its
// older answer over the newer one.
func TestStoreKeysDoesNotReviveAKey(t *testing.T) {
	t.Parallel()
	d, older, newer := newDeployment(), newKey(t, "k1", jose.EdDSA), newKey(t, "k2", jose.EdDSA)
	_, err := caller.StoreKeys(t.Context(), d.table, func(context.Context) (*caller.KeySet, error) {
		set := keySet(t, older)
		d.publish(t, newer)
		return set, nil
	})
	if _, lost := errors.AsType[*table.ConditionError](err); !lost {
		t.Errorf("StoreKeys: %v, want a lost race", err)
	}
	d.accepts(t, signed(t, newer), true, 1)
	d.accepts(t, signed(t, older), false, 0)
}
