package caller_test

import (
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/caller"
	"rubrica/shared/problem"
	"rubrica/shared/tenant"
)

func workspace(t testing.TB, name string) tenant.Workspace {
	t.Helper()
	ws, err := tenant.Parse(name)
	check(t, err)
	return ws
}

func TestVerifyAcceptsEachAlgorithm(t *testing.T) {
	t.Parallel()
	for _, alg := range []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.EdDSA} {
		t.Run(string(alg), func(t *testing.T) {
			t.Parallel()
			key := newKey(t, "k1", alg)
			v := verifier(keySet(t, newKey(t, "k0", jose.EdDSA), key))
			token := key.sign(t, claims(nil), nil)
			want := caller.Caller{Subject: "user_1", Workspace: workspace(t, "acme"), Role: caller.Agent}
			for _, which := range []string{"cold", "warm"} {
				got, err := v.Verify(t.Context(), token)
				if err != nil || got != want {
					t.Errorf("%s: Verify = %+v, %v; want %+v", which, got, err, want)
				}
			}
		})
	}
}

func TestVerifyReadsClaims(t *testing.T) {
	t.Parallel()
	key := newKey(t, "k1", jose.EdDSA)
	keys := keySet(t, key)
	base := caller.Caller{Subject: "user_1", Workspace: workspace(t, "acme"), Role: caller.Agent}
	with := func(change func(*caller.Caller)) caller.Caller {
		c := base
		change(&c)
		return c
	}
	all := caller.NoDelete | caller.NoExport | caller.OnlyAssigned
	for name, test := range map[string]struct {
		claims map[string]any
		want   caller.Caller
	}{
		"plain":                 {nil, base},
		"owner":                 {map[string]any{"role": "owner"}, with(func(c *caller.Caller) { c.Role = caller.Owner })},
		"manager":               {map[string]any{"role": "manager"}, with(func(c *caller.Caller) { c.Role = caller.Manager })},
		"restrictions as list":  {map[string]any{"restrictions": []string{"only-assigned", "no-delete", "no-export"}}, with(func(c *caller.Caller) { c.Restrictions = all })},
		"restrictions as text":  {map[string]any{"restrictions": "no-delete, no-export,only-assigned"}, with(func(c *caller.Caller) { c.Restrictions = all })},
		"one restriction":       {map[string]any{"restrictions": "no-export"}, with(func(c *caller.Caller) { c.Restrictions = caller.NoExport })},
		"a restriction twice":   {map[string]any{"restrictions": []string{"no-export", "no-export"}}, with(func(c *caller.Caller) { c.Restrictions = caller.NoExport })},
		"no restrictions":       {map[string]any{"restrictions": []string{}}, base},
		"blank restrictions":    {map[string]any{"restrictions": " "}, base},
		"null restrictions":     {map[string]any{"restrictions": jsontext.Value("null")}, base},
		"integration":           {map[string]any{"integration": "SAP CRM"}, with(func(c *caller.Caller) { c.Integration = "SAP CRM" })},
		"no integration":        {map[string]any{"integration": ""}, base},
		"several audiences":     {map[string]any{"aud": []string{"other", audience}}, base},
		"longest subject":       {map[string]any{"sub": strings.Repeat("u", 255)}, with(func(c *caller.Caller) { c.Subject = strings.Repeat("u", 255) })},
		"subject of a provider": {map[string]any{"sub": "auth0|Zoë"}, with(func(c *caller.Caller) { c.Subject = "auth0|Zoë" })},
		"unknown claims":        {map[string]any{"scope": "openid", "Role": "owner", "nested": map[string]any{"role": "owner"}}, base},
		"just valid":            {map[string]any{"nbf": noon.Add(60 * time.Second).Unix(), "iat": noon.Add(60 * time.Second).Unix()}, base},
		"nearly expired":        {map[string]any{"exp": float64(noon.UnixMilli()+1) / 1000}, base},
		"no iat":                {map[string]any{"iat": nil}, base},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := verifier(keys).Verify(t.Context(), key.sign(t, claims(test.claims), nil))
			if err != nil || got != test.want {
				t.Errorf("Verify = %+v, %v; want %+v", got, err, test.want)
			}
		})
	}
}

func TestVerifyTakesNamesOfClaims(t *testing.T) {
	t.Parallel()
	key := newKey(t, "k1", jose.EdDSA)
	v := verifier(keySet(t, key))
	v.Claims = caller.ClaimNames{
		Subject: "email", Workspace: "https://rubrica.example/ws", Role: "custom:role",
		Restrictions: "custom:limits", Integration: "azp",
	}
	token := key.sign(t, claims(map[string]any{
		"email": "ann@example.com", "https://rubrica.example/ws": "beta", "custom:role": "owner",
		"custom:limits": "no-delete", "azp": "erp",
		// the standard names mean nothing now
		"restrictions": "nonsense", "integration": 7,
	}), nil)
	got, err := v.Verify(t.Context(), token)
	want := caller.Caller{
		Subject: "ann@example.com", Workspace: workspace(t, "beta"), Role: caller.Owner,
		Restrictions: caller.NoDelete, Integration: "erp",
	}
	if err != nil || got != want {
		t.Errorf("Verify = %+v, %v; want %+v", got, err, want)
	}
	if _, err := v.Verify(t.Context(), key.sign(t, claims(nil), nil)); !problem.Is(err, problem.Unauthenticated) {
		t.Errorf("a token with the standard names alone: %v, want unauthenticated", err)
	}
}

func TestVerifyRefusesClaims(t *testing.T) {
	t.Parallel()
	key := newKey(t, "k1", jose.EdDSA)
	keys := keySet(t, key)
	null := jsontext.Value("null")
	for name, test := range map[string]struct {
		claims map[string]any
		says   string // in the detail
	}{
		"expired":                    {map[string]any{"exp": noon.Unix()}, "expired"},
		"long expired":               {map[string]any{"exp": noon.Add(-time.Hour).Unix()}, "expired"},
		"no expiry":                  {map[string]any{"exp": nil}, "no expiry"},
		"null expiry":                {map[string]any{"exp": null}, "no expiry"},
		"expiry as text":             {map[string]any{"exp": "1900000000"}, "malformed"},
		"expiry beyond time":         {map[string]any{"exp": 1e300}, "malformed"},
		"expiry before time":         {map[string]any{"exp": -1}, "malformed"},
		"expiry in milliseconds":     {map[string]any{"exp": noon.UnixMilli()}, "malformed"},
		"not before beyond time":     {map[string]any{"nbf": 9.3e18}, "malformed"},
		"not yet valid":              {map[string]any{"nbf": noon.Add(61 * time.Second).Unix()}, "not valid yet"},
		"issued in the future":       {map[string]any{"iat": noon.Add(61 * time.Second).Unix()}, "not valid yet"},
		"another issuer":             {map[string]any{"iss": "https://evil.example"}, "another issuer"},
		"the issuer with a slash":    {map[string]any{"iss": issuerName + "/"}, "another issuer"},
		"no issuer":                  {map[string]any{"iss": nil}, "another issuer"},
		"another audience":           {map[string]any{"aud": "billing"}, "another audience"},
		"a part of the audience":     {map[string]any{"aud": "rubric"}, "another audience"},
		"no audience":                {map[string]any{"aud": nil}, "another audience"},
		"empty audience":             {map[string]any{"aud": []string{}}, "another audience"},
		"numbers as audience":        {map[string]any{"aud": []int{1}}, "malformed"},
		"no subject":                 {map[string]any{"sub": nil}, "user"},
		"empty subject":              {map[string]any{"sub": ""}, "user"},
		"long subject":               {map[string]any{"sub": strings.Repeat("u", 256)}, "user"},
		"subject with a space":       {map[string]any{"sub": "user 1"}, "user"},
		"subject with a line":        {map[string]any{"sub": "user\n1"}, "user"},
		"subject with NUL":           {map[string]any{"sub": "user\x00"}, "user"},
		"invisible subject":          {map[string]any{"sub": "user\u200b"}, "user"},
		"reversed subject":           {map[string]any{"sub": "user\u202e1"}, "user"},
		"number as subject":          {map[string]any{"sub": 7}, "user"},
		"subject of an API token":    {map[string]any{"sub": "token_01JD3QZZZZZZZZZZZZZZZZZZZ0"}, "user"},
		"no workspace":               {map[string]any{"workspace": nil}, "workspace"},
		"null workspace":             {map[string]any{"workspace": null}, "workspace"},
		"several workspaces":         {map[string]any{"workspace": []string{"acme", "beta"}}, "workspace"},
		"a list of one workspace":    {map[string]any{"workspace": []string{"acme"}}, "workspace"},
		"workspaces with a comma":    {map[string]any{"workspace": "acme,beta"}, "workspace"},
		"workspace in capitals":      {map[string]any{"workspace": "Acme"}, "workspace"},
		"the system's workspace":     {map[string]any{"workspace": "_system"}, "workspace"},
		"workspace with a slash":     {map[string]any{"workspace": "acme/tokens"}, "workspace"},
		"everybody's workspace":      {map[string]any{"workspace": "*"}, "workspace"},
		"short workspace":            {map[string]any{"workspace": "a"}, "workspace"},
		"long workspace":             {map[string]any{"workspace": strings.Repeat("a", 64)}, "workspace"},
		"no role":                    {map[string]any{"role": nil}, "role"},
		"unknown role":               {map[string]any{"role": "admin"}, "role"},
		"role in capitals":           {map[string]any{"role": "Owner"}, "role"},
		"role with a space":          {map[string]any{"role": "owner "}, "role"},
		"list of roles":              {map[string]any{"role": []string{"owner"}}, "role"},
		"unknown restriction":        {map[string]any{"restrictions": []string{"no-delete", "read-only"}}, "restriction"},
		"unknown restriction, text":  {map[string]any{"restrictions": "no-delete,read-only"}, "restriction"},
		"restriction in capitals":    {map[string]any{"restrictions": []string{"No-Delete"}}, "restriction"},
		"blank among restrictions":   {map[string]any{"restrictions": "no-delete,,no-export"}, "restriction"},
		"empty text as restriction":  {map[string]any{"restrictions": []string{""}}, "restriction"},
		"list in list":               {map[string]any{"restrictions": []any{[]string{"no-delete"}}}, "restriction"},
		"number as restriction":      {map[string]any{"restrictions": 1}, "restriction"},
		"object as restrictions":     {map[string]any{"restrictions": map[string]any{"no-delete": true}}, "restriction"},
		"false as restrictions":      {map[string]any{"restrictions": false}, "restriction"},
		"long integration":           {map[string]any{"integration": strings.Repeat("i", 65)}, "integration"},
		"integration with a control": {map[string]any{"integration": "sap\t"}, "integration"},
		"integration with a margin":  {map[string]any{"integration": " sap"}, "integration"},
		"list of integrations":       {map[string]any{"integration": []string{"sap"}}, "integration"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token := key.sign(t, claims(test.claims), nil)
			refused(t, verifier(keys), token, test.says)
		})
	}
}

func TestVerifyRefusesPayloads(t *testing.T) {
	t.Parallel()
	key := newKey(t, "k1", jose.EdDSA)
	keys := keySet(t, key)
	good := `"iss":"https://id.example","aud":"rubrica","exp":4000000000,"sub":"user_1","workspace":"acme"`
	if _, err := verifier(keys).Verify(t.Context(), key.signRaw(t, `{"alg":"EdDSA","kid":"k1"}`, `{`+good+`,"role":"agent"}`)); err != nil {
		t.Fatalf("the good payload: %v", err)
	}
	for name, payload := range map[string]string{
		"role twice":         `{` + good + `,"role":"agent","role":"owner"}`,
		"expiry twice":       `{` + good + `,"role":"agent","exp":4000000001}`,
		"not UTF-8":          `{` + good + ",\"role\":\"agent\",\"x\":\"\xff\"}",
		"half a pair":        `{` + good + `,"role":"agent","x":"\ud800"}`,
		"trailing data":      `{` + good + `,"role":"agent"} {}`,
		"an array":           `[{` + good + `,"role":"agent"}]`,
		"null":               `null`,
		"nothing":            ``,
		"role in other case": `{` + good + `,"ROLE":"agent"}`,
		"nested too deep":    `{` + good + `,"role":"agent","x":` + strings.Repeat("[", 2000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, verifier(keys), key.signRaw(t, `{"alg":"EdDSA","kid":"k1"}`, payload), "")
		})
	}
}

// What was verified is remembered no longer than it is valid.
func TestVerifyForgetsWhatExpired(t *testing.T) {
	t.Parallel()
	key, clock := newKey(t, "k1", jose.EdDSA), newClock()
	v := verifier(keySet(t, key))
	v.Now = clock.now
	token := key.sign(t, claims(map[string]any{"exp": noon.Add(time.Minute).Unix()}), nil)
	for range 2 {
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	clock.pass(time.Minute - time.Millisecond)
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Error(err)
	}
	clock.pass(time.Millisecond)
	refused(t, v, token, "expired")
}

// refused fails the test unless the token is a 401 whose detail says what is
// wrong; and no error may repeat any part of a token.
func refused(t *testing.T, v *caller.Verifier, token, says string) {
	t.Helper()
	for range 2 { // a refusal must not be remembered as a success
		got, err := v.Verify(t.Context(), token)
		if !problem.Is(err, problem.Unauthenticated) || got != (caller.Caller{}) {
			t.Fatalf("Verify = %+v, %v; want unauthenticated", got, err)
		}
		if !strings.Contains(err.Error(), says) {
			t.Errorf("the detail %q does not say %q", err, says)
		}
		for _, part := range strings.Split(token, ".") {
			if len(part) > 8 && strings.Contains(err.Error(), part) {
				t.Errorf("the error %q repeats the token", err)
			}
		}
	}
}
