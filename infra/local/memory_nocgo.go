//go:build !cgo

package main

// storeInHeap is how much the embedded store keeps in Go's memory: its cache, where
// there is no C compiler.
const storeInHeap = 80 << 20
