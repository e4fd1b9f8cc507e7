//go:build !linux

package main

const bulkNiceness, mergeNiceness = 0, 0

// givesWay says that giveWay does anything.
const givesWay = false

// giveWay does nothing where threads have no priority of their own.
func giveWay(int) {}
