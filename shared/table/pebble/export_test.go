package pebble

// OpenFiles opens a store over a file system of the test's making, which may be
// slow, or crash.
var OpenFiles = openFiles

func Metrics(s *Store) string { return s.db.Metrics().String() }
