//go:build cgo

package main

// #include <stdlib.h>
// #if defined(__linux__) && defined(__GLIBC__)
// #include <malloc.h>
// static void one_arena(void) { mallopt(M_ARENA_MAX, 1); }
// #else
// static void one_arena(void) {}
// #endif
import "C"

// storeInHeap is how much the embedded store keeps in Go's memory: its cache is in
// C's where there is a C compiler.
const storeInHeap = 0

// keepTogether has glibc keep what C allocates in one place. By itself it opens one for
// each of several threads: beside a deletion of 300,000 contacts the process had 294
// MiB instead of 199, at the same speed.
func keepTogether() { C.one_arena() }
