//go:build !linux

package main

import "os/exec"

// apart does nothing where the kernel cannot tie one process to another.
func apart(*exec.Cmd) {}

// kill kills an engine.
func kill(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
