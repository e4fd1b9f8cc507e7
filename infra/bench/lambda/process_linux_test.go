package main

import (
	"os"
	"testing"
	"time"
)

func TestProcessesAreMeasured(t *testing.T) {
	t.Parallel()
	before, err := processorTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for sum, until := 0, time.Now().Add(5*time.Millisecond); time.Now().Before(until); sum++ {
		continue
	}
	after, err := processorTime(os.Getpid())
	if err != nil || after <= before {
		t.Errorf("from %s to %s, %v", before, after, err)
	}
	if n, err := peakMemory(os.Getpid()); err != nil || n < 1<<20 {
		t.Errorf("%d bytes resident, %v", n, err)
	}
	if _, err := processorTime(1<<22 + 1); err == nil {
		t.Error("a process with an id that there cannot be has used time")
	}
}
