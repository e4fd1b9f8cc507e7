package audit_test

import (
	"testing"

	"rubrica/shared/audit"
)

func TestGaps(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		versions []int64 // of subject a; below zero, of subject b
		want     int
	}{
		"none":                     {},
		"one":                      {versions: []int64{7}},
		"whole":                    {versions: []int64{4, 3, 2, 1}},
		"the oldest expired":       {versions: []int64{9, 8, 7}},
		"one is missing":           {versions: []int64{4, 2, 1}, want: 1},
		"several are missing":      {versions: []int64{9, 5, 4, 1}, want: 5},
		"two at one version":       {versions: []int64{3, 2, 2, 1}},
		"another subject's":        {versions: []int64{5, -2, 4, -1}},
		"another subject's is not": {versions: []int64{5, -3, 4, -1}, want: 1},
	} {
		var entries []audit.Entry
		for _, v := range c.versions {
			e := audit.Entry{Subject: "a", Version: v}
			if v < 0 {
				e = audit.Entry{Subject: "b", Version: -v}
			}
			entries = append(entries, e)
		}
		if got := audit.Gaps(entries); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
