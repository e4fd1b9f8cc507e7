package caller_test

import (
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"rubrica/shared/caller"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

func TestAuthenticateWithJWT(t *testing.T) {
	t.Parallel()
	key := newKey(t, "k1", jose.EdDSA)
	v := verifier(keySet(t, key))
	for _, scheme := range []string{"Bearer ", "bearer ", "BEARER "} {
		claim, err := v.Authenticate(t.Context(), scheme+key.sign(t, claims(nil), nil))
		check(t, err)
		if _, ok := claim.TokenKey(); ok {
			t.Error("a JWT wants a row")
		}
		got, err := claim.Caller(table.Row{}, noon)
		want := caller.Caller{Subject: "user_1", Workspace: workspace(t, "acme"), Role: caller.Agent}
		if err != nil || got != want || claim.Workspace() != want.Workspace || claim.Scope() != want.Scope() || claim.Subject() != want.Subject {
			t.Errorf("Caller = %+v of %s, %v; want %+v", got, claim.Workspace(), err, want)
		}
	}
}

func TestAuthenticateWithToken(t *testing.T) {
	t.Parallel()
	ws := workspace(t, "acme")
	text, record := issued(t, ws)
	for name, v := range map[string]*caller.Verifier{
		"beside an identity provider": verifier(keySet(t)),
		"without one":                 {},
	} {
		claim, err := v.Authenticate(t.Context(), "Bearer "+text)
		check(t, err)
		key, ok := claim.TokenKey()
		if !ok || key != caller.TokenKey(ws, record.ID) || claim.Workspace() != ws {
			t.Errorf("%s: row %s of %s", name, key, claim.Workspace())
		}
		for _, record.Integration = range []string{"", "sap"} { // what the row says changes no scope
			got, err := claim.Caller(stored(t, ws, record), noon)
			if err != nil || got.TokenID != record.ID || got.Role != record.Role || got.Integration != record.Integration {
				t.Errorf("%s: Caller = %+v, %v", name, got, err)
			}
			if got.Scope() != claim.Scope() || got.Subject != claim.Subject() {
				t.Errorf("%s: scope %q of %q, but %q of %q by its header", name, got.Scope(), got.Subject, claim.Scope(), claim.Subject())
			}
		}
		if got, err := claim.Caller(table.Row{}, noon); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("%s: without its row: %+v, %v", name, got, err)
		}
	}
}

func TestAuthenticateRefusesHeaders(t *testing.T) {
	t.Parallel()
	key := newKey(t, "k1", jose.EdDSA)
	v := verifier(keySet(t, key))
	jwt := key.sign(t, claims(nil), nil)
	text, _ := issued(t, workspace(t, "acme"))
	for _, header := range []string{
		"", " ", "Bearer", "Bearer ", "Bearer  " + jwt, "Bearer\t" + jwt, jwt, text, "Basic " + jwt, "Token " + text,
		" Bearer " + jwt, "Bearer " + jwt + " ", "Bearer " + jwt + ", Bearer " + jwt, "Bearer " + jwt + " " + jwt,
		"Bearer Bearer " + jwt, "Bearer rub_", "Bearer RUB_x", "Bearer " + strings.Repeat("a", 1<<20), strings.Repeat("a", 1<<20),
		"Bearer rub_" + strings.Repeat("_", 8000),
	} {
		claim, err := v.Authenticate(t.Context(), header)
		if !problem.Is(err, problem.Unauthenticated) || claim != (caller.Claim{}) {
			t.Errorf("%.60q: %+v, %v; want unauthenticated", header, claim, err)
		}
	}
}

// A long header is refused by its length, whatever is in it.
func TestAuthenticateRefusesLongHeaders(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"Bearer rub_", "Bearer ", "Basic ", ""} {
		header += strings.Repeat("a", len("Bearer ")+caller.MaxToken+1)
		_, err := verifier(nil).Authenticate(t.Context(), header)
		if !problem.Is(err, problem.Unauthenticated) || !strings.Contains(err.Error(), "header is longer") {
			t.Errorf("%.20q: %v, want unauthenticated", header, err)
		}
	}
}

// A Claim that was not made by Authenticate is nobody.
func TestZeroClaim(t *testing.T) {
	t.Parallel()
	var claim caller.Claim
	if got, err := claim.Caller(table.Row{}, noon); !problem.Is(err, problem.Unauthenticated) {
		t.Errorf("Caller = %+v, %v; want unauthenticated", got, err)
	}
	if !claim.Workspace().IsZero() {
		t.Error("it has a workspace")
	}
}

// Whatever the header, there is no panic, no caller without a workspace and a
// role, and no workspace that a token cannot name.
func FuzzAuthenticate(f *testing.F) {
	key := newKey(f, "k1", jose.EdDSA)
	v := verifier(keySet(f, key, newKey(f, "k2", jose.RS256), newKey(f, "k3", jose.ES256)))
	ws, err := tenant.Parse("acme")
	check(f, err)
	text, _ := issued(f, ws)
	jwt := key.sign(f, claims(nil), nil)
	for _, seed := range []string{
		"", "Bearer ", "Bearer " + jwt, "Bearer " + text, "Bearer rub_acme_", "Bearer a.b.c", "Bearer ...", "Basic x",
		"Bearer " + b64(`{"alg":"none"}`) + ".e30.", "Bearer " + b64(`{"alg":"ES256","kid":"k3"}`) + ".e30.AAAA",
		"Bearer " + b64(`{"alg":"RS256","kid":"k2","crit":[]}`) + ".e30.AAAA", "Bearer " + b64(`{"alg":"EdDSA","kid":"k1","jwk":{}}`) + ".e30.AAAA",
		"Bearer " + key.signRaw(f, `{"alg":"EdDSA","kid":"k1"}`, `{"exp":1e999}`),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		claim, err := v.Authenticate(t.Context(), header)
		if err != nil {
			if !problem.Is(err, problem.Unauthenticated) || claim != (caller.Claim{}) {
				t.Errorf("%+v, %v; want unauthenticated", claim, err)
			}
			return
		}
		if _, err := tenant.Parse(claim.Workspace().String()); err != nil {
			t.Error(err)
		}
		if _, isToken := claim.TokenKey(); isToken {
			return
		}
		if c, err := claim.Caller(table.Row{}, noon); err != nil || !c.Role.Valid() || !caller.ValidSubject(c.Subject) {
			t.Errorf("Caller = %+v, %v", c, err)
		}
	})
}
