//go:build race

package sweep

const embeddedEvery = 8
