//go:build !race

package sweep

// embeddedEvery is of how many calls that one fault fits the embedded engine sees
// one.
const embeddedEvery = 1
