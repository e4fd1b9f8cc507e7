package e2e

import "syscall"

// dieWithTest lets the kernel kill a process whose test was killed itself.
func dieWithTest() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
