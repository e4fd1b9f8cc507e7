//go:build linux && cgo

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"
)

// What C allocates is in one place: glibc has set aside no other. It does so in parts
// of 64 MiB, at multiples of that, of which it can use the first part only until it
// needs more. Go does as well, for its own memory, where a variable of ours is.
func TestCMemoryIsInOnePlace(t *testing.T) {
	t.Parallel()
	const part = 64 << 20
	ours := uint64(uintptr(unsafe.Pointer(new([1 << 16]byte))))
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	var began, end uint64
	for line := range strings.Lines(string(maps)) {
		var from, to uint64
		var rights string
		if _, err := fmt.Sscanf(line, "%x-%x %s", &from, &to, &rights); err != nil {
			t.Fatal(line, err)
		}
		switch {
		case strings.HasPrefix(rights, "rw") && from%part == 0 && ours/part != from/part:
			began, end = from, to
		case strings.HasPrefix(rights, "---") && from == end && to == began+part:
			t.Errorf("%x has %d KiB in use of 64 MiB", began, (end-began)>>10)
		}
	}
}
