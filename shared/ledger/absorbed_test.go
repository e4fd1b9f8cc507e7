package ledger

import (
	"testing"

	"rubrica/shared/contact"
	"rubrica/shared/seal"
)

// What is kept of an absorbed contact is the contact, without leases: these go on as
// the survivor's.
func TestAbsorbedContactsKeepNoLeases(t *testing.T) {
	t.Parallel()
	c := record{Contact: contact.Contact{ID: "01M820Z4CZDV313Z569B2F0QB0", Version: 3}, Key: seal.NewKey()}
	c.Locks = []lease{{Lock: Lock{Campaign: "spring", Holder: "dialer", ExpiresAt: 1}}}
	f := absorb(&c, "01M820Z4DP22AH3THB3MJ5BBT1", "merge", nil)
	got, err := f.open(c.ID, &record{Keys: map[string]seal.Key{c.ID: c.Key}})
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != c.ID || got.Version != 3 || len(got.Locks) != 0 {
		t.Errorf("it is %+v", got)
	}
	if len(c.Locks) != 1 {
		t.Error("the contact itself has lost its leases")
	}
}
