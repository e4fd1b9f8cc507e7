package pebble

// OpenFiles opens a store over a file system of the test's making, which may be
// slow, or crash.
var OpenFiles = openFiles
