//go:build !race

package e2e

// underRace says that the race detector makes everything several times slower.
const underRace = false
