package ledger

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"rubrica/shared/contact"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

func hints() *rapid.Generator[[]Hint] {
	indexes := []Index{IndexEmail, IndexPhone, IndexExternal, IndexOwner, IndexFollower, IndexVIP}
	one := rapid.Custom(func(t *rapid.T) Hint {
		h := Hint{Index: rapid.SampledFrom(indexes).Draw(t, "index")}
		if h.Index != IndexVIP {
			h.Value = rapid.StringMatching(`[a-c/%]{1,2}`).Draw(t, "value")
		}
		return h
	})
	return rapid.SliceOfNDistinct(one, 0, 12, func(h Hint) Hint { return h })
}

// What is before, without what is removed, with what is added, is what is after.
func TestDifferenceLeadsFromBeforeToAfter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before, after := hints().Draw(t, "before"), hints().Draw(t, "after")
		added, removed := difference(before, after)
		set := map[Hint]bool{}
		for _, h := range before {
			set[h] = true
		}
		for _, h := range removed {
			if !set[h] {
				t.Fatalf("%v is removed and was not there", h)
			}
			delete(set, h)
		}
		for _, h := range added {
			if set[h] {
				t.Fatalf("%v is added and was there", h)
			}
			set[h] = true
		}
		for _, h := range after {
			if !set[h] {
				t.Fatalf("%v is missing after", h)
			}
		}
		if len(set) != len(after) {
			t.Fatalf("%d hints after, want %d", len(set), len(after))
		}
	})
}

// A row's key says which hint it is, and of whom.
func TestHintsAndTheirKeysAreOneToOne(t *testing.T) {
	t.Parallel()
	ws, err := tenant.Parse("acme")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringMatching(`0[0-9A-HJKMNP-TV-Z]{25}`).Draw(t, "id")
		for _, h := range hints().Draw(t, "hints") {
			key := h.key(ws, id)
			if back, at, ok := hintAt(key); !ok || back != h || at != seatOf(id) {
				t.Fatalf("%v of %s is at %s, which is %v (%v)", h, id, key, back, ok)
			}
			if moved := ulid.InShard(id, (ulid.ShardOf(id)+1)%32); key == h.key(ws, moved) {
				t.Fatalf("%v has one key for two contacts", h)
			}
		}
	})
}

// Rows has a hint for everything that a contact can be found by, each once, and
// nothing for nobody.
func TestRowsHaveAllThatAContactCarriesOnce(t *testing.T) {
	t.Parallel()
	if rows := Rows(&contact.Contact{Email: "a@example.it", Owner: "u", VIP: true, Block: contact.Block{By: "u"}}); len(rows) != 0 {
		t.Errorf("a contact that does not exist has %v", rows)
	}
	rapid.Check(t, func(t *rapid.T) {
		few := func(name string, of func(int) string) []string {
			numbers := rapid.SliceOfNDistinct(rapid.IntRange(0, 9), 0, 4, rapid.ID[int]).Draw(t, name)
			values := make([]string, len(numbers))
			for i, n := range numbers {
				values[i] = of(n)
			}
			return values
		}
		c := contact.Contact{
			ID:          "01JD0000000000000000000000",
			OtherEmails: few("emails", func(n int) string { return fmt.Sprintf("Person%d@Example.it", n) }),
			OtherPhones: few("phones", func(n int) string { return fmt.Sprintf("+39351411732%d", n) }),
			Followers:   few("followers", func(n int) string { return fmt.Sprintf("u%d", n) }),
			VIP:         rapid.Bool().Draw(t, "vip"),
		}
		if rapid.Bool().Draw(t, "blocked") {
			c.Block = contact.Block{ByType: "user", By: "u1"}
		}
		if rapid.Bool().Draw(t, "owned") {
			c.Owner = "u1"
		}
		rows := Rows(&c)
		want := len(c.OtherEmails) + len(c.OtherPhones) + len(c.Followers)
		for _, id := range c.Identities() {
			if !slices.Contains(rows, hintOf(id)) {
				t.Fatalf("no hint for %v", id)
			}
		}
		for _, user := range c.Followers {
			if !slices.Contains(rows, Hint{IndexFollower, user}) {
				t.Fatalf("no hint for the follower %s", user)
			}
		}
		if c.Owner != "" {
			want++
			if !slices.Contains(rows, Hint{IndexOwner, c.Owner}) {
				t.Fatal("no hint for the owner")
			}
		}
		if c.VIP {
			want++
			if !slices.Contains(rows, Hint{Index: IndexVIP}) {
				t.Fatal("no hint for a VIP")
			}
		}
		if c.IsBlocked() {
			want++
			if !slices.Contains(rows, Hint{Index: IndexBlocked}) {
				t.Fatal("no hint for a blocked one")
			}
		}
		if len(rows) != want {
			t.Fatalf("%d hints, want %d: %v", len(rows), want, rows)
		}
	})
}
