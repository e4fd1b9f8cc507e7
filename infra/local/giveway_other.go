//go:build !linux

package main

// giveWay does nothing where threads have no priority of their own.
func giveWay() {}
