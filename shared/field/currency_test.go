package field_test

import (
	"slices"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/currency"

	"rubrica/shared/field"
)

// TestCurrencies holds every three letters against x/text, which knows the codes
// up to 2018, and what has come since.
func TestCurrencies(t *testing.T) {
	t.Parallel()
	since := []string{"MRU", "SLE", "UYW", "VED", "VES", "XAD", "XCG", "ZWG"}
	d := field.Definition{Key: "price", Type: field.Currency}
	letters := []byte(" -aABCDEFGHIJKLMNOPQRSTUVWXYZ")
	for _, a := range letters {
		for _, b := range letters {
			for _, c := range letters {
				code := string([]byte{a, b, c})
				unit, err := currency.ParseISO(code)
				known := err == nil && unit.String() == code && code != "XXX" && code != "XTS"
				_, wrong := d.Value("price", jsontext.Value(`{"amount":"1","currency":"x`+code+`"}`))
				if len(wrong) == 0 {
					t.Errorf("x%s is taken for money", code)
				}
				_, wrong = d.Value("price", jsontext.Value(`{"amount":"1","currency":"`+code+`"}`))
				if want := known || slices.Contains(since, code); want != (len(wrong) == 0) {
					t.Errorf("%q is money: %t, want %t", code, len(wrong) == 0, want)
				}
			}
		}
	}
}
