package main

import (
	"os/exec"
	"syscall"
)

// apart puts an engine into a process group of its own, out of the terminal's
// reach, so that an interrupt ends the command first; should this program be
// killed, the kernel kills the engine.
func apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// kill kills an engine and whatever it started.
func kill(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
