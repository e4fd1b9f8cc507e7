//go:build !race

package sweep

// embeddedEvery is of how many calls that one fault fits the embedded engine sees
// one, operationsEvery of how many operations.
const (
	embeddedEvery   = 1
	operationsEvery = 1
)
