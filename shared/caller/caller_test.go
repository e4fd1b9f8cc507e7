package caller_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"rubrica/shared/caller"
	"rubrica/shared/ulid"
)

func TestActor(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		caller caller.Caller
		kind   caller.ActorType
		id     string
	}{
		"user":                 {caller.Caller{Subject: "user_1"}, caller.ActorUser, "user_1"},
		"token":                {caller.Caller{Subject: "token_X", TokenID: "X"}, caller.ActorUser, "token_X"},
		"integration by JWT":   {caller.Caller{Subject: "user_1", Integration: "sap"}, caller.ActorIntegration, "sap"},
		"integration by token": {caller.Caller{Subject: "token_X", TokenID: "X", Integration: "sap"}, caller.ActorIntegration, "sap"},
	} {
		if kind, id := test.caller.Actor(); kind != test.kind || id != test.id {
			t.Errorf("%s: Actor = %s, %s; want %s, %s", name, kind, id, test.kind, test.id)
		}
	}
}

// Two callers share a scope only if they are the same user, token and
// integration; names that contain the scope's own words must not help.
func TestScopeTellsCallersApart(t *testing.T) {
	t.Parallel()
	ids := []string{"01JD3QZZZZZZZZZZZZZZZZZZZ0", "01JD3QZZZZZZZZZZZZZZZZZZZ1"}
	one := rapid.Custom(func(t *rapid.T) caller.Caller {
		c := caller.Caller{
			Subject:     rapid.StringMatching(`(user:|token:|integration:)?[ab:/%]{1,3}`).Draw(t, "subject"),
			Integration: rapid.StringMatching(`|(user:|token:|integration:)?[ab:/%]([ab:/% ]{0,2}[ab])?`).Draw(t, "integration"),
		}
		if rapid.Bool().Draw(t, "token") {
			c.TokenID = rapid.SampledFrom(ids).Draw(t, "id")
			c.Subject, c.Integration = "token_"+c.TokenID, ""
		}
		return c
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := one.Draw(t, "a"), one.Draw(t, "b")
		if (a.Scope() == b.Scope()) != (a == b) {
			t.Errorf("scopes %q of %+v and %q of %+v", a.Scope(), a, b.Scope(), b)
		}
		// the same characters with another border between the names
		if a.Integration != "" && a.TokenID == "" {
			names := a.Subject + ":" + a.Integration
			b.Subject, b.Integration, _ = strings.Cut(names, ":")
			if b.TokenID = ""; (a.Scope() == b.Scope()) != (a == b) {
				t.Errorf("scopes %q of %+v and %q of %+v", a.Scope(), a, b.Scope(), b)
			}
		}
		widened := a
		widened.Role, widened.Restrictions = caller.Owner, caller.NoExport
		if widened.Scope() != a.Scope() {
			t.Errorf("scope %q depends on the role: %q", a.Scope(), widened.Scope())
		}
	})
}

func TestRoleIn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		role caller.Role
		in   []caller.Role
		want bool
	}{
		{caller.Owner, []caller.Role{caller.Owner, caller.Manager}, true},
		{caller.Manager, []caller.Role{caller.Owner, caller.Manager}, true},
		{caller.Agent, []caller.Role{caller.Owner, caller.Manager}, false},
		{caller.Owner, []caller.Role{caller.Agent}, false},
		{caller.Owner, nil, false},
		{"", []caller.Role{caller.Owner, caller.Manager, caller.Agent}, false},
	} {
		if got := test.role.In(test.in...); got != test.want {
			t.Errorf("%q.In(%q) = %t", test.role, test.in, got)
		}
	}
	for role, want := range map[caller.Role]bool{"owner": true, "manager": true, "agent": true, "Owner": false, "": false} {
		if role.Valid() != want {
			t.Errorf("%q.Valid() = %t", role, !want)
		}
	}
}

func TestRestrictionsRoundTrip(t *testing.T) {
	t.Parallel()
	names := []string{"no-delete", "no-export", "only-assigned"}
	rapid.Check(t, func(t *rapid.T) {
		drawn := rapid.SliceOf(rapid.SampledFrom(names)).Draw(t, "names")
		set, err := caller.ParseRestrictions(drawn...)
		if err != nil {
			t.Fatal(err)
		}
		want := slices.Compact(slices.Sorted(slices.Values(drawn)))
		if got := set.Names(); !slices.Equal(got, want) || got == nil {
			t.Errorf("Names = %q, want %q", got, want)
		}
		text, err := json.Marshal(set)
		if err != nil {
			t.Fatal(err)
		}
		back := caller.NoDelete | caller.NoExport | caller.OnlyAssigned
		if err := json.Unmarshal(text, &back); err != nil || back != set {
			t.Errorf("%s reads as %v, %v; want %v", text, back.Names(), err, set.Names())
		}
		for i, one := range []caller.Restrictions{caller.NoDelete, caller.NoExport, caller.OnlyAssigned} {
			if set.Has(one) != slices.Contains(want, names[i]) {
				t.Errorf("%q.Has(%s) = %t", want, names[i], set.Has(one))
			}
		}
	})
}

func TestRestrictionsRefuseWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`["no-delete","read-only"]`, `[""]`, `["NO-DELETE"]`, `"no-delete"`, `{}`, `[1]`, `1`} {
		set := caller.NoExport
		if err := json.Unmarshal([]byte(text), &set); err == nil || set != caller.NoExport {
			t.Errorf("%s reads as %q, %v; want an error and no change", text, set.Names(), err)
		}
	}
	if set, err := caller.ParseRestrictions("no-delete", "later"); err == nil || set != 0 {
		t.Errorf("ParseRestrictions = %q, %v; want an error", set.Names(), err)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ subject, integration bool }{
		"user_1": {true, true}, "a b": {false, true}, "": {false, false}, " a": {false, false}, "a ": {false, false},
		"a\u00a0b": {false, false}, "a\u2028b": {false, false}, "a\tb": {false, false}, "\xff": {false, false},
		"Zoë": {true, true}, "🙂": {true, true}, "a\u0301": {true, true}, "\ufeffa": {false, false},
	} {
		if got := caller.ValidSubject(name); got != test.subject {
			t.Errorf("ValidSubject(%q) = %t", name, got)
		}
		if got := caller.ValidIntegration(name); got != test.integration {
			t.Errorf("ValidIntegration(%q) = %t", name, got)
		}
	}
	if !ulid.Valid("01JD3QZZZZZZZZZZZZZZZZZZZ0") {
		t.Error("the id of these tests is none")
	}
}
