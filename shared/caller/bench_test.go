package caller_test

import (
	"testing"

	"github.com/go-jose/go-jose/v4"

	"rubrica/shared/caller"
)

func BenchmarkVerify(b *testing.B) {
	for _, alg := range []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.EdDSA} {
		key := newKey(b, "k1", alg)
		keys, token := keySet(b, key), key.sign(b, claims(nil), nil)
		b.Run(string(alg)+"/cold", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := verifier(keys).Verify(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(string(alg)+"/warm", func(b *testing.B) {
			b.ReportAllocs()
			v, header := verifier(keys), "Bearer "+token
			for b.Loop() {
				if _, err := v.Authenticate(b.Context(), header); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkToken(b *testing.B) {
	text, record := issued(b, workspace(b, "acme"))
	row := stored(b, workspace(b, "acme"), record)
	var v caller.Verifier
	header := "Bearer " + text
	b.ReportAllocs()
	for b.Loop() {
		claim, err := v.Authenticate(b.Context(), header)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := claim.Caller(row, noon); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMalformed(b *testing.B) {
	v := verifier(keySet(b))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Authenticate(b.Context(), "Bearer nonsense"); err == nil {
			b.Fatal("accepted")
		}
	}
}
