package field

import "golang.org/x/text/currency"

// currencyCode tells whether s is an ISO 4217 code in capital letters.
func currencyCode(s string) bool {
	unit, err := currency.ParseISO(s)
	return err == nil && unit.String() == s
}
