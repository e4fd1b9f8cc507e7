package e2e

import (
	"fmt"
	"strings"
)

// Addresses, numbers and the like that are good, each another one.

func addresses(n int) []any {
	return list(n, func(i int) any { return fmt.Sprintf("a%d@example.com", i) })
}

func numbers(n int) []any { return list(n, func(i int) any { return number(i) }) }

func users(n int) []any { return list(n, func(i int) any { return fmt.Sprintf("user_%d", i) }) }

func systems(n int) Object {
	o := Object{}
	for i := range n {
		o[fmt.Sprintf("system%d", i)] = "K"
	}
	return o
}

func list(n int, element func(int) any) []any {
	all := make([]any, n)
	for i := range all {
		all[i] = element(i)
	}
	return all
}

// number is an Italian mobile number.
func number(i int) string { return fmt.Sprintf("+39351%07d", 1_000_000+i) }

// escaped is a text as it stands in one segment of a path.
func escaped(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~:@+", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
