package format_test

import (
	"strings"
	"testing"

	"rubrica/shared/format"
)

func BenchmarkFormats(b *testing.B) {
	for _, c := range []struct {
		name  string
		f     func(string) (string, error)
		given string
	}{
		{"Text/ASCII", format.Text, "Via Giuseppe Garibaldi 12"},
		{"Text/accents", format.Text, "São João da Madeira"},
		{"Text/to compose", format.Text, "Sa\u0303o Joa\u0303o da Madeira"},
		{"LongText/2 KB", format.LongText, strings.Repeat("Cliente dal 2019.\n", 113)},
		{"Date", format.Date, "1990-04-01"},
		{"DateTime", format.DateTime, "2026-11-20T10:30:00+01:00"},
		{"Country", format.Country, "US"},
		{"Language", format.Language, "pt-BR"},
		{"Timezone", format.Timezone, "America/Argentina/Buenos_Aires"},
		{"URL", format.URL, "https://site.example.com/?a=1&b=2"},
		{"UserID", format.UserID, "user_7"},
		{"ExternalSystem", format.ExternalSystem, "sap"},
		{"ExternalKey", format.ExternalKey, "K-17"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.f(c.given); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
