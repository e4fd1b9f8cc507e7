//go:build cgo

package main

// storeInHeap is how much the embedded store keeps in Go's memory: its cache is in
// C's where there is a C compiler.
const storeInHeap = 0
