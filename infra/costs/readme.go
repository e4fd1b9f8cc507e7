package main

import (
	"fmt"
	"strings"
)

// The markers that the table stands between.
const (
	opening = "<!-- costs -->"
	closing = "<!-- /costs -->"
)

// between returns what stands before, between and behind the markers of a text.
func between(text string) (before, inside, behind string, err error) {
	before, rest, ok := strings.Cut(text, opening)
	inside, behind, closed := strings.Cut(rest, closing)
	if !ok || !closed || strings.Contains(behind, opening) {
		return "", "", "", fmt.Errorf("want one %s and one %s behind it", opening, closing)
	}
	return before, inside, behind, nil
}

// replace returns the text with the table between its markers.
func replace(text, table string) (string, error) {
	before, _, behind, err := between(text)
	return before + opening + "\n" + table + closing + behind, err
}
