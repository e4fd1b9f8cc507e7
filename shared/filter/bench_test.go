package filter_test

import "testing"

// BenchmarkMatch is what a job or a search pays for each contact.
func BenchmarkMatch(b *testing.B) {
	for name, raw := range map[string]string{
		"text":   leafOf(`city eq "Torino"`),
		"day":    leafOf(`createdAt after "2026-11-21"`),
		"number": leafOf(`fields.score gt 20`),
		"tag":    leafOf(`tag eq "customer"`),
		"money":  leafOf(`fields.budget gt {"amount":"20","currency":"EUR"}`),
	} {
		b.Run(name, func(b *testing.B) {
			f, c, t := must(b, raw), maria(b), terms()
			b.ReportAllocs()
			for b.Loop() {
				f.Match(c, t)
			}
		})
	}
}
