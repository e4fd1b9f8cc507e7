package main

import (
	"fmt"
	"os/exec"
	"syscall"
	"time"
	"unsafe"
)

// processorTime is the processor time that all threads of a process have used, to
// the nanosecond: of its clock, whose number is made from its id (clock_getcpuclockid,
// CPUCLOCK_SCHED). What /proc tells is rounded to hundredths of a second.
func processorTime(pid int) (time.Duration, error) {
	clock := uintptr(^uint32(pid)<<3 | 2)
	var t syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(int32(clock)), uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		return 0, fmt.Errorf("the processor time of process %d: %w", pid, errno)
	}
	return time.Duration(t.Nano()), nil
}

// apart makes a process end with this one, however that ends.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
