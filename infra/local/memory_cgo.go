//go:build cgo

package main

// #include <stdlib.h>
// #if defined(__linux__) && defined(__GLIBC__)
// #include <malloc.h>
//
// // What C allocates is kept in one place. By itself glibc opens one for each of
// // several threads, and each keeps what it once had: a million contacts took 30 MiB
// // more. It is to be told before there are threads, which is before Go's main:
// // those that Go's runtime starts first have opened several by then.
// __attribute__((constructor)) static void one_arena(void) { mallopt(M_ARENA_MAX, 1); }
// #endif
import "C"

// storeInHeap is how much the embedded store keeps in Go's memory: its cache is in
// C's where there is a C compiler.
const storeInHeap = 0
