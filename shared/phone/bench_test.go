package phone_test

import (
	"testing"

	"rubrica/shared/phone"
)

func BenchmarkParse(b *testing.B) {
	for _, s := range []string{"+393514117320", "+5511969152520", "+551187654321", "+5215512345678", "+12015546938", "+39 312 583 9724", "+39312"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = phone.Parse(s)
			}
		})
	}
}
