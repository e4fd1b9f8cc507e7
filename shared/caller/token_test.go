package caller_test

import (
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rubrica/shared/caller"
	"rubrica/shared/instant"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// issued is an API token with its record, as the route that makes tokens has it.
func issued(t testing.TB, ws tenant.Workspace) (text string, record caller.TokenRecord) {
	t.Helper()
	id := ulid.NewSource(time.Now).New()
	text, hash := caller.NewToken(ws, id)
	return text, caller.TokenRecord{
		ID: id, Name: "till", Role: caller.Manager, Restrictions: caller.NoExport,
		Hash: hash, CreatedAt: instant.Of(noon), CreatedBy: "user_1",
	}
}

// stored is the record's row as a table returns it.
func stored(t testing.TB, ws tenant.Workspace, record caller.TokenRecord) table.Row {
	t.Helper()
	row, err := record.Row(ws)
	check(t, err)
	row.Rev = "r1"
	return row
}

func TestTokenIsChecked(t *testing.T) {
	t.Parallel()
	acme, beta := workspace(t, "acme"), workspace(t, "beta")
	text, record := issued(t, acme)
	token, err := caller.ParseToken(text)
	check(t, err)
	if token.Workspace != acme || token.ID != record.ID || token.Key() != caller.TokenKey(acme, record.ID) {
		t.Fatalf("ParseToken = %+v, want the token %s of acme", token, record.ID)
	}
	with := func(change func(*caller.TokenRecord)) caller.TokenRecord {
		r := record
		change(&r)
		return r
	}
	good := caller.Caller{
		Subject: "token_" + record.ID, Workspace: acme, Role: caller.Manager, Restrictions: caller.NoExport, TokenID: record.ID,
	}
	integration := good
	integration.Integration = "sap"
	_, otherHash := caller.NewToken(acme, record.ID)
	inBeta, err := caller.ParseToken(strings.Replace(text, "acme", "acmf", 1))
	if err == nil {
		t.Errorf("another workspace in the text: %+v, want mistyped", inBeta)
	}

	for name, test := range map[string]struct {
		row  table.Row
		want caller.Caller
		kind problem.Kind // of the refusal
	}{
		"good":                {stored(t, acme, record), good, ""},
		"of an integration":   {stored(t, acme, with(func(r *caller.TokenRecord) { r.Integration = "sap" })), integration, ""},
		"not yet expired":     {stored(t, acme, with(func(r *caller.TokenRecord) { r.ExpiresAt = instant.Of(noon) + 1 })), good, ""},
		"expired":             {stored(t, acme, with(func(r *caller.TokenRecord) { r.ExpiresAt = instant.Of(noon) })), caller.Caller{}, problem.Unauthenticated},
		"revoked":             {table.Row{}, caller.Caller{}, problem.Unauthenticated},
		"another secret":      {stored(t, acme, with(func(r *caller.TokenRecord) { r.Hash = otherHash })), caller.Caller{}, problem.Unauthenticated},
		"no hash":             {stored(t, acme, with(func(r *caller.TokenRecord) { r.Hash = caller.TokenHash{} })), caller.Caller{}, problem.Internal},
		"no role":             {stored(t, acme, with(func(r *caller.TokenRecord) { r.Role = "" })), caller.Caller{}, problem.Internal},
		"a role of later":     {stored(t, acme, with(func(r *caller.TokenRecord) { r.Role = "auditor" })), caller.Caller{}, problem.Internal},
		"another workspace's": {stored(t, beta, record), caller.Caller{}, problem.Internal},
		"a schema of later":   {func() table.Row { r := stored(t, acme, record); r.Schema = 2; return r }(), caller.Caller{}, problem.Internal},
		"a restriction of later": {func() table.Row {
			r := stored(t, acme, record)
			r.Doc = []byte(strings.Replace(string(r.Doc), "no-export", "no-sleep", 1))
			return r
		}(), caller.Caller{}, problem.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := token.Check(test.row, noon)
			if got != test.want {
				t.Errorf("Check = %+v, want %+v", got, test.want)
			}
			if test.kind == "" && err != nil || test.kind != "" && problem.Of(err).Kind != test.kind {
				t.Errorf("Check: %v, want %q", err, test.kind)
			}
		})
	}
}

// A caller must not learn whether a token was revoked or never was.
func TestUnknownTokensAreIndistinguishable(t *testing.T) {
	t.Parallel()
	ws := workspace(t, "acme")
	text, record := issued(t, ws)
	token, err := caller.ParseToken(text)
	check(t, err)
	_, absent := token.Check(table.Row{}, noon)
	_, record.Hash = caller.NewToken(ws, record.ID)
	record.ExpiresAt = 1 // not told to whom does not have the secret
	_, wrong := token.Check(stored(t, ws, record), noon)
	if diff := cmp.Diff(string(problem.Of(absent).Document("i")), string(problem.Of(wrong).Document("i"))); diff != "" {
		t.Errorf("the answers differ:\n%s", diff)
	}
}

// Every slip of the finger is noticed without a read: one character changed,
// left out, doubled, in the other case, or two neighbours swapped.
func TestTokenTyposAreNoticed(t *testing.T) {
	t.Parallel()
	text, _ := issued(t, workspace(t, "acme-7"))
	characters := rapid.RuneFrom([]rune("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_-. \n\x00é"))
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(text)-2).Draw(t, "at")
		var typo string
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			typo = text[:at] + string(characters.Draw(t, "instead")) + text[at+1:]
		case 1:
			typo = text[:at] + text[at+1:]
		case 2:
			typo = text[:at] + string(characters.Draw(t, "more")) + text[at:]
		case 3:
			typo = text[:at] + text[at+1:at+2] + text[at:at+1] + text[at+2:]
		case 4:
			typo = text[:at] + swapCase(text[at:at+1]) + text[at+1:]
		}
		if _, err := caller.ParseToken(typo); typo != text && !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("%q for %q: %v, want unauthenticated", typo, text, err)
		}
	})
	if _, err := caller.ParseToken(text); err != nil {
		t.Error(err)
	}
}

func swapCase(s string) string {
	if upper := strings.ToUpper(s); upper != s {
		return upper
	}
	return strings.ToLower(s)
}

func TestParseTokenRefuses(t *testing.T) {
	t.Parallel()
	text, _ := issued(t, workspace(t, "acme"))
	secret := text[strings.LastIndex(text, "_")+1:]
	if len(secret) != 64 || strings.ToLower(secret) != secret {
		t.Fatalf("the secret is %q, want 64 characters in lower case", secret)
	}
	for says, texts := range map[string][]string{
		"not whole": {
			"", "rub_", "rub____", "rub_acme", "rub_acme_", text + "a", text + "_", text + "_x", text[:len(text)-1], text[1:],
			"RUB" + text[3:], " " + text, text + "\n", strings.Replace(text, "_acme_", "__", 1),
			strings.Replace(text, "_acme_", "__system_", 1), strings.Replace(text, "_acme_", "_"+strings.Repeat("a", 64)+"_", 1),
			strings.Replace(text, secret, secret[:63], 1),
		},
		"mistyped": {
			strings.Replace(text, secret, strings.ToUpper(secret), 1), strings.Replace(text, secret, strings.Repeat("a", 64), 1),
			strings.Replace(text, secret, strings.Repeat("\n", 64), 1), strings.Replace(text, secret, secret[:56]+"========", 1),
			strings.Replace(text, "_acme_", "_acne_", 1),
		},
	} {
		for _, bad := range texts {
			got, err := caller.ParseToken(bad)
			if !problem.Is(err, problem.Unauthenticated) || !strings.Contains(err.Error(), says) || got != (caller.ParsedToken{}) {
				t.Errorf("%q: %+v, %v; want %q", bad, got, err, says)
			}
		}
	}
}

func TestTokensDiffer(t *testing.T) {
	t.Parallel()
	ws := workspace(t, "acme")
	id := ulid.NewSource(time.Now).New()
	seen := map[string]bool{}
	for range 100 {
		text, hash := caller.NewToken(ws, id)
		if hash != caller.TokenHash(sha256.Sum256([]byte(text))) {
			t.Fatal("the hash is not the text's")
		}
		seen[text] = true
	}
	if len(seen) != 100 {
		t.Errorf("%d different tokens of 100", len(seen))
	}
}

// The stored form is a contract with rows that exist.
func TestTokenRecordForm(t *testing.T) {
	t.Parallel()
	ws := workspace(t, "acme")
	record := caller.TokenRecord{
		ID: "01JD3QZZZZZZZZZZZZZZZZZZZ0", Name: "till", Role: caller.Agent, Restrictions: caller.NoDelete | caller.OnlyAssigned,
		Integration: "sap", Hash: caller.TokenHash(sha256.Sum256([]byte("x"))), CreatedAt: instant.Of(noon), CreatedBy: "user_1",
		ExpiresAt: instant.Of(noon.Add(time.Hour)), LastUsed: "2026-11-20",
	}
	row, err := record.Row(ws)
	check(t, err)
	const want = `{"id":"01JD3QZZZZZZZZZZZZZZZZZZZ0","name":"till","role":"agent","restrictions":["no-delete","only-assigned"],` +
		`"integration":"sap","hash":"LXEWQrcmsEQBYnyp-6wy9chTD7GQPMTbAiWHF5IaSIE","createdAt":"2026-11-20T12:00:00.000Z",` +
		`"createdBy":"user_1","expiresAt":"2026-11-20T13:00:00.000Z","lastUsed":"2026-11-20"}`
	if diff := cmp.Diff(want, string(row.Doc)); diff != "" {
		t.Errorf("stored form (-want +got):\n%s", diff)
	}
	if row.Schema != 1 || row.Key != caller.TokenKey(ws, record.ID) || row.Key.PK() != "acme/tokens" {
		t.Errorf("row %s with schema %d", row.Key, row.Schema)
	}
	back, err := caller.ReadToken(row)
	if err != nil || back != record {
		t.Errorf("ReadToken = %+v, %v; want %+v", back, err, record)
	}
	for _, doc := range []string{`{}`, `[]`, ``, strings.Replace(want, `"LX`, `"`, 1), strings.Replace(want, "01JD3", "x", 1), strings.Replace(want, `"sap"`, `" "`, 1)} {
		row.Doc = []byte(doc)
		if got, err := caller.ReadToken(row); err == nil {
			t.Errorf("%s reads as %+v, want an error", doc, got)
		}
	}
}

func TestTokenUsedOn(t *testing.T) {
	t.Parallel()
	var record caller.TokenRecord
	for _, step := range []struct {
		at      time.Time
		want    string
		changed bool
	}{
		{noon, "2026-11-20", true},
		{noon.Add(11 * time.Hour), "2026-11-20", false},
		{noon.Add(13 * time.Hour).In(time.FixedZone("", -5*3600)), "2026-11-21", true}, // days are UTC's
		{noon, "2026-11-21", false},                                                    // a clock that lags
	} {
		next, changed := record.UsedOn(step.at)
		if next.LastUsed != step.want || changed != step.changed {
			t.Errorf("UsedOn(%s) = %s, %t; want %s, %t", step.at, next.LastUsed, changed, step.want, step.changed)
		}
		record = next
	}
}

func TestTokenHashText(t *testing.T) {
	t.Parallel()
	hash := caller.TokenHash(sha256.Sum256([]byte("x")))
	for _, text := range []string{`""`, `"LXEW"`, `"LXEWQrcmsEQBYnyp-6wy9chTD7GQPMTbAiWHF5IaSIF"`, `"LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE"`, `1`} {
		got := hash
		if err := json.Unmarshal([]byte(text), &got); err == nil || got != hash {
			t.Errorf("%s: %v, want an error and no change", text, err)
		}
	}
}
