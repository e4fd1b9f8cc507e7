package issuer_test

import (
	"testing"
	"time"

	"rubrica/shared/caller"
	"rubrica/shared/caller/issuer"
	"rubrica/shared/problem"
	"rubrica/shared/tenant"
)

var claims = issuer.Claims{
	Subject: "user_1", Workspace: "demo", Role: "agent", Restrictions: []string{"no-export"}, Integration: "sap",
}

func newIssuer(t *testing.T) *issuer.Issuer {
	t.Helper()
	i, err := issuer.New("http://127.0.0.1/local", "rubrica")
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestSignedTokensVerify(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	token, err := i.Sign(claims, time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	ws, err := tenant.Parse("demo")
	if err != nil {
		t.Fatal(err)
	}
	want := caller.Caller{Subject: "user_1", Workspace: ws, Role: caller.Agent, Restrictions: caller.NoExport, Integration: "sap"}
	if got, err := i.Verifier().Verify(t.Context(), token); err != nil || got != want {
		t.Errorf("Verify = %+v, %v; want %+v", got, err, want)
	}
	if _, err := newIssuer(t).Verifier().Verify(t.Context(), token); !problem.Is(err, problem.Unauthenticated) {
		t.Errorf("Verify by another issuer of the same name: %v, want unauthenticated", err)
	}
}

// The smallest lifetime is kept to the millisecond.
func TestTokensExpireOnTime(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	start := time.Date(2026, 11, 20, 12, 0, 0, 999_000_000, time.UTC)
	token, err := i.Sign(claims, start, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]bool{0: true, 999 * time.Millisecond: true, time.Second: false, time.Hour: false} {
		v := i.Verifier()
		v.Now = func() time.Time { return start.Add(after) }
		if _, err := v.Verify(t.Context(), token); (err == nil) != want {
			t.Errorf("after %s: %v, want valid: %t", after, err, want)
		}
	}
}

func TestRestoreKeepsTheKey(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	key, err := i.PrivateKey()
	if err != nil {
		t.Fatal(err)
	}
	again, err := issuer.Restore("http://127.0.0.1/local", "rubrica", key)
	if err != nil {
		t.Fatal(err)
	}
	if again.KeySet().Generation() != i.KeySet().Generation() {
		t.Error("the restored issuer has another key")
	}
	token, err := again.Sign(claims, time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.Verifier().Verify(t.Context(), token); err != nil {
		t.Errorf("a token of the restored issuer: %v", err)
	}
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{
		"nothing": "", "no JSON": "x", "public": `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`,
		"symmetric": `{"kty":"oct","k":"AAAA"}`,
	} {
		if _, err := issuer.Restore("i", "a", []byte(key)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
