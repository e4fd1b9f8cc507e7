//go:build race

package sweep

// The detector takes ten times as long, and looks for something else than the
// sweep: one call of every few, in one operation of every few, others each time.
const (
	embeddedEvery   = 8
	operationsEvery = 5
)
