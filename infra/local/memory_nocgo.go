//go:build !cgo

package main

import "rubrica/shared/table/pebble"

// storeInHeap is how much the embedded store keeps in Go's memory: its cache, where
// there is no C compiler.
const storeInHeap = pebble.CacheSize
