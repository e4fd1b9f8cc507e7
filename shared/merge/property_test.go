package merge_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"rubrica/shared/channel"
	"rubrica/shared/consent"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/merge"
	"rubrica/shared/problem"
)

// some draws a few of the given, each once.
func some(t *rapid.T, label string, from ...string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, 3, rapid.ID).Draw(t, label)
}

func one(t *rapid.T, label string, from ...string) string {
	return rapid.SampledFrom(append(from, "")).Draw(t, label)
}

// person draws a contact out of a small world, so that contacts share much.
func person(t *rapid.T, i int) contact.Contact {
	label := func(s string) string { return fmt.Sprint(s, " of ", i) }
	c := contact.Contact{
		ID: fmt.Sprintf("%026d", i+1), Version: 1, CreatedAt: instant.Instant(1000 + rapid.IntRange(0, 9).Draw(t, label("age"))),
		FirstName: one(t, label("first name"), "Ada", "Eva"), City: one(t, label("city"), "Roma", "Milano"),
		Email: one(t, label("email"), "a@x.it", "A@x.it", "b@x.it"), OtherEmails: some(t, label("other emails"), "a@x.it", "b@x.it", "B@x.it", "c@x.it"),
		Phone: one(t, label("phone"), "+393514117320", "+5511912345678", "+551191234567"), OtherPhones: some(t, label("other phones"), "+393514117320", "+393514117321"),
		Followers: some(t, label("followers"), "u1", "u2", "u3"), Tags: some(t, label("tags"), "t1", "t2", "t3"),
		VIP: rapid.Bool().Draw(t, label("vip")), Inactive: rapid.Bool().Draw(t, label("inactive")), Owner: one(t, label("owner"), "u1"),
	}
	for _, system := range some(t, label("systems"), "sap", "crm") {
		if c.ExternalIDs == nil {
			c.ExternalIDs = map[string]string{}
		}
		c.ExternalIDs[system] = fmt.Sprint("K-", i) // nobody shares one
	}
	for _, flag := range consent.Flags {
		if rapid.IntRange(0, 3).Draw(t, label(string(flag))) == 0 {
			if c.DND == nil {
				c.DND = consent.DND{}
			}
			c.DND[flag] = consent.Setting{On: true, By: fmt.Sprint(i), Permanent: rapid.Bool().Draw(t, label("permanent"))}
		}
	}
	for _, account := range some(t, label("channels"), "whatsapp", "sms") {
		at := instant.Instant(2000 + rapid.IntRange(0, 3).Draw(t, label("message")))
		c.Connections = append(c.Connections, contact.Connection{
			Account: account, Channel: channel.Kind(account), ConnectedAt: at - 1, LastMessageAt: at, Profile: contact.Profile{DisplayName: fmt.Sprint(account, i)},
		})
		if at > c.Latest.At {
			c.Latest = contact.Latest{Account: account, Channel: channel.Kind(account), At: at}
			c.Profile = c.Connections[len(c.Connections)-1].Profile
		}
	}
	c.Automations = some(t, label("automations"), "welcome", "survey")
	c, err := c.Settled("")
	if err != nil {
		t.Fatal(err)
	}
	switch rapid.IntRange(0, 3).Draw(t, label("country")) {
	case 0:
		c = c.With(map[string]contact.Value{"country": {}}) // cleared
	case 1:
		c = c.With(map[string]contact.Value{"country": {Text: "FR"}}) // by hand
	}
	return c
}

func same(t *rapid.T, what string, got, want contact.Contact) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-want +got)\n%s", what, diff)
	}
}

func unite(t *rapid.T, p merge.Plan) merge.Result {
	t.Helper()
	r, err := merge.Unite(p)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	return r
}

// TestUndoTakesBackWhatWasUnited: a merge and its undo are nothing, whatever was
// chosen, and the survivor has what all had in between.
func TestUndoTakesBackWhatWasUnited(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := merge.Plan{Survivor: person(t, 0), Choose: map[string]string{}}
		var ids []string
		for i := range rapid.IntRange(1, 3).Draw(t, "others") {
			c := person(t, i+1)
			p.Others, ids = append(p.Others, c), append(ids, c.ID)
		}
		for _, member := range some(t, "chosen", "email", "phone", "city", "vip", "status", "owner", "country") {
			p.Choose[member] = rapid.SampledFrom(append(ids, p.Survivor.ID)).Draw(t, "whose "+member)
		}
		r := unite(t, p)
		for _, c := range append(p.Others, p.Survivor) {
			for _, id := range c.Identities() {
				if !r.Contact.Holds(id) {
					t.Fatalf("the survivor is not found by %v", id)
				}
			}
			for flag, set := range c.DND {
				if set.On && !r.Contact.DND[flag].On || set.Permanent && !r.Contact.DND[flag].Permanent {
					t.Fatalf("%s is less strict than that of %s", flag, c.ID)
				}
			}
			if r.Contact.FirstCreatedAt > c.CreatedAt {
				t.Fatal("somebody is older")
			}
		}
		for member, id := range p.Choose {
			of := p.Survivor
			for _, c := range p.Others {
				if c.ID == id {
					of = c
				}
			}
			if got, want := r.Contact.Value(member), of.Value(member); got.Text != want.Text {
				t.Fatalf("%s is %q, %q was chosen", member, got.Text, want.Text)
			}
		}
		u := merge.Undo(r.Contact, r.Wrote, ids, nil)
		same(t, "undone", u.Contact, p.Survivor)
		if len(u.Kept) > 0 || len(u.Passed) > 0 {
			t.Fatalf("kept %v, passed %v", u.Kept, u.Passed)
		}
	})
}

// TestMergesAreUndoneInAnyOrder: two merges into one survivor are taken back in
// either order unless both wrote one member, and in the end nothing is left.
func TestMergesAreUndoneInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, a, b := person(t, 0), person(t, 1), person(t, 2)
		chosen := func(of contact.Contact) map[string]string {
			choose := map[string]string{}
			for _, member := range some(t, "chosen of "+of.ID, "phone", "country", "city") {
				choose[member] = of.ID
			}
			return choose
		}
		first := unite(t, merge.Plan{Survivor: s, Others: []contact.Contact{a}, Choose: chosen(a)})
		second := unite(t, merge.Plan{Survivor: first.Contact, Others: []contact.Contact{b}, Choose: chosen(b)})
		for member := range second.Wrote.Values {
			if _, both := first.Wrote.Values[member]; both {
				return // the country followed the phone twice, or both had the latest message
			}
		}
		_, phone := first.Wrote.Values["phone"]
		if step, country := second.Wrote.Values["country"]; phone && country && step.Before.Text == "" {
			return // the country was blank until the phone changes, which the first undo does
		}
		u := merge.Undo(second.Contact, first.Wrote, []string{a.ID}, []merge.Staying{{Merge: "second", Contact: b}})
		for _, id := range b.Identities() {
			if !u.Contact.Holds(id) {
				t.Fatalf("the survivor lost %v, which stays", id)
			}
		}
		last := merge.Undo(u.Contact, second.Wrote.Plus(u.Passed["second"]), []string{b.ID}, nil)
		ignore := cmpopts.IgnoreFields(contact.Contact{}, "OtherEmails", "OtherPhones") // their order
		if diff := cmp.Diff(s, last.Contact, cmpopts.EquateEmpty(), ignore); diff != "" {
			t.Fatalf("both undone (-want +got)\n%s", diff)
		}
		if got, want := len(last.Contact.Identities()), len(s.Identities()); got != want {
			t.Fatalf("%d identities, there were %d: %v; %v", got, want, last.Contact.Identities(), s.Identities())
		}
	})
}

// TestALimitIsNamed: what would be too many is refused, by its member.
func TestALimitIsNamed(t *testing.T) {
	t.Parallel()
	full := func(id string, n int) contact.Contact {
		c := contact.Contact{ID: id, Version: 1, CreatedAt: 1}
		for i := range n {
			c.OtherEmails = append(c.OtherEmails, fmt.Sprintf("%s%d@x.it", id, i))
		}
		return c
	}
	_, err := merge.Unite(merge.Plan{Survivor: full("s", 6), Others: []contact.Contact{full("a", 5)}})
	if p := problem.Of(err); p == nil || p.Code != "too_many_merged" || p.Extra["field"] != "otherEmails" {
		t.Errorf("11 addresses: %v", err)
	}
	if _, err := merge.Unite(merge.Plan{Survivor: full("s", 6), Others: []contact.Contact{full("a", 4)}}); err != nil {
		t.Errorf("10 addresses: %v", err)
	}
}

// TestAMainAddressGoesBack: an address that one who stays has too is not the
// survivor's main one after the merge that made it so is taken back.
func TestAMainAddressGoesBack(t *testing.T) {
	t.Parallel()
	s := contact.Contact{ID: "s", Version: 1, CreatedAt: 1}
	a := contact.Contact{ID: "a", Version: 1, CreatedAt: 1, Email: "e0@x.it", OtherEmails: []string{"e1@x.it"}}
	b := contact.Contact{ID: "b", Version: 1, CreatedAt: 1, Email: "e1@x.it"}
	first, err := merge.Unite(merge.Plan{Survivor: s, Others: []contact.Contact{a}})
	if err != nil {
		t.Fatal(err)
	}
	second, err := merge.Unite(merge.Plan{Survivor: first.Contact, Others: []contact.Contact{b}, Choose: map[string]string{"email": "b"}})
	if err != nil {
		t.Fatal(err)
	}
	u := merge.Undo(second.Contact, second.Wrote, []string{"b"}, []merge.Staying{{Merge: "first", Contact: a}})
	if diff := cmp.Diff(first.Contact, u.Contact, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("after the second (-want +got)\n%s", diff)
	}
	last := merge.Undo(u.Contact, first.Wrote.Plus(u.Passed["first"]), []string{"a"}, nil)
	if diff := cmp.Diff(s, last.Contact, cmpopts.EquateEmpty()); diff != "" || len(last.Kept) > 0 {
		t.Errorf("after both, kept %v (-want +got)\n%s", last.Kept, diff)
	}
}

// TestVIPIsWritten: also because anybody was one; and told when somebody has taken
// it away since.
func TestVIPIsWritten(t *testing.T) {
	t.Parallel()
	s, vip := contact.Contact{ID: "s", Version: 1, CreatedAt: 1}, contact.Contact{ID: "v", Version: 1, CreatedAt: 1, VIP: true}
	r, err := merge.Unite(merge.Plan{Survivor: s, Others: []contact.Contact{vip}})
	if err != nil {
		t.Fatal(err)
	}
	if _, wrote := r.Wrote.Values["vip"]; !wrote || !r.Contact.VIP {
		t.Errorf("wrote %+v", r.Wrote)
	}
	r.Contact.VIP = false
	if u := merge.Undo(r.Contact, r.Wrote, []string{"v"}, nil); len(u.Kept) != 1 || u.Kept[0] != "vip" {
		t.Errorf("kept %v", u.Kept)
	}
}
