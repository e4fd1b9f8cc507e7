package caller_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"

	"rubrica/shared/caller"
)

// forged is a token that is signed with HMAC under a text that everybody knows.
func forged(header, payload string, secret []byte) string {
	input := b64(header) + "." + b64(payload)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(input))
	return input + "." + b64(string(mac.Sum(nil)))
}

func TestVerifyRefusesAttacks(t *testing.T) {
	t.Parallel()
	rsaKey, ecKey, edKey := newKey(t, "rsa", jose.RS256), newKey(t, "ec", jose.ES256), newKey(t, "ed", jose.EdDSA)
	keys := keySet(t, rsaKey, ecKey, edKey)
	v := verifier(keys)
	evil := newKey(t, "ed", jose.EdDSA) // another key under a known id
	raw, err := json.Marshal(claims(nil))
	check(t, err)
	payload := string(raw)
	good := edKey.sign(t, claims(nil), nil)
	parts := strings.Split(good, ".")
	der, err := x509.MarshalPKIXPublicKey(rsaKey.private.Public())
	check(t, err)
	pemText := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	ownKey, err := evil.public().MarshalJSON()
	check(t, err)
	under := func(k keyPair, id string) keyPair { k.id = id; return k }
	other := func(k keyPair, alg jose.SignatureAlgorithm) keyPair { k.alg = alg; return k }

	for name, test := range map[string]struct{ token, says string }{
		"alg none":                        {b64(`{"alg":"none","kid":"ed"}`) + "." + b64(payload) + ".", "neither"},
		"alg none with a signature":       {b64(`{"alg":"none","kid":"ed"}`) + "." + parts[1] + "." + parts[2], "algorithm"},
		"alg None":                        {b64(`{"alg":"None","kid":"ed"}`) + "." + parts[1] + "." + parts[2], "algorithm"},
		"no alg":                          {b64(`{"kid":"ed"}`) + "." + parts[1] + "." + parts[2], "algorithm"},
		"alg in lower case":               {edKey.signRaw(t, `{"alg":"eddsa","kid":"ed"}`, payload), "algorithm"},
		"alg that is a number":            {edKey.signRaw(t, `{"alg":1,"kid":"ed"}`, payload), "neither"},
		"HS256 with the public PEM":       {forged(`{"alg":"HS256","kid":"rsa"}`, payload, pemText), "algorithm"},
		"HS256 with the public DER":       {forged(`{"alg":"HS256","kid":"rsa"}`, payload, der), "algorithm"},
		"HS256 with the public bytes":     {forged(`{"alg":"HS256","kid":"ed"}`, payload, edKey.private.Public().(ed25519.PublicKey)), "algorithm"},
		"HMAC that claims RS256":          {forged(`{"alg":"RS256","kid":"rsa"}`, payload, pemText), "signature"},
		"HMAC that claims EdDSA":          {forged(`{"alg":"EdDSA","kid":"ed"}`, payload, pemText), "signature"},
		"RS512 with an RS256 key":         {other(rsaKey, jose.RS512).sign(t, claims(nil), nil), "algorithm"},
		"PS256 with an RS256 key":         {other(rsaKey, jose.PS256).sign(t, claims(nil), nil), "algorithm"},
		"EdDSA under the RSA key's id":    {under(edKey, "rsa").sign(t, claims(nil), nil), "another algorithm"},
		"RS256 under the Ed25519 key":     {under(rsaKey, "ed").sign(t, claims(nil), nil), "another algorithm"},
		"ES256 under the RSA key's id":    {under(ecKey, "rsa").sign(t, claims(nil), nil), "another algorithm"},
		"another key under a known id":    {evil.sign(t, claims(nil), nil), "signature"},
		"unknown key id":                  {under(edKey, "new").sign(t, claims(nil), nil), "key"},
		"no key id":                       {under(edKey, "").sign(t, claims(nil), nil), "kid"},
		"key id that is a number":         {edKey.signRaw(t, `{"alg":"EdDSA","kid":1}`, payload), "neither"},
		"embedded jwk":                    {evil.sign(t, claims(nil), map[string]any{"jwk": evil.public()}), "signature"},
		"embedded jwk, unknown id":        {under(evil, "x").sign(t, claims(nil), map[string]any{"jwk": evil.public()}), "key"},
		"embedded private jwk":            {edKey.sign(t, claims(nil), map[string]any{"jwk": map[string]string{"kty": "oct", "k": "AAAA"}}), "neither"},
		"jku":                             {under(evil, "x").sign(t, claims(nil), map[string]any{"jku": "https://evil.example/jwks"}), "key"},
		"x5u":                             {evil.sign(t, claims(nil), map[string]any{"x5u": "https://evil.example/cert"}), "signature"},
		"x5c":                             {evil.sign(t, claims(nil), map[string]any{"x5c": []string{"AAAA"}}), "neither"},
		"crit unknown":                    {edKey.sign(t, claims(nil), map[string]any{"crit": []string{"exp"}, "exp": 1}), "extension"},
		"crit empty":                      {edKey.sign(t, claims(nil), map[string]any{"crit": []string{}}), "extension"},
		"crit null":                       {edKey.signRaw(t, `{"alg":"EdDSA","kid":"ed","crit":null}`, payload), "extension"},
		"crit that is no list":            {edKey.signRaw(t, `{"alg":"EdDSA","kid":"ed","crit":"b64"}`, payload), "extension"},
		"crit b64":                        {edKey.signRaw(t, `{"alg":"EdDSA","kid":"ed","crit":["b64"],"b64":true}`, payload), "extension"},
		"b64 without crit":                {edKey.signRaw(t, `{"alg":"EdDSA","kid":"ed","b64":false}`, payload), "extension"},
		"a logout token":                  {edKey.sign(t, claims(nil), map[string]any{"typ": "logout+jwt"}), "type"},
		"a member twice":                  {edKey.signRaw(t, `{"alg":"EdDSA","kid":"ed","kid":"ed"}`, payload), "neither"},
		"alg twice":                       {edKey.signRaw(t, `{"alg":"none","kid":"ed","alg":"EdDSA"}`, payload), "neither"},
		"header that is no object":        {edKey.signRaw(t, `["EdDSA"]`, payload), "neither"},
		"header with trailing data":       {edKey.signRaw(t, `{"alg":"EdDSA","kid":"ed"}x`, payload), "neither"},
		"header that is not UTF-8":        {edKey.signRaw(t, "{\"alg\":\"EdDSA\",\"kid\":\"ed\",\"x\":\"\xff\"}", payload), "neither"},
		"nested header":                   {edKey.signRaw(t, `{"alg":"EdDSA","kid":"ed","x":`+strings.Repeat("[", 4000), payload), "neither"},
		"changed payload":                 {parts[0] + "." + b64(strings.Replace(payload, "agent", "owner", 1)) + "." + parts[2], "signature"},
		"changed header":                  {b64(`{"alg":"EdDSA","kid":"ed","typ":"JWT"}`) + "." + parts[1] + "." + parts[2], "signature"},
		"short signature":                 {good[:len(good)-4], "signature"},
		"no signature":                    {parts[0] + "." + parts[1] + ".", "neither"},
		"detached payload":                {parts[0] + ".." + parts[2], "neither"},
		"two parts":                       {parts[0] + "." + parts[1], "neither"},
		"five parts, encrypted":           {good + ".AAAA.AAAA", "neither"},
		"JSON serialization":              {`{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`, "neither"},
		"padding":                         {good + "=", "neither"},
		"standard base64":                 {parts[0] + "." + parts[1] + "+/" + "." + parts[2], "neither"},
		"a line break within":             {parts[0] + ".\n" + parts[1] + "." + parts[2], "neither"},
		"a space behind":                  {good + " ", "neither"},
		"too long":                        {good + strings.Repeat("A", caller.MaxToken), "longer"},
		"too long by what it claims":      {edKey.sign(t, claims(map[string]any{"x": strings.Repeat("x", caller.MaxToken)}), nil), "longer"},
		"empty":                           {"", "neither"},
		"dots":                            {"..", "neither"},
		"its own key, known id, jwk text": {forged(`{"alg":"HS256","kid":"ed"}`, payload, ownKey), "algorithm"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, v, test.token, test.says)
		})
	}
}

// What a token says of its key in other ways than kid is not looked at, so that
// one that is signed right stays right.
func TestVerifyIgnoresKeysInTheToken(t *testing.T) {
	t.Parallel()
	key, evil := newKey(t, "k1", jose.EdDSA), newKey(t, "k1", jose.EdDSA)
	v := verifier(keySet(t, key))
	for name, header := range map[string]map[string]any{
		"jwk": {"jwk": evil.public()},
		"jku": {"jku": "https://evil.example/jwks"},
		"x5u": {"x5u": "https://evil.example/cert"},
		"x5t": {"x5t": "AAAA"},
		"typ": {"typ": "application/at+jwt"},
		"JWT": {"typ": "JWT"},
	} {
		if _, err := v.Verify(t.Context(), key.sign(t, claims(nil), header)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVerifyWantsAnIssuerAndAnAudience(t *testing.T) {
	t.Parallel()
	key := newKey(t, "k1", jose.EdDSA)
	for name, v := range map[string]*caller.Verifier{
		"no issuer":   {Audience: audience, Keys: keySet(t, key), Now: atNoon},
		"no audience": {Issuer: issuerName, Keys: keySet(t, key), Now: atNoon},
		"neither":     {Now: atNoon},
	} {
		token := key.sign(t, claims(map[string]any{"iss": v.Issuer, "aud": v.Audience}), nil)
		t.Run(name, func(t *testing.T) { refused(t, v, token, "API tokens") })
	}
}

// Keys of an issuer that the deployment no longer trusts verify nothing, even
// for tokens that claim the right issuer.
func TestVerifyRefusesKeysOfAnotherIssuer(t *testing.T) {
	t.Parallel()
	key := newKey(t, "k1", jose.EdDSA)
	set, err := caller.NewKeySet("https://former.example", jwksOf(t, key))
	check(t, err)
	refused(t, verifier(set), key.sign(t, claims(nil), nil), "key")
}

// RSA keys verify RS256 alone, which the signature's digest must be too.
func TestVerifyBindsTheDigest(t *testing.T) {
	t.Parallel()
	key := newKey(t, "k1", jose.RS256)
	raw, err := json.Marshal(claims(nil))
	check(t, err)
	v := verifier(keySet(t, key))
	if _, err := v.Verify(t.Context(), key.signDigest(t, `{"alg":"RS256","kid":"k1"}`, string(raw))); err != nil {
		t.Errorf("RS256 by hand: %v", err)
	}
	refused(t, v, key.signDigest(t, `{"alg":"ES256","kid":"k1"}`, string(raw)), "another algorithm")
	if bits := key.private.Public().(*rsa.PublicKey).N.BitLen(); bits != 2048 {
		t.Errorf("the key has %d bits, want the smallest that is accepted", bits)
	}
}
