package main

import (
	"runtime"
	"syscall"
)

const (
	// bulkNiceness is by how much nicer a thread is that does bulk work: it gets a tenth
	// of what each other thread gets that wants the same processor, so that what it holds
	// is not held for long, and all that they leave.
	bulkNiceness = 10
	// mergeNiceness is that of a thread that writes files meanwhile, which gets a third:
	// writes of everybody stop where it does not keep up with them.
	mergeNiceness = 5
	// nicest is the lowest priority that there is.
	nicest = 19
)

// givesWay says that giveWay does anything.
const givesWay = true

// giveWay lowers the priority of the calling goroutine until it ends: of the
// thread that it is tied to from here on, and which ends with it, for only who is
// privileged could raise it again. Where it fails the thread stays as all others.
func giveWay(niceness int) {
	runtime.LockOSThread()
	if now, err := nice(); err == nil {
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), min(now+niceness, nicest))
	}
}

// nice is how nice the calling thread is.
func nice() (int, error) {
	n, err := syscall.Getpriority(syscall.PRIO_PROCESS, syscall.Gettid())
	return 20 - n, err // the kernel answers so, for an answer below zero is an error
}
